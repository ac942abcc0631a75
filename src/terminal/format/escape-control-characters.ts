/**
 * Everything that moves the cursor, changes colours or the direction of writing, or is not seen at all: control
 * characters (C0, DEL, C1), format characters (bidi, zero width, tags), line separators, lone surrogates, unassigned
 * code points. Private-use ones are left to the font.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Characters that choose between text and picture for the symbol before them: harmless there, and common. */
const presentation = /(?<=\p{Extended_Pictographic})[\ufe0e\ufe0f]/gu;

/** Marks that stack on one character beyond what any language needs, or on what stands before the text. */
const strayMarks = /^\p{M}+|(?<=\p{M}{4})\p{M}+/gu;

/**
 * `text` as it may be shown on a terminal, whoever wrote it: unseen characters as `\x1b` or `\u202e`. A backslash stays
 * as it is (flags are full of them), so this is for people, not for parsing; applying it twice changes nothing.
 */
export function visible(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const harmless = new Set<number>();
  for (const { index } of text.matchAll(presentation)) harmless.add(index);
  return text
    .replace(unseen, (character, offset: number) => (harmless.has(offset) ? character : escaped(character)))
    .replace(strayMarks, (marks) => [...marks].map(escaped).join(''));
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
