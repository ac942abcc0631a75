import { inbox, type MailboxName } from './mailbox-name.js';

/**
 * A test for mailbox names by patterns as a user types them: `*` stands for any characters, also `/`, `?` for one. No
 * pattern at all takes every mailbox. A pattern that names a mailbox takes its children only where it ends in `*`.
 */
export function mailboxFilter(patterns: readonly string[]): (mailbox: MailboxName) => boolean {
  if (patterns.length === 0) return () => true;
  const tests = patterns.map((pattern) => (/^inbox$/i.test(pattern) ? [...inbox] : [...pattern.normalize('NFC')]));
  return (mailbox) => {
    const name = [...mailbox]; // characters, not halves of them
    return tests.some((pattern) => matches(pattern, name, () => undefined));
  };
}

/**
 * At the most as many comparisons as the one is long times the other, however many stars there are: where a character
 * does not fit, only the last star takes one more, as what stood before it has found its first place. `compared` is
 * told of each.
 */
export function matches(pattern: readonly string[], name: readonly string[], compared: () => void): boolean {
  let at = 0;
  let inName = 0;
  let star = -1;
  let afterStar = 0;
  while (inName < name.length) {
    compared();
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      afterStar = inName;
    } else if (pattern[at] === '?' || (at < pattern.length && pattern[at] === name[inName])) {
      at += 1;
      inName += 1;
    } else {
      if (star < 0) return false;
      at = star + 1;
      afterStar += 1;
      inName = afterStar;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
