import type { Flag } from '../../../mail/flags.js';

/**
 * What each letter behind `:2,` means. Several may mean the same keyword, where a server has listed it in more than one
 * case.
 */
export type LetterNames = ReadonlyMap<string, Flag>;

/** The letters everybody agrees on (https://cr.yp.to/proto/maildir.html). */
export const systemLetters: LetterNames = new Map([
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
]);

/**
 * Letters of a Maildir that no Dovecot serves: P, "passed", is what IMAP clients call `$Forwarded`. Dovecot (2.3.19)
 * keeps a P but shows nothing for it and gives `$Forwarded` a keyword letter, so there P is a letter nobody knows.
 */
export const plainLetters: LetterNames = new Map([...systemLetters, ['P', '$forwarded']]);

/** What may stand before `2,` and the flags, where a file system or its user does not like the colon. */
export type Delimiter = ':' | ';' | '!';

/**
 * A message file's name taken apart: `base` is what stays, `letters` the flags, `fields` what follows a second comma.
 * `delimiter` is null where nothing is said of flags.
 */
export type MessageFileName = {
  readonly base: string;
  readonly delimiter: Delimiter | null;
  readonly letters: string;
  readonly fields: string;
};

/** Where another delimiter than the colon counts: at the end of a name that has no colon. */
const otherInfo = /([;!])2,([A-Za-z]*)$/;

/**
 * Never fails: a name without `:2,` has no flags, nor one without `;2,` or `!2,` where `anyDelimiter`. To Dovecot these
 * are part of the base name; mbsync (InfoDelimiter), OfflineIMAP and neomutt can be told to write them.
 */
export function parseMessageFileName(name: string, { anyDelimiter = false } = {}): MessageFileName {
  const colon = name.indexOf(':');
  if (colon < 0) {
    const other = anyDelimiter ? otherInfo.exec(name) : null;
    if (other === null) return { base: name, delimiter: null, letters: '', fields: '' };
    const delimiter = other[1] === ';' ? ';' : '!';
    return { base: name.slice(0, other.index), delimiter, letters: other[2] ?? '', fields: '' };
  }
  const base = name.slice(0, colon);
  if (!name.startsWith(':2,', colon)) return { base, delimiter: null, letters: '', fields: '' };
  const comma = name.indexOf(',', colon + 3);
  if (comma < 0) return { base, delimiter: ':', letters: name.slice(colon + 3), fields: '' };
  return { base, delimiter: ':', letters: name.slice(colon + 3, comma), fields: name.slice(comma) };
}

/** The name of a file below `cur`. */
export function formatMessageFileName({ base, delimiter, letters, fields }: MessageFileName): string {
  return `${base}${delimiter ?? ':'}2,${letters}${fields}`;
}

/** The flags that `letters` stand for; letters without a meaning are passed over. */
export function flagsOfLetters(letters: string, names: LetterNames): ReadonlySet<Flag> {
  const flags = new Set<Flag>();
  for (const letter of letters) {
    const flag = names.get(letter);
    if (flag !== undefined) flags.add(flag);
  }
  return flags;
}

/**
 * The letters for `flags`, in ASCII order. Letters of `before` that have no meaning here are somebody else's and stay,
 * and so do those whose flag is wanted; a flag that none of them shows gets the first letter there is for it. Flags
 * without a letter are left out.
 */
export function lettersOfFlags(flags: ReadonlySet<Flag>, names: LetterNames, before: string): string {
  const letters = new Set<string>();
  const shown = new Set<Flag>();
  for (const letter of before) {
    const flag = names.get(letter);
    if (flag !== undefined && !flags.has(flag)) continue;
    letters.add(letter);
    if (flag !== undefined) shown.add(flag);
  }
  for (const [letter, flag] of names) {
    if (!flags.has(flag) || shown.has(flag)) continue;
    letters.add(letter);
    shown.add(flag);
  }
  return [...letters].sort().join('');
}
