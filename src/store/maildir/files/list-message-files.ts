import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { Folder } from '../layout/folder-paths.js';
import { shownBytes } from '../layout/list-subdirectories.js';
import { type MessageFileName, parseMessageFileName } from '../layout/message-file-name-flags.js';

/** The message files of a mailbox. */
export type Listing = {
  /** Base name -> path below the mailbox's directory: `cur/BASE:2,S` or `new/BASE`. */
  readonly files: Map<string, string>;
  /** Files whose base name another file has too, or whose name nothing can be done with. */
  readonly duplicates: readonly string[];
  readonly troubles: readonly Trouble[];
  /** Is there no directory `new`? What was in it is out of sight. */
  readonly isPartial: boolean;
  /** What the directories and the UID list were like when listed. */
  readonly stamp: string;
  /** False where a change could follow that leaves the stamp as it is: something changed within the current second. */
  readonly settled: boolean;
};

/**
 * Where message files are, and whether their flags may stand behind another delimiter than the colon: not where Dovecot
 * serves them.
 */
export type Listable = { readonly folder: Folder; readonly anyDelimiter: boolean };

/** What no mail program puts into a name. */
const oddName = /[\u0000-\u001f\u007f\ufffd]/;

/** So often a mailbox is listed anew while it keeps changing under us. */
const attemptsMax = 20;

/** `stamp` says whether anything can have changed; null where there is no such mailbox. Three stats. */
export function stampFolder(folder: Folder): { readonly stamp: string; readonly latestMs: number } | null {
  const cur = stampOf(join(folder.directory, 'cur'));
  if (cur === null) return null;
  const fresh = stampOf(join(folder.directory, 'new'));
  const list = stampOf(join(folder.control, 'dovecot-uidlist'));
  const latestMs = Math.max(cur.mtimeMs, fresh?.mtimeMs ?? 0, list?.mtimeMs ?? 0);
  return { stamp: `${cur.text} ${fresh?.text ?? '-'} ${list?.text ?? '-'}`, latestMs };
}

/**
 * Lists `new` and then `cur`, so that a message that moves between is seen at least once. Renaming while a directory is
 * being read can hide a file: a listing counts only when nothing changed meanwhile, or when the next one shows the same
 * messages. Null where there is no such mailbox; throws `locked` where it never comes to rest.
 */
export function listFolder({ folder, anyDelimiter }: Listable, now: () => number): Listing | null {
  let previous: Listing | null = null;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const before = stampFolder(folder);
    if (before === null) return null;
    const seen = readOnce({ folder, anyDelimiter });
    const after = stampFolder(folder);
    if (after === null) return null;
    const settled = before.stamp === after.stamp && isPast(after.latestMs, now);
    const listing: Listing = { ...seen, stamp: after.stamp, settled };
    if (settled || (previous !== null && sameMessages(previous, listing))) return listing;
    previous = listing;
  }
  throw new Failure('locked', `listing ${folder.name}: it changed all the time while it was being read`, {
    hint: 'Try again when the mail server is less busy with it.',
  });
}

/**
 * The files as they are now. Those of a listing that is settled are not listed again where neither directory has
 * changed since, but only the UID list.
 */
export function relistFolder(listable: Listable, known: Listing, now: () => number): Listing | null {
  const current = stampFolder(listable.folder);
  if (current === null || !known.settled || directoriesIn(current.stamp) !== directoriesIn(known.stamp)) {
    return listFolder(listable, now);
  }
  return { ...known, stamp: current.stamp, settled: isPast(current.latestMs, now) };
}

/** The stamp without that of the UID list. */
function directoriesIn(stamp: string): string {
  return stamp.slice(0, stamp.lastIndexOf(' '));
}

/** Is it before the current second? */
function isPast(timeMs: number, now: () => number): boolean {
  return timeMs < Math.floor(now() / 1000) * 1000;
}

function readOnce({ folder, anyDelimiter }: Listable): Omit<Listing, 'stamp' | 'settled'> {
  const files = new Map<string, string>();
  const duplicates: string[] = [];
  const troubles: Trouble[] = [];
  let isPartial = false;
  for (const where of ['new', 'cur'] as const) {
    const names = ifPresent(() => readdirSync(join(folder.directory, where)));
    const oddNames = new Set<string>();
    const areAllPlain = !oddName.test((names ?? []).join(''));
    if (names === null && where === 'new') isPartial = true;
    for (const name of names ?? []) {
      if (name.startsWith('.')) continue;
      if (!areAllPlain && oddName.test(name)) {
        oddNames.add(name);
        continue;
      }
      const path = `${where}/${name}`;
      const base = baseInPath(path, anyDelimiter);
      const other = files.get(base);
      if (other !== undefined) duplicates.push(other);
      files.set(base, path);
    }
    if (oddNames.size > 0) for (const one of oddlyNamed(join(folder.directory, where), oddNames)) troubles.push(one);
  }
  return { files, duplicates, troubles, isPartial };
}

/** Each with its path, in which what is no printable text is shown as `\xNN`. */
function oddlyNamed(directory: string, names: ReadonlySet<string>): Trouble[] {
  const found = readdirSync(directory, { encoding: 'buffer' }).filter((bytes) => names.has(bytes.toString()));
  return found.map((bytes) => {
    const path = join(directory, shownBytes(bytes));
    const failure = new Failure('store-damaged', `${path} has a name that no mail program gives`, {
      hint: 'Rename it, or move it away; it is not replicated.',
    });
    return { subject: path, failure };
  });
}

/**
 * The name of the file at `cur/NAME` or `new/NAME` taken apart. In `new` nobody writes flags behind another delimiter.
 */
export function parseMessagePath(path: string, anyDelimiter: boolean): MessageFileName {
  return parseMessageFileName(path.slice(4), { anyDelimiter: anyDelimiter && path.startsWith('cur/') });
}

/** `parseMessagePath(...).base`, for very many names. */
function baseInPath(path: string, anyDelimiter: boolean): string {
  const colon = path.indexOf(':', 4);
  return colon < 0 ? parseMessagePath(path, anyDelimiter).base : path.slice(4, colon);
}

/** `parseMessagePath(...).letters`, for very many names. */
export function lettersInPath(path: string, anyDelimiter: boolean): string {
  const colon = path.indexOf(':', 4);
  if (colon < 0) return parseMessagePath(path, anyDelimiter).letters;
  if (!path.startsWith(':2,', colon)) return '';
  const comma = path.indexOf(',', colon + 3);
  return comma < 0 ? path.slice(colon + 3) : path.slice(colon + 3, comma);
}

function sameMessages(a: Listing, b: Listing): boolean {
  if (a.files.size !== b.files.size || a.duplicates.length !== b.duplicates.length) return false;
  for (const base of a.files.keys()) if (!b.files.has(base)) return false;
  return true;
}

function stampOf(path: string): { readonly text: string; readonly mtimeMs: number } | null {
  return ifPresent(() => {
    const { ino, mtimeNs, mtimeMs, size } = statSync(path, { bigint: true });
    return { text: `${ino}.${mtimeNs}.${size}`, mtimeMs: Number(mtimeMs) };
  });
}
