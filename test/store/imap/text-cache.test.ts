import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { type TextCache, textCache } from '../../../src/store/imap/look/text-cache.js';
import { scratch } from '../../end-to-end/site.js';

const day = 86_400_000;

function keep(cache: TextCache, ref: string, text: string): void {
  const arriving = cache.begin();
  for (const letter of text) arriving.take(Buffer.from(letter));
  arriving.keep('INBOX', ref, guidOfCanonical(Buffer.from(text)));
}

const textOf = (cache: TextCache, ref: string, mailbox = 'INBOX'): string | undefined =>
  cache.read(mailbox, ref) === null ? undefined : Buffer.from(cache.read(mailbox, ref) ?? []).toString();

test('a text that was read is there for the next run, under its mailbox and name alone', (t) => {
  const directory = join(scratch(t), 'texts');
  keep(textCache(directory, Date.now), '1.7', 'Subject: a\n\n');
  const next = textCache(directory, Date.now);
  assert.equal(textOf(next, '1.7'), 'Subject: a\n\n');
  assert.equal(textOf(next, '1.8'), undefined);
  assert.equal(textOf(next, '1.7', 'Work'), undefined);
});

test('nobody else may read it', (t) => {
  const directory = join(scratch(t), 'texts');
  keep(textCache(directory, Date.now), '1.7', 'Subject: a\n\n');
  const [name = ''] = readdirSync(directory);
  assert.deepEqual([statSync(directory).mode & 0o777, statSync(join(directory, name)).mode & 0o777], [0o700, 0o600]);
});

test('half of a text, as a power cut leaves it, is none', (t) => {
  const directory = join(scratch(t), 'texts');
  keep(textCache(directory, Date.now), '1.7', 'Subject: a\n\n');
  const [name = ''] = readdirSync(directory);
  truncateSync(join(directory, name), 5);
  assert.equal(textOf(textCache(directory, Date.now), '1.7'), undefined);
  assert.deepEqual(readdirSync(directory), []);
});

test('after a week without a use it goes, and so does what a run left that died', (t) => {
  const directory = join(scratch(t), 'texts');
  const first = textCache(directory, Date.now);
  keep(first, '1.7', 'Subject: a\n\n');
  keep(first, '1.8', 'Subject: b\n\n');
  const old =
    readdirSync(directory).find((name) => name.includes(guidOfCanonical(Buffer.from('Subject: a\n\n')))) ?? '';
  const writtenS = (Date.now() - 8 * day) / 1000;
  utimesSync(join(directory, old), writtenS, writtenS);
  writeFileSync(join(directory, 'arriving-1-1'), 'Sub');
  const next = textCache(directory, Date.now);
  assert.deepEqual([textOf(next, '1.7'), textOf(next, '1.8')], [undefined, 'Subject: b\n\n']);
  assert.equal(existsSync(join(directory, 'arriving-1-1')), false);
});

test('a text that was dropped on its way leaves nothing', (t) => {
  const directory = join(scratch(t), 'texts');
  const arriving = textCache(directory, Date.now).begin();
  arriving.take(Buffer.from('Subject'));
  arriving.drop();
  assert.deepEqual(readdirSync(directory), []);
});
