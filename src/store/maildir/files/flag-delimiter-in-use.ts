import type { Delimiter } from '../layout/message-file-name-flags.js';
import { type Listable, type Listing, listFolder, parseMessagePath } from './list-message-files.js';

/**
 * What stands before the flags of most files; of as many, the first of the three. Null where no file says anything of
 * flags.
 */
export function mostUsed({ files }: Pick<Listing, 'files'>): Delimiter | null {
  const counts = new Map<Delimiter, number>([
    [':', 0],
    [';', 0],
    ['!', 0],
  ]);
  for (const path of files.values()) {
    const { delimiter } = parseMessagePath(path, true);
    if (delimiter !== null) counts.set(delimiter, (counts.get(delimiter) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most === undefined || most[1] === 0 ? null : most[0];
}

/** The same of the first mailbox that has any; a colon where none has. */
export function usualDelimiter(mailboxes: Iterable<Listable>, now: () => number): Delimiter {
  for (const mailbox of mailboxes) {
    const listing = listFolder(mailbox, now);
    const found = listing && mostUsed(listing);
    if (found !== null) return found;
  }
  return ':';
}
