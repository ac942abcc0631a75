import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { type Custody, ifPresent, replaceFile } from '../../files.js';
import { type Flag, isFlag } from '../../mail/flag.js';
import { type LetterNames, systemLetters } from '../../mail/maildir-flags.js';

/** Letters a-z: Dovecot keeps further keywords in its index only. Inclusive. */
export const keywordsMax = 26;

/** The names in a `dovecot-keywords`, by number. A number can be free between others. */
export type KeywordList = readonly (Flag | undefined)[];

const firstLetter = 'a'.charCodeAt(0);

/** Lines that make no sense are passed over, as Dovecot does. */
export function parseKeywords(text: string): KeywordList {
  const names: (Flag | undefined)[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d{1,2}) (.+)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const number = Number(match[1]);
    if (number < keywordsMax && names[number] === undefined && isFlag(match[2])) names[number] = match[2];
  }
  return Array.from(names);
}

export function formatKeywords(names: KeywordList): string {
  return names.map((name, number) => (name === undefined ? '' : `${number} ${name}\n`)).join('');
}

export function lettersOfKeywords(names: KeywordList): LetterNames {
  const letters = new Map(systemLetters);
  for (const [number, name] of names.entries()) {
    if (name !== undefined) letters.set(String.fromCharCode(firstLetter + number), name);
  }
  return letters;
}

/**
 * The list with those of `wanted` added that it lacks, at the end: no number is ever reused or changed. `unstorable` are
 * those that found no room, and those that differ from one in the list in case only (to Dovecot they are the same).
 */
export function addKeywords(
  names: KeywordList,
  wanted: Iterable<Flag>,
): { readonly names: KeywordList; readonly unstorable: readonly Flag[] } {
  const result = [...names];
  const unstorable: Flag[] = [];
  for (const flag of wanted) {
    if (flag.startsWith('\\') || result.includes(flag)) continue;
    const twin = result.some((name) => name?.toLowerCase() === flag.toLowerCase());
    if (twin || result.length >= keywordsMax || !isFlag(flag)) unstorable.push(flag);
    else result.push(flag);
  }
  return { names: result, unstorable };
}

export function readKeywords(directory: string): KeywordList {
  const text = ifPresent(() => readFileSync(join(directory, 'dovecot-keywords'), 'utf8'));
  return text === null ? [] : parseKeywords(text);
}

/** To be called under the UID list's lock. */
export function writeKeywords(directory: string, names: KeywordList, how: { nowMs: number; custody: Custody }): void {
  const path = join(directory, 'dovecot-keywords');
  const oldMtimeMs = ifPresent(() => statSync(path).mtimeMs);
  replaceFile(path, formatKeywords(names), how.custody);
  if (oldMtimeMs === null) return;
  // A running Dovecot reads the file again only where its mtime differs in whole seconds.
  const mtimeS = Math.max(Math.floor(how.nowMs / 1000), Math.floor(oldMtimeMs / 1000) + 1);
  utimesSync(path, mtimeS, mtimeS);
}
