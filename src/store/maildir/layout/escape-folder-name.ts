import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../../mail/modified-utf7.js';

/**
 * The character that no mailbox name has (U+FFFD, which stands for what is not text), and that Dovecot and mail
 * programs show and open all the same: behind it two hexadecimal digits are a character that cannot stand there itself.
 * So no name that a user made is ever taken for an escaped one.
 */
export const escapeMark = '\ufffd';

const ownEscape = new RegExp(`${escapeMark}([0-9a-f]{2})`, 'g');

/** An escape as Dovecot's plugin listescape writes it, with its usual character. */
const pluginEscape = /\\([0-9a-f]{2})/g;

export type PartSpelling = {
  readonly layout: 'maildir++' | 'fs';
  readonly utf8: boolean;
  /** Does a Dovecot with the plugin listescape serve the store? */
  readonly listescape?: boolean;
};

/** The directories that a mailbox consists of, and that therefore never are one. */
export const mailboxParts: readonly string[] = ['cur', 'new', 'tmp'];

/**
 * Files that Dovecot and delivery agents keep beside mailboxes, by their beginnings: a directory in the place of one
 * would break the mailbox that it lies in.
 */
const fileNames = /^(?:dovecot[-.]|subscriptions|maildirfolder|maildirsize|courierimap)/i;

/**
 * One part of a mailbox name as it is called in directories and subscriptions, however long. `isFirst`: nothing is
 * before it.
 */
export function spellPart(part: string, spelling: PartSpelling, isFirst: boolean): string {
  const escaped = spelling.listescape === true ? escapedByPlugin(part, spelling) : escapedByUs(part, spelling, isFirst);
  return inCharset(withoutReserved(escaped, spelling), spelling);
}

/** Text that needs no escape, as it is called in directories. */
export function inCharset(text: string, { utf8 }: PartSpelling): string {
  return utf8 ? text : encodeModifiedUtf7(text);
}

/** Text as it stands in a directory's name, escapes and all; undefined where that is not what the charset allows. */
export function fromCharset(spelled: string, { utf8 }: PartSpelling): string | undefined {
  return utf8 ? spelled : decodeModifiedUtf7(spelled);
}

/** The part that was spelled so, its escapes replaced by what they stand for. What is no escape is left as it is. */
export function unescaped(text: string, { listescape }: PartSpelling): string {
  const own = text.replace(ownEscape, (_all, hex: string) => characterOf(hex));
  return listescape === true ? own.replace(pluginEscape, (_all, hex: string) => characterOf(hex)) : own;
}

/**
 * Are these the names of directories that a Dovecot with listescape made? It leaves no backslash that is not the
 * beginning of an escape, and escapes only what it has to. Names without any do not tell: false.
 */
export function isEscapedByPlugin(parts: Iterable<string>, spelling: PartSpelling): boolean {
  const withPlugin = { ...spelling, listescape: true };
  let isSeen = false;
  for (const part of parts) {
    if (!part.includes('\\')) continue;
    const text = fromCharset(part, spelling);
    // A slash in a name is something that no other host could keep: it stays escaped, and says nothing against the
    // rest.
    const escaped = text?.replaceAll('\\2f', '');
    if (escaped === undefined || escapedByPlugin(unescaped(escaped, withPlugin), spelling) !== escaped) return false;
    isSeen = true;
  }
  return isSeen;
}

/** A backslash that would look like an escape of that plugin is escaped, too, or the whole store would. */
function escapedByUs(part: string, { layout }: PartSpelling, isFirst: boolean): string {
  const text = part.replace(layout === 'fs' ? /\\(?=2f|5c|7e)/g : /\\(?=2[ef]|5c|7e)/g, escapeOf('\\'));
  const dotless = layout === 'maildir++' ? text.replaceAll('.', escapeOf('.')) : text;
  return isFirst && dotless.startsWith('~') ? escapeOf('~') + dotless.slice(1) : dotless; // Dovecot does not open ~
}

function escapedByPlugin(part: string, { layout }: PartSpelling): string {
  const text = part.replaceAll('\\', '\\5c');
  const dotless = layout === 'maildir++' ? text.replaceAll('.', '\\2e') : text;
  return dotless.replace(/^~/, '\\7e');
}

/** In directories within directories, what is a directory or file of another kind there begins with an escape. */
function withoutReserved(part: string, { layout }: PartSpelling): string {
  const isReserved = layout === 'fs' && (mailboxParts.includes(part) || fileNames.test(part));
  return isReserved ? escapeOf(part.slice(0, 1)) + part.slice(1) : part;
}

function escapeOf(character: string): string {
  return `${escapeMark}${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function characterOf(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}
