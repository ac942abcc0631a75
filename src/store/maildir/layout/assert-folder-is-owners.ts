import { join } from 'node:path';
import { assertOwnPath } from '../../../fs/open-untrusted-file.js';
import { mailboxParts } from './escape-folder-name.js';
import type { Folder } from './folder-paths.js';
import type { MaildirLocation } from './maildir-location.js';

/**
 * Throws `UnusableFile` where a directory of the mailbox, or one above it in the store, is a link that is not followed:
 * one that neither the owner of the store nor root has made, or to what is not that owner's.
 */
export function assertOwnFolder(location: MaildirLocation, folder: Folder): void {
  const top = folder.directory === location.inbox ? location.inbox : location.root;
  for (const part of mailboxParts) assertOwnPath(top, join(folder.directory, part));
  if (location.control !== null) assertOwnPath(location.control, folder.control);
}
