import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notTaken, type Untaken } from '../../../src/mail/packed/unreadable-file-reasons.js';

const bzip2: Untaken = { container: 'bzip2', problem: 'unread' };
const sealed: Untaken = { container: 'mail_crypt', problem: 'unread' };
const broken: Untaken = { container: 'gzip', problem: 'broken' };

test('one file is named by what it is', () => {
  assert.equal(notTaken('INBOX', [sealed]).message, 'a message file in INBOX is not taken: encrypted by mail_crypt');
});

test('files of one kind are counted once', () => {
  const { message, hint } = notTaken('INBOX', [bzip2, bzip2, bzip2]);
  assert.equal(message, '3 message files in INBOX are not taken: compressed with bzip2');
  assert.match(hint ?? '', /gzip and zstd are read/);
});

test('files of several kinds are one sentence, the most numerous first', () => {
  const { message } = notTaken('Work', [sealed, bzip2, broken, bzip2]);
  assert.equal(
    message,
    '4 message files in Work are not taken: 2 compressed with bzip2, 1 broken gzip, 1 encrypted by mail_crypt',
  );
});

test('what is only broken needs a backup', () => {
  assert.match(notTaken('INBOX', [broken]).hint ?? '', /backup/);
});

test('what is encrypted only the mail server can write anew', () => {
  assert.match(notTaken('INBOX', [sealed]).hint ?? '', /mail server/);
});
