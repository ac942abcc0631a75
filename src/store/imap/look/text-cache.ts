import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { privateCustody } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { type Guid, guidOfCanonical } from '../../../mail/text/text-guid.js';

/**
 * Texts of messages on a server as they were read, so that none is fetched a second time for what follows in the same
 * run: an export of what was just looked at, the trash. They can be fetched again, and are durable for nobody. Throws
 * errors of the system.
 */
export type TextCache = {
  /** Takes a text in pieces; `keep` says what it is and whose. */
  begin(): { take(piece: Uint8Array): void; keep(mailbox: MailboxName, ref: string, guid: Guid): void; drop(): void };
  /** Null where it is not there, or not whole. */
  read(mailbox: MailboxName, ref: string): Uint8Array | null;
  clear(): void;
};

/** A cache in a directory of its own, made when it is first needed. */
export function textCache(directory: string): TextCache {
  const kept = new Map<string, Guid>();
  let number = 0;
  const keyOf = (mailbox: MailboxName, ref: string): string =>
    createHash('sha256').update(`${ref} ${mailbox}`).digest('hex');
  return {
    begin() {
      mkdirSync(directory, { recursive: true, mode: privateCustody.dirMode });
      const path = join(directory, `arriving-${process.pid}-${++number}`);
      const file = openSync(path, 'wx', privateCustody.fileMode);
      let isOpen = true;
      const close = (): void => {
        if (isOpen) closeSync(file);
        isOpen = false;
      };
      return {
        take: (piece) => writeWhole(file, piece),
        keep(mailbox, ref, guid) {
          close();
          const key = keyOf(mailbox, ref);
          renameSync(path, join(directory, key));
          kept.set(key, guid);
        },
        drop() {
          close();
          rmSync(path, { force: true });
        },
      };
    },
    read(mailbox, ref) {
      const key = keyOf(mailbox, ref);
      const guid = kept.get(key);
      if (guid === undefined) return null;
      const text = ifPresent(() => readFileSync(join(directory, key)));
      return text === undefined || text === null || guidOfCanonical(text) !== guid ? null : text;
    },
    clear() {
      kept.clear();
      for (const name of ifPresent(() => readdirSync(directory)) ?? []) rmSync(join(directory, name), { force: true });
    },
  };
}

function writeWhole(file: number, piece: Uint8Array): void {
  for (let at = 0; at < piece.length; ) at += writeSync(file, piece, at);
}
