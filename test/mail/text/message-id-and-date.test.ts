import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf, sameOrigin } from '../../../src/mail/text/message-id-and-date.js';

const of = (text: string) => originOf(Buffer.from(text));

test('a mail is known again by Message-ID and date, however they are folded and spelt', () => {
  const a = of('Message-ID: <a@b>\nDate: Tue, 05 May 2026 10:00:00 +0000\n\nbody\n');
  const b = of('Received: x\r\nDATE: Tue, 05 May 2026\r\n 10:00:00 +0000\r\nMessage-Id:\r\n <a@b>\r\n\r\nother\r\n');
  assert.deepEqual(a, { messageId: '<a@b>', date: 'Tue, 05 May 2026 10:00:00 +0000' });
  assert.ok(sameOrigin(a, b));
  assert.ok(!sameOrigin(a, of('Message-ID: <a@c>\nDate: Tue, 05 May 2026 10:00:00 +0000\n\n')));
});

test('without either of them, or with one that is empty, it is not', () => {
  for (const text of [
    'Message-ID: <a@b>\n\n',
    'Date: x\n\n',
    'Message-ID: \nDate: x\n\n',
    '\nMessage-ID: a\nDate: x\n',
    '',
  ])
    assert.equal(of(text), null, text);
  assert.ok(!sameOrigin(null, null));
});
