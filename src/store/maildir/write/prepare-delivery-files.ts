import { closeSync, lutimesSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import { createLargeFile } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import { openUntrusted, removeName } from '../../../fs/open-untrusted-file.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Delivery } from '../../../mail/mailbox-change.js';
import { containerOf, markBytesMax } from '../../../mail/packed/container-kinds.js';
import { unpacked } from '../../../mail/packed/unpack.js';
import { isUntaken, notReadable } from '../../../mail/packed/unreadable-file-reasons.js';
import { receivedSOf } from '../../../mail/received-date.js';
import { canonicalText } from '../../../mail/text/canonical-text.js';
import type { Guid } from '../../../mail/text/text-guid.js';
import { messageRule, type OpenedMessage, openStored, readStored } from '../../host-files/read-stored-file.js';
import { linked } from '../../host-files/try-hard-link.js';
import { type Mailbox, withMessageFile } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { claimedSize } from '../layout/message-base-name.js';
import { stampOf } from '../read/digest-file.js';

/** A file that only has to be renamed to be delivered: on the right file system, with the right text and mtime. */
export type ReadyFile = {
  readonly path: string;
  /** Set where it is the spool's own file, which is used up by this. */
  readonly spooled: Guid | null;
  readonly file: FileStamp;
};

/** Makes ready files for deliveries to one mailbox; `discard` removes those that were not used. */
export type Preparer = { prepare(delivery: Delivery): Promise<ReadyFile>; discard(used: ReadonlySet<ReadyFile>): void };

/** A file that another has to be made of. */
type Unmade = { readonly opened: OpenedMessage; readonly isMadePlain: boolean };

/** With the process id this makes names that are free: what an earlier process of the same id left has another time. */
const startedMs = Math.floor(performance.timeOrigin);

let count = 0;

/** All that takes time and can fail happens here, before the lock is taken. */
export function createPreparer(parts: MaildirParts, mailbox: Mailbox): Preparer {
  const claimed = new Set<Guid>();
  const made: ReadyFile[] = [];
  const here = statSync(join(mailbox.folder.directory, 'cur')).dev;
  const spoolIsHere = ifPresent(() => statSync(parts.spool.directory).dev) === here;
  const directory = spoolIsHere ? parts.spool.directory : join(mailbox.folder.directory, 'tmp');

  function newPath(): string {
    count++;
    return join(directory, `mrepl.ready.${process.pid}.${startedMs}.${count}`);
  }

  /**
   * The path of a file that is ready, or what it has to be made of. Made plain is what is packed, whatever the name
   * here says of sizes; and what has CRLF there, while the name here speaks of LF.
   */
  function fromFile(source: string, delivery: Delivery): string | Unmade {
    if (isPacked(source)) return { opened: openStored(source), isMadePlain: true };
    const { mtimeMs, size } = statSync(source);
    const claimedBytes = claimedSize(delivery.ref);
    if (claimedBytes !== undefined && claimedBytes !== size) return { opened: openStored(source), isMadePlain: true };
    const target = newPath();
    if (receivedSOf(mtimeMs) === delivery.receivedS && linked(source, target)) return target;
    return { opened: openStored(source), isMadePlain: false };
  }

  async function pathOf(found: string | Unmade, delivery: Delivery): Promise<string> {
    if (typeof found === 'string') return found;
    const { party } = parts;
    const bytes = await readStored(found.opened, party.signal);
    const target = newPath();
    await createLargeFile(target, found.isMadePlain ? await plainOf(bytes, delivery) : bytes, party);
    return dated(parts, target, delivery);
  }

  async function plainOf(bytes: Uint8Array, { ref }: Delivery): Promise<Uint8Array> {
    const text = await unpacked(bytes);
    if (isUntaken(text)) throw notReadable(`delivering to ${mailbox.folder.name}: taking the text of ${ref}`, text);
    return canonicalText(text);
  }

  async function prepareOne(delivery: Delivery): Promise<Omit<ReadyFile, 'file'>> {
    if (delivery.text === 'spool') {
      const path = await parts.spool.find(delivery.guid);
      if (path !== null && spoolIsHere && !claimed.has(delivery.guid) && mayBeDated(path, delivery)) {
        lutimesSync(path, delivery.receivedS, delivery.receivedS);
        claimed.add(delivery.guid);
        return { path, spooled: delivery.guid };
      }
      if (path !== null) return { path: await pathOf(fromFile(path, delivery), delivery), spooled: null };
    }
    const source = delivery.text === 'spool' ? parts.spool.whereTaken(delivery.guid) : delivery.text;
    if (source !== undefined) {
      const from = parts.mailbox(source.mailbox);
      const found =
        'problem' in from
          ? null
          : withMessageFile(from, source.ref, { party: parts.party, use: (path) => fromFile(path, delivery) });
      if (found !== null) return { path: await pathOf(found, delivery), spooled: null };
    }
    throw textGone(mailbox, delivery);
  }

  return {
    async prepare(delivery) {
      const found = await prepareOne(delivery);
      const ready = { ...found, file: stampOf(statSync(found.path, { bigint: true })) };
      made.push(ready);
      return ready;
    },
    discard(used) {
      for (const ready of made) if (!used.has(ready) && ready.spooled === null) removeName(ready.path);
    },
  };
}

/** Gives a file that was made the date of its message. */
function dated({ written }: MaildirParts, target: string, { receivedS }: Delivery): string {
  lutimesSync(target, receivedS, receivedS);
  written.add(target);
  return target;
}

function textGone({ folder }: Mailbox, { ref }: Delivery): Failure {
  return new Failure('store-damaged', `delivering to ${folder.name}: the text of ${ref} is not there any more`, {
    hint: 'The next bundle asks for it again.',
  });
}

function isPacked(path: string): boolean {
  const { fd } = openUntrusted(path, messageRule);
  try {
    const beginning = Buffer.alloc(markBytesMax);
    return containerOf(beginning.subarray(0, readSync(fd, beginning))) !== null;
  } finally {
    closeSync(fd);
  }
}

/** The date of a file is that of all its links: another may be somebody's message. */
function mayBeDated(path: string, { receivedS }: Delivery): boolean {
  const { nlink, mtimeMs } = statSync(path);
  return nlink === 1 || receivedSOf(mtimeMs) === receivedS;
}
