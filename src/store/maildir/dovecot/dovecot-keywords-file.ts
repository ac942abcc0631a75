import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Custody, replaceFile } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import { type Flag, type FlagSpelling, flagOf, isFlag, isFlagSpelling, isSystemFlag } from '../../../mail/flags.js';
import { readList } from '../../host-files/read-stored-file.js';
import { type LetterNames, parseMessageFileName, systemLetters } from '../layout/message-file-name-flags.js';

/** Letters a-z: Dovecot keeps further keywords in its index only. Inclusive. */
export const keywordsMax = 26;

/**
 * A keyword that is set and taken away again through the server, to give a message a new modseq. It may be met on a
 * message for that instant, or after a run that died in it, and is never a user's.
 */
export const passingKeyword = 'mrepl-passing';

/** The names in a `dovecot-keywords` as they are spelt there, by number. A number can be free between others. */
export type KeywordList = readonly (FlagSpelling | undefined)[];

const firstLetter = 'a'.charCodeAt(0);

/** Lines that make no sense are passed over, as Dovecot does. */
export function parseKeywords(text: string): KeywordList {
  const names: (FlagSpelling | undefined)[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d{1,2}) (.+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const number = Number(match[1]);
    if (number < keywordsMax && names[number] === undefined && isFlagSpelling(match[2])) names[number] = match[2];
  }
  return Array.from(names);
}

/** The text of a `dovecot-keywords` with these names: the inverse of `parseKeywords`. */
export function formatKeywords(names: KeywordList): string {
  return names.map((name, number) => (name === undefined ? '' : `${number} ${name}\n`)).join('');
}

/**
 * Letters without a name are left out: also those that Dovecot names `unknown-0` and so on, since their names were
 * lost.
 */
export function lettersOfKeywords(names: KeywordList): LetterNames {
  const letters = new Map(systemLetters);
  for (const [number, name] of names.entries()) {
    if (name !== undefined && !isPlaceholder(name))
      letters.set(String.fromCharCode(firstLetter + number), flagOf(name));
  }
  return letters;
}

/** The names that are keywords: those that Dovecot made up are not. */
export function spelledKeywords(names: KeywordList): FlagSpelling[] {
  return names.filter((name): name is FlagSpelling => name !== undefined && !isPlaceholder(name));
}

function isPlaceholder(name: FlagSpelling): boolean {
  return /^unknown-\d+$/i.test(name);
}

/** Are there letters of keywords among these whose names are not known? */
export function hasUnnamed(letters: string, names: LetterNames): boolean {
  for (const letter of letters) if (letter >= 'a' && letter <= 'z' && !names.has(letter)) return true;
  return false;
}

/** The letters whose names are known, and those of the system. */
export function withoutUnnamed(letters: string, names: LetterNames): string {
  return [...letters].filter((letter) => !hasUnnamed(letter, names)).join('');
}

/** The numbers whose letters stand in names of message files, without a name of their own. */
export function unnamedNumbers(fileNames: Iterable<string>, names: LetterNames): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const name of fileNames) {
    const { letters } = parseMessageFileName(name);
    if (!hasUnnamed(letters, names)) continue;
    for (const letter of letters) if (hasUnnamed(letter, names)) numbers.add(letter.charCodeAt(0) - firstLetter);
  }
  return numbers;
}

/**
 * The list with those of `wanted` added that it lacks, at the end, spelt as `spell` says: no number is ever reused or
 * changed, nor one given that is `taken`, by files whose keyword has lost its name. `unstorable` are those that found
 * no room.
 */
export function addKeywords(
  names: KeywordList,
  {
    wanted,
    taken,
    spell = (flag) => flag,
  }: {
    readonly wanted: Iterable<Flag>;
    readonly taken: ReadonlySet<number>;
    readonly spell?: (flag: Flag) => FlagSpelling;
  },
): { readonly names: KeywordList; readonly unstorable: readonly Flag[] } {
  const result = [...names];
  const listed = new Set(spelledKeywords(names).map(flagOf));
  const unstorable: Flag[] = [];
  for (const flag of wanted) {
    if (isSystemFlag(flag) || listed.has(flag)) continue;
    let number = result.length;
    while (taken.has(number)) number += 1;
    if (number >= keywordsMax || !isFlag(flag) || isPlaceholder(flag)) unstorable.push(flag);
    else {
      while (result.length < number) result.push(undefined);
      result.push(spell(flag));
      listed.add(flag);
    }
  }
  return { names: result, unstorable };
}

/** The names in the `dovecot-keywords` of a directory, by number; none where there is no such file. */
export function readKeywords(directory: string): KeywordList {
  const text = ifPresent(() => readList(join(directory, 'dovecot-keywords')));
  return text === null ? [] : parseKeywords(text);
}

/** To be called under the UID list's lock. */
export function writeKeywords(directory: string, names: KeywordList, how: { nowMs: number; custody: Custody }): void {
  const path = join(directory, 'dovecot-keywords');
  const oldMtimeMs = ifPresent(() => statSync(path).mtimeMs);
  // A running Dovecot reads the file again only where its mtime differs in whole seconds.
  const mtimeS = Math.max(Math.floor(how.nowMs / 1000), Math.floor((oldMtimeMs ?? 0) / 1000) + 1);
  const times = oldMtimeMs === null ? undefined : { atimeS: mtimeS, mtimeS };
  replaceFile(path, formatKeywords(names), { ...how.custody, times });
}
