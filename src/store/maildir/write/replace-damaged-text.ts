import { lutimesSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createLargeFile, syncPath } from '../../../fs/durable-write.js';
import { errnoOf } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';
import { type FileStamp, sameStamp, sameTime } from '../../../mail/file-change-stamp.js';
import type { Delivery } from '../../../mail/mailbox-change.js';
import { unpacked } from '../../../mail/packed/unpack.js';
import { isUntaken } from '../../../mail/packed/unreadable-file-reasons.js';
import { canonicalText, wireSize, wireText } from '../../../mail/text/canonical-text.js';
import { hasSoundHeader } from '../../../mail/text/is-header-sound.js';
import { areRemains, beginsWith } from '../../../mail/text/is-truncated-text.js';
import { type Guid, guidOfCanonical } from '../../../mail/text/text-guid.js';
import { type OpenedMessage, openStored, readStored } from '../../host-files/read-stored-file.js';
import { linked } from '../../host-files/try-hard-link.js';
import type { Replacement } from '../../interface/mail-store.js';
import { whileFilesRest } from '../files/lock-uidlist.js';
import { type Mailbox, withMessageFile } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { claimedSize } from '../layout/message-base-name.js';
import { stampOf } from '../read/digest-file.js';
import { diskErrnos } from '../read/digest-messages.js';

const CR = 0x0d;
const LF = 0x0a;

/**
 * What `MailStore.replaceText` promises, for a Maildir. The new file takes the name of the old one in one step, so that
 * there is a message under it at every instant.
 */
export async function replaceText(
  parts: MaildirParts,
  mailbox: Mailbox,
  { ref, guid, text, file }: Replacement,
): Promise<'done' | 'gone' | 'no-text' | 'written-anew'> {
  const canonical = await textOf(parts, guid, text);
  if (canonical === null) return 'no-text';
  const { directory } = mailbox.folder;
  const { party } = parts;
  const seen = withMessageFile(mailbox, ref, {
    party,
    use: (path) => ({ stamp: stampOf(statSync(path, { bigint: true })), opened: openIfPossible(path) }),
  });
  if (seen === null) return 'gone';
  const { opened } = seen;
  const bytes = opened && (await readStored(opened, party.signal).catch(nullOfDisk));
  const isDated = file !== null && !sameTime(seen.stamp, file);
  if (isDated && bytes !== null && (await isWrittenAnew(bytes, canonical))) return 'written-anew';
  const endsInCrlf = bytes !== null && (await hasCrlf(bytes));
  const temporary = join(directory, 'tmp', `mrepl.ready.${process.pid}.${guid}`);
  removeName(temporary);
  try {
    await createLargeFile(temporary, storedForm(canonical, ref, endsInCrlf), party);
    const exchange = (keep: (path: string) => boolean): Promise<'done' | 'gone' | 'not-kept'> =>
      exchangeFiles(parts, mailbox, { ref, temporary, keep, seen: seen.stamp, date: isDated ? file : null });
    const aside = parts.trash.asidePath(guid);
    // What cannot be read is lost anyhow.
    const outcome = await exchange((path) => linked(path, aside) || bytes === null);
    if (outcome !== 'not-kept' || bytes === null) return outcome === 'done' ? 'done' : 'gone';
    await createLargeFile(aside, bytes, party); // on another disk, for one
    if ((await exchange(() => true)) === 'done') return 'done';
    removeName(aside);
    return 'gone';
  } finally {
    removeName(temporary);
  }
}

/** `keep`: keeps what is about to be replaced elsewhere; nothing is replaced where it does not. */
type Exchange = {
  readonly ref: string;
  readonly temporary: string;
  readonly keep: (path: string) => boolean;
  /** As the old file was when it was read. */
  readonly seen: FileStamp;
  /** Whose date the new one gets; null where that is the old file's own. */
  readonly date: FileStamp | null;
};

async function exchangeFiles(
  parts: MaildirParts,
  mailbox: Mailbox,
  { ref, temporary, keep, seen, date }: Exchange,
): Promise<'done' | 'gone' | 'not-kept'> {
  const outcome = await whileFilesRest(parts, mailbox.folder, () =>
    withMessageFile(mailbox, ref, {
      party: parts.party,
      use(path) {
        const stats = statSync(path, { bigint: true });
        if (!sameStamp(stampOf(stats), seen)) return 'gone'; // or being written: the next run sees
        if (!keep(path)) return 'not-kept';
        const { mtimeNs } = date ?? stats;
        lutimesSync(temporary, secondsOf(stats.atimeNs), secondsOf(mtimeNs));
        syncPath(temporary);
        renameSync(temporary, path);
        syncPath(join(path, '..'));
        return 'done';
      },
    }),
  );
  return outcome ?? 'gone';
}

function secondsOf(ns: bigint): number {
  return Number(ns) / 1e9;
}

/**
 * Is what somebody has written there a message, and not merely what is left of this text? Only here both are at hand,
 * so that a few bytes tell; before, what is known of the text has to do.
 */
async function isWrittenAnew(bytes: Uint8Array, canonical: Uint8Array): Promise<boolean> {
  const plain = await unpacked(bytes);
  if (isUntaken(plain)) return false;
  const found = canonicalText(plain);
  return hasSoundHeader(found) && !areRemains(found, (beginning) => beginsWith(canonical, beginning));
}

/** Null where it is not there, or is another text. */
async function textOf(parts: MaildirParts, guid: Guid, text: Delivery['text']): Promise<Uint8Array | null> {
  const { party } = parts;
  let opened: OpenedMessage | null;
  if (text === 'spool') {
    const path = await parts.spool.find(guid);
    opened = path === null ? null : openStored(path);
  } else {
    const from = parts.mailbox(text.mailbox);
    opened = 'problem' in from ? null : withMessageFile(from, text.ref, { party, use: openStored });
  }
  const plain = opened && (await unpacked(await readStored(opened, party.signal)));
  if (plain === null || isUntaken(plain)) return null;
  const canonical = canonicalText(plain);
  return guidOfCanonical(canonical) === guid ? canonical : null;
}

/** As large as the name says, where it does: Dovecot believes it. Else with the line ends that the old file has. */
function storedForm(canonical: Uint8Array, ref: string, endsInCrlf: boolean): Uint8Array {
  const claimed = claimedSize(ref);
  if (claimed === canonical.length) return canonical;
  return endsInCrlf || claimed === wireSize(canonical) ? wireText(canonical) : canonical;
}

async function hasCrlf(bytes: Uint8Array): Promise<boolean> {
  const text = await unpacked(bytes);
  return !isUntaken(text) && text[text.indexOf(LF) - 1] === CR;
}

/** Null where the disk does not give it. */
function openIfPossible(path: string): OpenedMessage | null {
  try {
    return openStored(path);
  } catch (error) {
    return nullOfDisk(error);
  }
}

/** Null for an error of the disk; any other is thrown on. */
function nullOfDisk(error: unknown): null {
  if (!diskErrnos.has(errnoOf(error) ?? '')) throw error;
  return null;
}
