import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { privateCustody } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { type Guid, guidOfCanonical } from '../../../mail/text/text-guid.js';

/**
 * Texts of messages on a server as they were read, so that none is fetched a second time for the export that follows,
 * or for the trash. They can be fetched again, and are durable for nobody. Throws errors of the system.
 */
export type TextCache = {
  /** Takes a text in pieces; `keep` says what it is and whose. */
  begin(): { take(piece: Uint8Array): void; keep(mailbox: MailboxName, ref: string, guid: Guid): void; drop(): void };
  /** Is it there, whole or not? */
  has(mailbox: MailboxName, ref: string): boolean;
  /** Null where it is not there, or not whole. */
  read(mailbox: MailboxName, ref: string): Uint8Array | null;
};

/** Where the cache is, in what belongs to a store on this host. */
export function copiesOfTextsIn(stateDirectory: string): string {
  return join(stateDirectory, 'texts');
}

/** Bytes of all texts, inclusive: the oldest go first. */
const cacheBytesMax = 1 << 30;

/** The cache takes no more than this part of what is free on the disk and of what it has itself. */
const shareOfFree = 0.25;

/** A text that no export wanted for so long, in milliseconds, none will want: a week. */
const keptMs = 7 * 86_400_000;

/** `KEY.GUID`: the key says which message it is, the guid what a whole text comes to. */
const namePattern = /^([0-9a-f]{64})\.([0-9a-f]{64})$/;

type Kept = { readonly guid: Guid; readonly sizeBytes: number };

type Files = {
  /** By key, oldest first. */
  readonly kept: Map<string, Kept>;
  totalBytes: number;
  readonly bytesMax: number;
};

/**
 * A cache in a directory of its own, made when it is first needed. What is there is looked at then, and what a run left
 * that died is removed. `now`: milliseconds since 1970.
 */
export function textCache(directory: string, now: () => number): TextCache {
  let number = 0;
  let opened: Files | null = null;
  const files = (): Files => {
    opened ??= openFiles(directory, now());
    return opened;
  };
  const forget = (key: string): void => {
    const { kept } = files();
    const text = kept.get(key);
    if (text === undefined) return;
    kept.delete(key);
    files().totalBytes -= text.sizeBytes;
    rmSync(join(directory, nameOf(key, text.guid)), { force: true });
  };
  const makeRoom = (): void => {
    for (const [oldest] of files().kept) {
      if (files().totalBytes <= files().bytesMax) return;
      forget(oldest);
    }
  };
  return {
    begin() {
      files();
      mkdirSync(directory, { recursive: true, mode: privateCustody.dirMode });
      const path = join(directory, `arriving-${process.pid}-${++number}`);
      const file = openSync(path, 'wx', privateCustody.fileMode);
      let sizeBytes = 0;
      let isOpen = true;
      const close = (): void => {
        if (isOpen) closeSync(file);
        isOpen = false;
      };
      return {
        take(piece) {
          writeWhole(file, piece);
          sizeBytes += piece.length;
        },
        keep(mailbox, ref, guid) {
          close();
          const key = keyOf(mailbox, ref);
          forget(key);
          renameSync(path, join(directory, nameOf(key, guid)));
          files().kept.set(key, { guid, sizeBytes });
          files().totalBytes += sizeBytes;
          makeRoom();
        },
        drop() {
          close();
          rmSync(path, { force: true });
        },
      };
    },
    has: (mailbox, ref) => files().kept.has(keyOf(mailbox, ref)),
    read(mailbox, ref) {
      const key = keyOf(mailbox, ref);
      const guid = files().kept.get(key)?.guid;
      if (guid === undefined) return null;
      const text = ifPresent(() => readFileSync(join(directory, nameOf(key, guid))));
      if (text !== null && guidOfCanonical(text) === guid) return text;
      forget(key);
      return null;
    },
  };
}

function openFiles(directory: string, nowMs: number): Files {
  const found: (Kept & { readonly key: string; readonly writtenMs: number })[] = [];
  for (const name of ifPresent(() => readdirSync(directory)) ?? []) {
    const [, key = '', guid = ''] = namePattern.exec(name) ?? [];
    const stats = ifPresent(() => statSync(join(directory, name)));
    if (stats === null) continue;
    const ageMs = nowMs - stats.mtimeMs;
    if (key === '' || ageMs > keptMs) rmSync(join(directory, name), { force: true });
    else found.push({ key, guid: guid as Guid, sizeBytes: stats.size, writtenMs: stats.mtimeMs });
  }
  found.sort((one, other) => one.writtenMs - other.writtenMs);
  const totalBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const free = ifPresent(() => statfsSync(directory));
  const room = free === null ? cacheBytesMax : (free.bavail * free.bsize + totalBytes) * shareOfFree;
  return {
    kept: new Map(found.map(({ key, guid, sizeBytes }) => [key, { guid, sizeBytes }])),
    totalBytes,
    bytesMax: Math.min(cacheBytesMax, room),
  };
}

function keyOf(mailbox: MailboxName, ref: string): string {
  return createHash('sha256').update(`${ref} ${mailbox}`).digest('hex');
}

function nameOf(key: string, guid: Guid): string {
  return `${key}.${guid}`;
}

function writeWhole(file: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
}
