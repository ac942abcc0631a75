import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoggedMessage, logDetailsOf, loggedMessagesMax } from '../../src/flow/reports/logged-message.js';

test('an entry of the log names so many messages, and counts the rest', () => {
  const message: LoggedMessage = {
    what: 'comes',
    mailbox: 'INBOX',
    from: null,
    guid: 'a1'.repeat(32),
    uid: 1,
    receivedS: 1,
    sizeBytes: 1,
    by: 'b2'.repeat(16),
  };
  const { messages, moreMessages } = logDetailsOf(Array.from({ length: loggedMessagesMax + 7 }, () => message));
  assert.deepEqual([messages.length, moreMessages], [loggedMessagesMax, 7]);
});
