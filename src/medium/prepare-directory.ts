import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, rmdirSync, writeSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import { errnoOf } from '../fs/errno.js';
import { lookAt, readUntrusted, removeName } from '../fs/open-untrusted-file.js';
import { type HeldFolder, holdDirectory, holdFolder } from './held-folder.js';
import { mediumFailure } from './medium-failure.js';
import {
  assertOwnFolder,
  assertSameMedium,
  folderName,
  markerName,
  readMarker,
  type SeenMedium,
} from './medium-identity.js';
import { accountFolder } from './name-and-list-bundle-files.js';

const readmeName = 'README.txt';

const readme = `This folder belongs to mrepl, a program that keeps mailboxes the same on
computers that are not connected. The files in it carry mail from one to the
other; please leave them here, and give the stick back if you have found it.

A file that ends in .age is sealed: nobody but the hosts it is for can read
it. Any other bundle is an ordinary archive: "zstd -dc FILE | tar tf -" lists it.

This is no copy of the mail. What is here are changes on their way, and they go
when every host has them. "mrepl export --full --plain DIR" writes a copy.

Mail that is nowhere but here can be had without mrepl. The key of a sealed
file is on each host that it is for, in ~/.local/share/mrepl/ACCOUNT/keys:
    age -d -i keys FILE.age | zstd -dc | tar xf -
Every file in texts/ is then a message, and mailboxes/ says where it belongs.
The manual page mrepl-bundle(5) has the rest, under RESCUE.
`;

/**
 * Makes ready what is missing of the folder, the note for whoever finds it, and the mark; answers where bundles go.
 * Where that fails, or the stick is another one by then, what was made is removed again. Throws `medium-full`,
 * `medium-lost`, `cannot-create`, `io`.
 */
export function prepareMedium(
  seen: SeenMedium,
  account: string,
  newId: () => string,
): { readonly folder: string; readonly id: string } {
  const folder = join(resolve(seen.directory), folderName);
  const own = accountFolder(seen.directory, account);
  const made: Made[] = [];
  const open: HeldFolder[] = [];
  const hold = (one: HeldFolder): HeldFolder => {
    open.push(one);
    return one;
  };
  try {
    const place = hold(holdDirectory(resolve(seen.directory)));
    assertSameMedium(seen, place.at('.'));
    // One by one: what is to be there already must not come into being in an empty mount point.
    if (seen.id === null) makeDirectory(place, folderName, made);
    const shared = hold(holdFolder(folder));
    makeDirectory(shared, basename(own), made);
    if (lookAt(shared.at(readmeName)) === null) leave(shared, readmeName, { text: readme, made });
    // Asked first: what comes after that may be another stick's.
    const isMarked = lookAt(shared.at(markerName)) !== null;
    if (readMarker(folder) === null) {
      // Cut short by a power cut, or none of ours.
      if (isMarked && !removeName(shared.at(markerName))) throw inTheWay(join(folder, markerName));
      leave(shared, markerName, { text: `${newId()}\n`, made });
      shared.sync();
      place.sync();
    }
    assertSameMedium(seen);
    return { folder: own, id: readMarker(folder) ?? '' };
  } catch (error) {
    removeMade(made);
    throw mediumFailure(`writing to ${seen.directory}`, error);
  } finally {
    for (const one of open) one.close();
  }
}

/** What was made just now: by name, and by what it is found to be that when it is removed again. */
type Made = {
  readonly within: HeldFolder;
  readonly name: string;
  readonly ino: bigint | null;
  readonly text: string | null;
};

function makeDirectory(within: HeldFolder, name: string, made: Made[]): void {
  try {
    mkdirSync(within.at(name));
    made.push({ within, name, ino: inodeOf(within, name), text: null });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    assertOwnFolder(join(within.path, name));
  }
}

/**
 * A small file for every host that reads the stick, whoever its owner is there. One that is there stays: another host
 * was faster.
 */
function leave(
  within: HeldFolder,
  name: string,
  { text, made }: { readonly text: string; readonly made: Made[] },
): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  let fd: number;
  try {
    fd = openSync(within.at(name), flags, 0o644);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw error;
  }
  try {
    made.push({ within, name, ino: fstatSync(fd, { bigint: true }).ino, text });
    const bytes = Buffer.from(text);
    // A disk that is about to be full takes a part.
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * The last first. On another stick, which may be in its place by now, the same paths may be others' files; a directory
 * with something in it stays.
 */
function removeMade(made: readonly Made[]): void {
  for (const { within, name, ino, text } of [...made].reverse()) {
    try {
      if (inodeOf(within, name) !== ino) continue;
      const path = within.at(name);
      if (text === null) rmdirSync(path);
      else if (text.startsWith(readUntrusted(path, { links: 'refuse', bytesMax: text.length }).toString('latin1')))
        removeName(path);
    } catch {
      // The stick is gone or can only be read: what brought us here is the failure to tell.
    }
  }
}

function inodeOf(within: HeldFolder, name: string): bigint | null {
  return lookAt(within.at(name))?.ino ?? null;
}

function inTheWay(marker: string): Failure {
  return new Failure('cannot-create', `writing ${marker}: a directory has that name; nothing was changed`, {
    hint: 'Move it away: mrepl keeps the id of a stick under it.',
  });
}
