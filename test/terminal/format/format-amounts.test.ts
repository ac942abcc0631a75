import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes } from '../../../src/mail/size-for-people.js';
import { counted, grouped, listed, placeName, quoted } from '../../../src/terminal/format/format-amounts.js';
import { dateTime, duration, relative, timestamp } from '../../../src/terminal/format/format-times.js';
import { nowS } from '../run-samples.js';

test('sizes have units, and at most two digits too many', () => {
  const cases: readonly [number, string][] = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9950, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [396_000_000, '396 MB'],
    [4_294_967_295, '4.3 GB'],
    [5e15, '5000 TB'],
  ];
  for (const [count, text] of cases) assert.equal(bytes(count), text);
});

test('counts have the right plural', () => {
  assert.equal(counted(0, 'message'), '0 messages');
  assert.equal(counted(1, 'message'), '1 message');
  assert.equal(counted(12_345, 'message'), '12,345 messages');
  assert.equal(counted(2, 'mailbox', 'mailboxes'), '2 mailboxes');
  assert.equal(grouped(9999), '9999');
  assert.equal(grouped(1_234_567), '1,234,567');
  assert.equal(listed([]), '');
  assert.equal(listed(['home']), 'home');
  assert.equal(listed(['home', 'cabin', 'ship']), 'home, cabin and ship');
});

test('names are quoted where they would be misread', () => {
  assert.equal(quoted('Lists/work-2026'), 'Lists/work-2026');
  assert.equal(quoted('Sent Items'), '"Sent Items"');
  assert.equal(quoted(''), '""');
  assert.equal(placeName('-', 'output'), 'standard output');
  assert.equal(placeName('-', 'input'), 'standard input');
  assert.equal(placeName('/media/usb', 'input'), '/media/usb');
});

test('times, absolute and relative', () => {
  assert.equal(dateTime(nowS), '2026-11-24 12:00');
  assert.equal(timestamp(nowS), '2026-11-24T12:00:00Z');
  assert.equal(dateTime(1e20), '?');
  assert.equal(timestamp(1e20), null);
  const ages: readonly [seconds: number, text: string][] = [
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 minute ago'],
    [3599, '59 minutes ago'],
    [3600, '1 hour ago'],
    [47 * 3600, '47 hours ago'],
    [48 * 3600, '2 days ago'],
    [400 * 86_400, '400 days ago'],
    [-30, 'just now'],
    [-7200, 'in 2 hours'],
  ];
  for (const [age, text] of ages) assert.equal(relative(nowS - age, nowS), text);
  assert.equal(duration(0.2), '1 s');
  assert.equal(duration(130), '2 min 10 s');
  assert.equal(duration(3900), '1 h 5 min');
});
