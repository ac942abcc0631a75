import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Custody, createFile } from '../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../fs/errno.js';
import { assertOwnPath, isUnusable, readUntrusted } from '../../fs/open-untrusted-file.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { unpacked } from '../../mail/packed/unpack.js';
import { isUntaken, type Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import { canonicalText, wireSize } from '../../mail/text/canonical-text.js';
import { textIdKnowing } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidOfCanonical, guidPattern } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';
import { messageRule, readStored } from './read-stored-file.js';
import { linked } from './try-hard-link.js';

/**
 * Texts that have arrived and are not delivered yet: `mrepl.GUID` in the store's `tmp`, where Dovecot clears away what
 * is forgotten.
 */
export type Spool = {
  readonly directory: string;
  put(guid: Guid, text: Uint8Array): void;
  /**
   * Puts the text of a file there, plain, by a link where that is possible. Answers the text; why it is not taken; null
   * where the file does not hold this text, or is not there.
   */
  link(guid: Guid, source: string): Promise<Uint8Array | Untaken | null>;
  /** Those that are whole. One that this run put there is not looked at again. */
  texts(): SizedText[];
  /**
   * The file with this text; null where there is none, or one that a crash left incomplete. One this run put there is
   * not looked at again.
   */
  find(guid: Guid): string | null;
  /** Its file has become that message. */
  taken(guid: Guid, by: { readonly mailbox: MailboxName; readonly ref: string }): void;
  /** Where a text went that was taken in this run. */
  whereTaken(guid: Guid): { readonly mailbox: MailboxName; readonly ref: string } | undefined;
  /** Bytes of a text put in this run as IMAP sends it. */
  wireBytes(guid: Guid): number | null;
  drop(keep: ReadonlySet<Guid>): void;
};

const prefix = 'mrepl.';

/** Never writes into what a crash left: it could be linked into a mailbox. */
function createAnew(path: string, text: Uint8Array, custody: Custody): void {
  try {
    createFile(path, text, custody);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    rmSync(path, { recursive: true, force: true }); // also what is no file: nobody else makes anything of this name
    createFile(path, text, custody);
  }
}

/** Null also for what is no file. */
function readSpooled(path: string): Buffer | null {
  try {
    return ifPresent(() => readUntrusted(path, { ...messageRule, links: 'refuse' }));
  } catch (error) {
    if (isUnusable(error)) return null;
    throw error;
  }
}

export function createSpool(directory: string, custody: Custody, written: Set<string>): Spool {
  const fresh = new Set<Guid>(); // written by this process, so known to be whole
  const known = new Map<Guid, SizedText>();
  const wireBytes = new Map<Guid, number>();
  const takers = new Map<Guid, { readonly mailbox: MailboxName; readonly ref: string }>();
  const pathOf = (guid: Guid): string => join(directory, prefix + guid);
  const put = (guid: Guid, text: Uint8Array, write: (path: string) => void): void => {
    if (fresh.has(guid)) return;
    const path = pathOf(guid);
    if (fresh.size === 0) assertOwnPath(dirname(directory), directory);
    if (fresh.size === 0) mkdirSync(directory, { recursive: true, mode: custody.dirMode });
    write(path);
    written.add(path);
    remember(guid, text);
  };
  const remember = (guid: Guid, text: Uint8Array): void => {
    fresh.add(guid);
    wireBytes.set(guid, wireSize(text));
    known.set(guid, { ...textIdKnowing(guid, text), sizeBytes: text.length });
  };
  const find = (guid: Guid): string | null => {
    const path = pathOf(guid);
    if (fresh.has(guid)) return path;
    const text = readSpooled(path);
    if (text === null || guidOfCanonical(text) !== guid) return null;
    remember(guid, text);
    return path;
  };
  return {
    directory,
    put: (guid, text) => put(guid, text, (path) => createAnew(path, text, custody)),
    async link(guid, source) {
      const bytes = ifPresent(() => readStored(source));
      const plain = bytes && (await unpacked(bytes));
      if (plain === null || isUntaken(plain)) return plain;
      const text = canonicalText(plain);
      if (guidOfCanonical(text) !== guid) return null;
      put(guid, text, (path) => {
        rmSync(path, { recursive: true, force: true });
        if (text !== bytes || !linked(source, path)) createAnew(path, text, custody);
      });
      return text;
    },
    texts() {
      const names = ifPresent(() => readdirSync(directory)) ?? [];
      const guids = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      return guids.flatMap((guid) => (guidPattern.test(guid) && find(guid) !== null ? (known.get(guid) ?? []) : []));
    },
    find,
    taken(guid, by) {
      fresh.delete(guid);
      takers.set(guid, by);
    },
    whereTaken: (guid) => takers.get(guid),
    wireBytes: (guid) => wireBytes.get(guid) ?? null,
    drop(keep) {
      for (const name of ifPresent(() => readdirSync(directory)) ?? []) {
        if (!name.startsWith(prefix) || keep.has(name.slice(prefix.length))) continue;
        rmSync(join(directory, name), { recursive: true, force: true });
        fresh.delete(name.slice(prefix.length));
      }
    },
  };
}
