import { join } from 'node:path';
import { inbox } from '../../../mail/mailbox-name.js';
import { nameOfSpelledParts, partsOfFolder } from '../layout/folder-name-mapping.js';
import { subdirectories } from '../layout/list-subdirectories.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { hasCur } from './folder-kind.js';

/**
 * The location, with the inbox where mbsync, OfflineIMAP and others put it: in a directory of that name, `INBOX` or
 * `.INBOX`, where the root itself is no mailbox. For an account that is set up: from then on the inbox is where it is
 * said to be. Other file errors than absence are thrown.
 */
export function withOwnInbox(location: MaildirLocation): MaildirLocation {
  const { root } = location;
  if (location.inbox !== null || hasCur(root)) return location;
  const found = (subdirectories(root) ?? []).filter(({ name, path }) => {
    if (typeof path !== 'string' || (location.layout === 'maildir++' && !name.startsWith('.'))) return false;
    return nameOfSpelledParts(partsOfFolder(name, location), location) === inbox && hasCur(path);
  });
  found.sort((a, b) => Number(b.name.endsWith(inbox)) - Number(a.name.endsWith(inbox)));
  const [first] = found;
  return first === undefined ? location : { ...location, inbox: join(root, first.name) };
}
