import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../../../fs/errno.js';
import type { LockParty } from '../dovecot/dotlock.js';
import { listFolder, stampFolder } from '../files/list-message-files.js';
import type { Mailbox } from '../files/mailbox-listing-and-uidlist.js';

/**
 * The message files of a mailbox that is being changed, kept in step with what is done to them. Paths are below its
 * directory.
 */
export type MessageFiles = {
  has(ref: string): boolean;
  path(ref: string): string | undefined;
  /** Renames the file at an absolute path to become the message. */
  add(ref: string, from: string, to: string): void;
  /** `to` gives the new path, or null to leave the file alone. A message that is gone is passed over. */
  rename(ref: string, to: (path: string) => string | null): Promise<void>;
  /** Lets somebody take the file away, whose absolute path `by` is given. A message that is gone is passed over. */
  take(ref: string, by: (path: string) => Promise<void>): Promise<void>;
  /** Lets the next batch rely on what is known now, unless somebody else changes something. */
  remember(): void;
};

/** The files of a mailbox as they are now, for one batch of changes. Throws errors of the system. */
export function openMessageFiles(mailbox: Mailbox, party: LockParty): MessageFiles {
  const { folder } = mailbox;
  let files = read();

  function read(): Map<string, string> {
    const known = mailbox.listing;
    const current =
      known !== null && stampFolder(folder)?.stamp === known.stamp ? known : listFolder(mailbox, party.now);
    // Ours from now on: `remember` gives it back.
    mailbox.listing = current === null ? null : { ...current, settled: false };
    return current?.files ?? new Map();
  }

  /** Other programs rename files without asking: where one is not found, it is looked for once more. */
  async function atCurrentPath(ref: string, use: (path: string) => void | Promise<void>): Promise<void> {
    const path = files.get(ref);
    if (path === undefined) return;
    try {
      await use(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
      mailbox.listing = null;
      files = read();
      const found = files.get(ref);
      if (found !== undefined && found !== path) await use(found);
    }
  }

  return {
    has: (ref) => files.has(ref),
    path: (ref) => files.get(ref),
    add(ref, from, to) {
      renameSync(from, join(folder.directory, to));
      files.set(ref, to);
    },
    rename(ref, to) {
      return atCurrentPath(ref, (path) => {
        const target = to(path);
        if (target === null || target === path) return;
        renameSync(join(folder.directory, path), join(folder.directory, target));
        files.set(ref, target);
      });
    },
    take(ref, by) {
      return atCurrentPath(ref, async (path) => {
        await by(join(folder.directory, path));
        files.delete(ref);
      });
    },
    remember() {
      const stamp = stampFolder(folder)?.stamp;
      mailbox.listing =
        stamp === undefined ? null : { files, duplicates: [], troubles: [], isPartial: false, stamp, settled: false };
    },
  };
}
