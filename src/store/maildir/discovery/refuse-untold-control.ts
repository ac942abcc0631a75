import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { advice, Failure, typed } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import { readTree } from '../files/folder-tree.js';
import { hasUidList } from '../files/mailbox-listing-and-uidlist.js';
import type { Folder } from '../layout/folder-paths.js';
import { formatMaildirLocation, type MaildirLocation } from '../layout/maildir-location.js';
import { parseMessageFileName } from '../layout/message-file-name-flags.js';

/** Files that Dovecot keeps beside the mail unless INDEX= says otherwise. */
const indexFiles: readonly string[] = ['dovecot.index', 'dovecot.index.log', 'dovecot.index.cache'];

/**
 * Stops whoever did not say where Dovecot keeps UID lists and the names of keywords: indexes without any UID list
 * beside them, or keyword letters that nothing names, show that they are elsewhere. UIDs and keywords would not be
 * carried, and nothing would say so. Throws `usage`; and what reading a tree throws.
 */
export function refuseUntoldControl(location: MaildirLocation): void {
  if (location.control !== null) return;
  const folders = [...readTree(location).folders.values()];
  if (folders.some(hasUidList)) return;
  const why = folders.map((folder) => signOf(folder)).find((sign) => sign !== null);
  if (why === undefined) return;
  const spec = formatMaildirLocation(location);
  throw new Failure(
    'usage',
    `cannot use the store ${spec}: ${why}, so they are elsewhere: UIDs and keywords would not be carried`,
    {
      hint: advice`Say where, as CONTROL= in the output of "doveconf -h mail_location", or that of "doveconf -h mail_control_path": ${typed('mrepl', 'init', `${spec}:CONTROL=PATH`)} If they are nowhere: ${typed('mrepl', 'init', `${spec}:CONTROL=${location.root}`)}`,
    },
  );
}

function signOf({ directory, control }: Folder): string | null {
  const names = ifPresent(() => readdirSync(join(directory, 'cur'))) ?? [];
  if (names.length === 0) return null; // the list of a mailbox that never held mail may not be written yet
  if (indexFiles.some((name) => existsSync(join(directory, name)))) {
    return `Dovecot has its index in ${directory}, and no UID list there`;
  }
  const hasLetters = names.some((name) => /[a-z]/.test(parseMessageFileName(name).letters));
  if (!hasLetters || existsSync(join(control, 'dovecot-keywords'))) return null;
  return `messages in ${directory} have keywords, and no file "dovecot-keywords" there names them`;
}
