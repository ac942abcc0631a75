import { statSync } from 'node:fs';
import { type Advice, advice, Failure, typed } from '../../../failure.js';
import { type Custody, privateCustody } from '../../../fs/durable-write.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { notMaildir } from './check-layout.js';

/** What to do where the store of an account is not there. */
const ifItWasThere = advice`Is its disk mounted? If the mail was moved: ${typed('mrepl', 'relocate', 'STORE')}`;

/** What to do where a store that was named just now is not there. */
export const ifItIsNew =
  'Is its disk mounted, and the path right? A new Maildir is a directory with the empty directories cur, new and tmp in it.';

/**
 * Who may do what with new files of a Maildir: they are open to its group as the Maildir itself is. Throws
 * `store-absent`, with `hint`, where there is no directory.
 */
export function custodyOf(location: MaildirLocation, hint: string | Advice = ifItWasThere): Custody {
  let found: ReturnType<typeof statSync>;
  try {
    found = statSync(location.root);
  } catch (error) {
    throw new Failure('store-absent', `opening the mail store: there is no directory ${location.root}`, {
      hint,
      cause: error,
    });
  }
  if (!found.isDirectory()) throw notMaildir(location, 'it is not a directory');
  const mode = found.mode & 0o2777; // with the bit that makes directories inherit their group
  return {
    fileMode: privateCustody.fileMode | (mode & 0o060),
    dirMode: privateCustody.dirMode | mode,
  };
}
