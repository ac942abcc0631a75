import { lutimesSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncPath } from '../../../fs/durable-write.js';
import { sameStamp, secondOf } from '../../../mail/file-change-stamp.js';
import { unpacked } from '../../../mail/packed/unpack.js';
import { isUntaken } from '../../../mail/packed/unreadable-file-reasons.js';
import { wireSize } from '../../../mail/text/canonical-text.js';
import { openStored, readStored } from '../../host-files/read-stored-file.js';
import type { Apart, NamedApart } from '../../interface/mail-store.js';
import { baseOf, uidNextOf } from '../dovecot/uidlist-format.js';
import { whileFilesRest } from '../files/lock-uidlist.js';
import { type Mailbox, readUidList, withMessageFile, writeUidList } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { sizeFields } from '../layout/message-base-name.js';
import { stampOf } from '../read/digest-file.js';

/**
 * What `MailStore.nameApart` promises, for a Maildir: a name that says the sizes of what lies there now, as Dovecot
 * believes them: of the plain text where it is packed, and none where that cannot be read.
 */
export async function nameApart(parts: MaildirParts, mailbox: Mailbox, ref: string): Promise<NamedApart | null> {
  const { party } = parts;
  const seen = withMessageFile(mailbox, ref, {
    party,
    use: (path) => ({ file: stampOf(statSync(path, { bigint: true })), opened: openStored(path) }),
  });
  if (seen === null) return null;
  const text = await unpacked(await readStored(seen.opened, party.signal));
  const fields = isUntaken(text) ? '' : sizeFields({ sizeBytes: text.length, wireBytes: wireSize(text) });
  return { as: parts.freshBase(fields), file: seen.file };
}

/**
 * What `MailStore.setApart` promises, for a Maildir: the file gets another base name, and its record goes from the UID
 * list, as clients have the old text under the UID that stands there. To a mail server that is one message expunged and
 * one that arrived.
 */
export async function setApart(
  parts: MaildirParts,
  mailbox: Mailbox,
  { ref, as, file, receivedS }: Apart,
): Promise<boolean> {
  const { party } = parts;
  const isDone = await whileFilesRest(parts, mailbox.folder, () => {
    const renamed = withMessageFile(mailbox, ref, {
      party,
      use(path) {
        const stats = statSync(path, { bigint: true });
        if (!sameStamp(stampOf(stats), file)) return false;
        const fresh = join(dirname(path), as + basename(path).slice(ref.length));
        // The date of a file is that of all its links, by which it is told that they were written anew, too.
        if (stats.nlink === 1n && secondOf(file) > receivedS) lutimesSync(path, receivedS, receivedS);
        renameSync(path, fresh);
        syncPath(dirname(fresh));
        return true;
      },
    });
    if (renamed === true) dropRecord(parts, mailbox, ref);
    return renamed;
  });
  mailbox.listing = null;
  return isDone === true;
}

/** Under the lock. UIDNEXT stays, whatever record goes. */
function dropRecord({ party }: MaildirParts, { folder }: Mailbox, ref: string): void {
  const list = readUidList(folder);
  const records = list?.records.filter(({ name }) => baseOf(name) !== ref) ?? [];
  if (list === null || records.length === list.records.length) return;
  writeUidList(folder, { ...list, headerUidNext: uidNextOf(list), records }, party);
}
