import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Custody, createLargeFile, type InPieces, syncFileSystems } from '../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../fs/errno.js';
import { assertOwnPath, isUnusable, openUntrusted, readOpened } from '../../fs/open-untrusted-file.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { unpacked } from '../../mail/packed/unpack.js';
import { isUntaken, type Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import { canonicalText, wireSize } from '../../mail/text/canonical-text.js';
import { textIdKnowing } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidOfCanonical, guidPattern } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';
import type { Spool } from '../interface/spool.js';
import { withIoFailures } from './io-failure.js';
import { messageRule, openStored, readStored } from './read-stored-file.js';
import { linked } from './try-hard-link.js';

/**
 * A spool of files, `mrepl.GUID`, and what a store that has files itself does with them: they become its own. Methods
 * that answer at once throw errors of the system.
 */
export type SpoolDirectory = Spool & {
  readonly directory: string;
  /**
   * Puts the text of a file there, plain, by a link where that is possible. Answers the text; why it is not taken; null
   * where the file does not hold this text, or is not there.
   */
  putFile(guid: Guid, source: string): Promise<Uint8Array | Untaken | null>;
  /**
   * The file with this text; null where there is none, or one that a crash left incomplete. One this run put there is
   * not looked at again.
   */
  find(guid: Guid): Promise<string | null>;
  /** Its file has become that message. */
  taken(guid: Guid, by: { readonly mailbox: MailboxName; readonly ref: string }): void;
  /** Where a text went that was taken in this run. */
  whereTaken(guid: Guid): { readonly mailbox: MailboxName; readonly ref: string } | undefined;
  /** Bytes of a text put in this run as IMAP sends it. */
  wireBytes(guid: Guid): number | null;
};

const prefix = 'mrepl.';

/** Never writes into what a crash left: it could be linked into a mailbox. */
async function createAnew(path: string, text: Uint8Array, how: InPieces): Promise<void> {
  try {
    await createLargeFile(path, text, how);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    rmSync(path, { recursive: true, force: true }); // also what is no file: nobody else makes anything of this name
    await createLargeFile(path, text, how);
  }
}

/** Null also for what is no file. Who asks after the signal came is tidying up, and gets all of it. */
async function readSpooled(path: string, signal: AbortSignal | undefined): Promise<Buffer | null> {
  const heeded = signal?.aborted === true ? undefined : signal;
  try {
    const opened = ifPresent(() => openUntrusted(path, { ...messageRule, links: 'refuse' }));
    return opened && (await readOpened(opened, { path, bytesMax: messageRule.bytesMax, signal: heeded }));
  } catch (error) {
    if (isUnusable(error)) return null;
    throw error;
  }
}

type SpoolFiles = {
  readonly custody: Custody;
  /** Gets the paths that have to be synced one by one where a whole file system cannot be. */
  readonly written: Set<string>;
  /** Ends the reading and writing of a text. */
  readonly signal?: AbortSignal | undefined;
  /** What else is to be done when it is cleared. */
  readonly onDrop?: () => void;
};

/** The spool whose files lie in a directory, which is made when it is needed. */
export function createSpoolDirectory(directory: string, how: SpoolFiles): SpoolDirectory {
  const { custody, written, signal, onDrop } = how;
  const create = (path: string, text: Uint8Array): Promise<void> => createAnew(path, text, { custody, signal });
  const texts = spooledTexts(directory, how);
  const takers = new Map<Guid, { readonly mailbox: MailboxName; readonly ref: string }>();
  return {
    directory,
    find: texts.find,
    wireBytes: (guid) => texts.wireBytes.get(guid) ?? null,
    put: (guid, text) =>
      withIoFailures(`keeping a text in ${directory}`, () => texts.put(guid, text, (path) => create(path, text))),
    read: (guid) =>
      withIoFailures(`reading ${directory}`, async () => {
        const path = await texts.find(guid);
        return path === null ? null : readSpooled(path, signal);
      }),
    async putFile(guid, source) {
      const opened = ifPresent(() => openStored(source));
      const bytes = opened && (await readStored(opened, signal));
      const plain = bytes && (await unpacked(bytes));
      if (plain === null || isUntaken(plain)) return plain;
      const text = canonicalText(plain);
      if (guidOfCanonical(text) !== guid) return null;
      await texts.put(guid, text, async (path) => {
        rmSync(path, { recursive: true, force: true });
        if (text !== bytes || !linked(source, path)) await create(path, text);
      });
      return text;
    },
    texts: () => withIoFailures(`reading ${directory}`, texts.whole),
    taken(guid, by) {
      texts.fresh.delete(guid);
      takers.set(guid, by);
    },
    whereTaken: (guid) => takers.get(guid),
    drop: (keep) =>
      withIoFailures(`clearing ${directory}`, () => {
        onDrop?.();
        texts.drop(keep);
      }),
    sync: () =>
      withIoFailures(`making the texts in ${directory} durable`, async () => {
        if (existsSync(directory)) await syncFileSystems([directory], written);
        for (const guid of texts.fresh) written.delete(texts.pathOf(guid));
      }),
  };
}

/** The files of a spool, and what this process knows of them. */
function spooledTexts(directory: string, { custody, written, signal }: SpoolFiles) {
  const fresh = new Set<Guid>(); // written by this process, so known to be whole
  const known = new Map<Guid, SizedText>();
  const wireBytes = new Map<Guid, number>();
  const pathOf = (guid: Guid): string => join(directory, prefix + guid);
  const guids = (): string[] =>
    (ifPresent(() => readdirSync(directory)) ?? [])
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  const remember = (guid: Guid, text: Uint8Array): void => {
    fresh.add(guid);
    wireBytes.set(guid, wireSize(text));
    known.set(guid, { ...textIdKnowing(guid, text), sizeBytes: text.length });
  };
  const find = async (guid: Guid): Promise<string | null> => {
    const path = pathOf(guid);
    if (fresh.has(guid)) return path;
    const text = await readSpooled(path, signal);
    if (text === null || guidOfCanonical(text) !== guid) return null;
    remember(guid, text);
    return path;
  };
  return {
    ...{ fresh, wireBytes, pathOf, find },
    async put(guid: Guid, text: Uint8Array, write: (path: string) => Promise<void>): Promise<void> {
      if (fresh.has(guid)) return;
      const path = pathOf(guid);
      if (fresh.size === 0) assertOwnPath(dirname(directory), directory);
      if (fresh.size === 0) mkdirSync(directory, { recursive: true, mode: custody.dirMode });
      await write(path);
      written.add(path);
      remember(guid, text);
    },
    async whole(): Promise<SizedText[]> {
      const whole: SizedText[] = [];
      for (const guid of guids()) {
        const text = guidPattern.test(guid) && (await find(guid)) !== null ? known.get(guid) : undefined;
        if (text !== undefined) whole.push(text);
      }
      return whole;
    },
    drop(keep: ReadonlySet<Guid>): void {
      for (const guid of guids().filter((guid) => !keep.has(guid))) {
        rmSync(pathOf(guid), { recursive: true, force: true });
        fresh.delete(guid);
      }
    },
  };
}
