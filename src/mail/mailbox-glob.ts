import type { MailboxName } from './mailbox-name.js';

/**
 * A test for mailbox names by patterns as a user types them: `*` stands for any characters, also `/`, `?` for one. No
 * pattern at all takes every mailbox. A pattern that names a mailbox takes its children only where it ends in `*`.
 */
export function mailboxFilter(patterns: readonly string[]): (mailbox: MailboxName) => boolean {
  if (patterns.length === 0) return () => true;
  const tests = patterns.map((pattern) => {
    const source = pattern
      .normalize('NFC')
      .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${/^inbox$/i.test(pattern) ? 'INBOX' : source}$`, 'su');
  });
  return (mailbox) => tests.some((test) => test.test(mailbox));
}
