import { statSync } from 'node:fs';
import { advice, Failure, typed } from '../../../failure.js';
import { type Custody, privateCustody } from '../../../fs/durable-write.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { notMaildir } from './check-layout.js';

/**
 * Who may do what with new files of a Maildir: they are open to its group as the Maildir itself is. Throws
 * `store-absent` where there is no directory.
 */
export function custodyOf(location: MaildirLocation): Custody {
  let found: ReturnType<typeof statSync>;
  try {
    found = statSync(location.root);
  } catch (error) {
    throw new Failure('store-absent', `opening the mail store: there is no directory ${location.root}`, {
      hint: advice`Is its disk mounted? For a new store make the directories cur, new and tmp in it. If it was moved: ${typed('mrepl', 'relocate', 'STORE')}`,
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
