import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../../../fs/errno.js';
import { assertOwnPath, UnusableFile } from '../../../fs/open-untrusted-file.js';
import { mailboxParts } from './escape-folder-name.js';
import type { Folder } from './folder-paths.js';
import type { MaildirLocation } from './maildir-location.js';

/**
 * Throws `UnusableFile` where a directory of the mailbox, or one above it in the store, is a link that is not followed:
 * one that neither the owner of the store nor root has made, or to what is not that owner's; or where two of its
 * directories are one, so that each file in it has two names, of which the second would be removed as one too many.
 */
export function assertOwnFolder(location: MaildirLocation, folder: Folder): void {
  const top = folder.directory === location.inbox ? location.inbox : location.root;
  for (const part of mailboxParts) assertOwnPath(top, join(folder.directory, part));
  const seen = new Map<string, string>();
  for (const part of mailboxParts) {
    const path = join(folder.directory, part);
    const stats = ifPresent(() => statSync(path, { bigint: true }));
    if (stats === null) continue;
    const place = `${stats.dev} ${stats.ino}`;
    const other = seen.get(place);
    if (other !== undefined) throw new UnusableFile('EFTYPE', 'link', `${path} is the same directory as ${other}`);
    seen.set(place, path);
  }
  if (location.control !== null) assertOwnPath(location.control, folder.control);
}
