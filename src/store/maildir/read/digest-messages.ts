import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { Digest, UntakenMessage } from '../../../mail/mailbox-scan.js';
import { unpacked } from '../../../mail/packed/unpack.js';
import { isUntaken, notReadable } from '../../../mail/packed/unreadable-file-reasons.js';
import { openStored, readStored } from '../../host-files/read-stored-file.js';
import { baseOf, guidField } from '../dovecot/uidlist-format.js';
import { lastSeenPath, type Mailbox, readUidList, withMessageFile } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { stampOf } from './digest-file.js';
import type { DigestPool } from './digest-worker-pool.js';
import { type FileAnswer, tryDigest } from './try-digest-file.js';

/** What Linux answers for content that the disk does not give, or gives garbled. */
export const diskErrnos: ReadonlySet<string> = new Set(['EIO', 'EUCLEAN', 'EBADMSG', 'ENODATA']);

/** What `MailStore.digest` promises, for a Maildir. */
export async function* digestMessages(
  parts: MaildirParts,
  mailbox: Mailbox,
  work: { readonly refs: readonly string[]; readonly pool: DigestPool },
): AsyncIterable<Digest | UntakenMessage | Trouble> {
  if (work.refs.length === 0) return;
  const hints = hintsOf(mailbox);
  const answer = (ref: string, found: FileAnswer): Digest | UntakenMessage | Trouble => {
    if ('container' in found) return { ref, untaken: found };
    return 'guid' in found ? { ref, ...found, hint: hints.get(ref) ?? ref } : unreadable(mailbox, ref, found);
  };
  const refs: string[] = [];
  const paths: string[] = [];
  const elsewhere: string[] = []; // renamed by somebody since they were listed, or gone
  for (const ref of work.refs) {
    const path = lastSeenPath(mailbox, ref, parts.party);
    if (path === null) elsewhere.push(ref);
    else {
      refs.push(ref);
      paths.push(path);
    }
  }
  for await (const group of work.pool.run(paths)) {
    for (const [index, found] of group.answers.entries()) {
      const ref = refs[group.from + index];
      if (ref === undefined) continue;
      if ('errno' in found && found.errno === 'ENOENT') elsewhere.push(ref);
      else yield answer(ref, found);
    }
  }
  if (elsewhere.length > 0) mailbox.listing = null;
  for (const ref of elsewhere) {
    const path = lastSeenPath(mailbox, ref, parts.party);
    const found: FileAnswer = path === null ? vanished : await tryDigest(path, parts.party.signal);
    if (!('errno' in found) || found.errno !== vanished.errno) yield answer(ref, found);
  }
}

/** What `MailStore.stamps` promises, for a Maildir. */
export function stampsOf(
  { party }: MaildirParts,
  mailbox: Mailbox,
  refs: readonly string[],
): ReadonlyMap<string, FileStamp> {
  const stamps = new Map<string, FileStamp>();
  for (const ref of refs) {
    const stats = withMessageFile(mailbox, ref, { party, use: (path) => statSync(path, { bigint: true }) });
    if (stats !== null) stamps.set(ref, stampOf(stats));
  }
  return stamps;
}

/**
 * The text of a message as it is stored, unpacked. Throws `store-damaged` where it is gone, `not-taken` where it cannot
 * be unpacked.
 */
export async function readMessage(parts: MaildirParts, mailbox: Mailbox, ref: string): Promise<Uint8Array> {
  const { party } = parts;
  const opened = withMessageFile(mailbox, ref, { party, use: openStored });
  if (opened === null) throw unreadable(mailbox, ref, vanished).failure;
  const plain = await unpacked(await readStored(opened, party.signal));
  if (isUntaken(plain)) throw notReadable(`reading the message ${ref} in ${mailbox.folder.name}`, plain);
  return plain;
}

/** Message GUIDs that are not the base name. */
function hintsOf({ folder }: Mailbox): ReadonlyMap<string, string> {
  const hints = new Map<string, string>();
  for (const record of readUidList(folder)?.records ?? []) {
    const guid = guidField(record);
    if (guid !== undefined && guid !== '') hints.set(baseOf(record.name), guid);
  }
  return hints;
}

const vanished = { errno: 'ENOENT', message: 'it is not there any more' };

function unreadable(
  { folder }: Mailbox,
  ref: string,
  { errno, message }: { readonly errno: string; readonly message: string },
): Trouble {
  const code = diskErrnos.has(errno) ? 'io' : 'store-damaged';
  const failure = new Failure(code, `reading the message ${ref} in ${folder.name}: ${message}`, {
    hint: `It lies in ${join(folder.directory, 'cur')}; it is left out until it can be read.`,
  });
  return { subject: ref, failure };
}
