import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../failure.js';
import { type Custody, syncPath } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { assertOwnPath, lookAt } from '../../../fs/open-untrusted-file.js';
import type { OwnDirectory } from '../../host-files/own-directory.js';
import { mailboxParts } from '../layout/escape-folder-name.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { makeDirectories } from '../layout/make-directories.js';
import { quotaFile } from './maildirsize-quota-file.js';

/** Within the inbox's `cur`, where nobody looks at names that begin with a dot. */
const holderName = '.mrepl';

/**
 * A directory of mrepl's own on the file system of the mail, which nobody takes for mail or for a mailbox: the `tmp` of
 * something shaped like a Maildir, hidden in the `cur` of the inbox. Elsewhere below the root it would be seen: with
 * directories as mailboxes Dovecot shows any other one as a mailbox that cannot be selected, notmuch reads what is not
 * in a `tmp` as mail, and a directory in the `tmp` of a mailbox ends Python's `mailbox.Maildir.clean()`, which removes
 * what is old there, as an error. Only where a Maildir++ quota is kept it lies in the `tmp` of the root all the same:
 * whoever counts that quota takes everything in a `cur` for a message. `former` is its name there. What lies in the one
 * of both places that it has no more is found all the same, until it is moved.
 */
export function privateDirectory(
  location: MaildirLocation,
  { name, former, custody }: { readonly name: string; readonly former: string; readonly custody: Custody },
): OwnDirectory {
  const { root } = location;
  const inRoot = join(root, 'tmp', former);
  const inbox = location.inbox ?? root;
  const holder = join(inbox, 'cur', holderName);
  /** Looked at whenever it is used: an inbox that has lost its `cur` is not to get another one by this. */
  const isHidden = (): boolean => deviceOf(join(inbox, 'cur')) === deviceOf(root) && quotaFile(location) === null;
  const hidden = join(holder, 'tmp', name);
  const ownDirectory = (isHiddenOne: boolean): string => {
    refuseLinks(isHiddenOne ? [holder, dirname(hidden), hidden] : [inRoot]);
    return isHiddenOne ? hidden : inRoot;
  };
  const present = (): string => ownDirectory(isHidden());
  const other = (): string => ownDirectory(!isHidden());
  const pathOf = (file: string): string => {
    const path = join(present(), file);
    if (existsSync(path)) return path;
    const before = join(other(), file);
    return existsSync(before) ? before : path;
  };
  const names = (): string[] => [...new Set([...namesIn(present()), ...namesIn(other())])];
  const make = (): void => {
    const directory = present();
    assertOwnPath(directory === inRoot ? root : inbox, directory);
    if (!existsSync(directory)) {
      if (directory !== inRoot) for (const part of mailboxParts) makeDirectories(join(holder, part), custody);
      makeDirectories(directory, custody);
      const above = directory === inRoot ? [root] : [dirname(holder), holder];
      for (const path of [...above, dirname(directory)]) syncPath(path);
    }
    moveIn();
  };
  const moveIn = (): void => {
    const [directory, from] = [present(), other()];
    const left = namesIn(from);
    if (left.length > 0 && !existsSync(directory)) {
      make();
      return;
    }
    for (const each of left) {
      if (existsSync(join(directory, each))) rmSync(join(from, each), { recursive: true, force: true });
      else renameSync(join(from, each), join(directory, each));
    }
    if (left.length > 0) syncPath(directory);
    removeIfEmpty(from);
    if (from === hidden)
      for (const path of [...mailboxParts.map((part) => join(holder, part)), holder]) removeIfEmpty(path);
  };
  return {
    get directory() {
      return present();
    },
    make,
    names,
    pathOf,
    remove(files) {
      for (const file of files) rmSync(pathOf(file), { recursive: true, force: true });
      if (files.length > 0) for (const path of [present(), other()]) removeIfEmpty(path);
    },
    moveIn,
  };
}

/**
 * Nobody but mrepl makes these directories: one that is a link leads elsewhere, be it to mail, which would be moved or
 * removed as what mrepl has put there itself. Throws `store-damaged`.
 */
function refuseLinks(directories: readonly string[]): void {
  const link = directories.find((directory) => lookAt(directory)?.isSymbolicLink());
  if (link === undefined) return;
  throw new Failure(
    'store-damaged',
    `using ${link}: it is a symbolic link, and mrepl makes a directory of its own there`,
    {
      hint: 'Remove the link; what it leads to is left alone.',
    },
  );
}

function namesIn(directory: string): string[] {
  return ifPresent(() => readdirSync(directory)) ?? [];
}

function removeIfEmpty(directory: string): void {
  try {
    ifPresent(() => rmdirSync(directory));
  } catch (error) {
    if (errnoOf(error) !== 'ENOTEMPTY') throw error;
  }
}

/** Null where it is not there. */
function deviceOf(path: string): number | null {
  return ifPresent(() => statSync(path).dev);
}
