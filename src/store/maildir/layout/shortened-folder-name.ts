import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { ifPresent } from '../../../fs/errno.js';
import { isUnusable, readUntrusted } from '../../../fs/open-untrusted-file.js';
import { escapeMark, fromCharset, inCharset, type PartSpelling, spellPart } from './escape-folder-name.js';

/** The file in a directory with a shortened name that holds, as its one line in UTF-8, what the name stands for. */
export const nameFile = '.mrepl-name';

/** Bytes of such a file, inclusive: no name of a mailbox is as long. */
const nameFileBytesMax = 64 << 10;

/** Hexadecimal digits of the SHA-256 of what is not spelled out. */
const digestDigits = 32;

const shortened = new RegExp(`${escapeMark}_([0-9a-f]{${digestDigits}})$`);

/** Bytes that the shortest name of this kind takes which still shows how it begins. */
export const shortenedBytesMin = 64;

/**
 * A name for what cannot be spelled out: its beginning, and behind a mark the hash of all of it, in at most `bytesMax`
 * bytes. `tail` is the last parts of a mailbox name, joined by `/`; which they are is to be kept in the directory's
 * name file.
 */
export function shortenedName(
  tail: string,
  spelling: PartSpelling,
  { bytesMax, isFirst }: { readonly bytesMax: number; readonly isFirst: boolean },
): string {
  const mark = `${escapeMark}_${digestOf(tail)}`;
  const characters = [...(tail.split('/')[0] ?? '')];
  const spelled = (count: number): string => {
    const beginning = spellPart(characters.slice(0, count).join(''), spelling, isFirst);
    return inCharset((fromCharset(beginning, spelling) ?? '') + mark, spelling); // one run of what is not ASCII
  };
  let count = Math.min(characters.length, bytesMax);
  while (count > 0 && Buffer.byteLength(spelled(count)) > bytesMax) count--;
  return spelled(count);
}

/** Is this, as decoded, such a name? */
export function isShortened(text: string): boolean {
  return shortened.test(text);
}

/** Does such a name stand for these parts? */
export function standsFor(text: string, tail: string): boolean {
  return shortened.exec(text)?.[1] === digestOf(tail);
}

/** What the directory of such a name says that it stands for; undefined where it does not. */
export function readNameFile(directory: string): string | undefined {
  return ifPresent(() => readNamed(join(directory, nameFile)))?.replace(/\n$/, '');
}

/** Null for what is no file, too: it says nothing. */
function readNamed(path: string): string | null {
  try {
    return readUntrusted(path, { links: 'ofDirectory', bytesMax: nameFileBytesMax }).toString('utf8');
  } catch (error) {
    if (isUnusable(error)) return null;
    throw error;
  }
}

function digestOf(tail: string): string {
  return createHash('sha256').update(tail).digest('hex').slice(0, digestDigits);
}
