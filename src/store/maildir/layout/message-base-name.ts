import type { Guid } from '../../../mail/text/text-guid.js';
import { parseMessageFileName } from './message-file-name-flags.js';

/**
 * What is known of a text a name is chosen for: bytes as stored here (LF), and as IMAP sends it (CRLF) where that is
 * known.
 */
export type TextSize = {
  readonly sizeBytes: number;
  readonly wireBytes: number | null;
  /** Set where the hint is the name of another copy of the mail, with other stamped lines. */
  readonly isCopy?: true;
};

/** A text by its guid, with the bytes of its canonical form. */
export type NamedText = { readonly guid: Guid; readonly sizeBytes: number };

/** Room for `:2,`, flags and 26 keywords within the 255 bytes of a file name. Inclusive. */
const baseBytesMax = 200;

/** ASCII without space, `/` and `:`, not beginning with a dot or a dash. */
const legalBase = /^(?![.-])[!-.0-9;-~]+$/;

/** What Dovecot can be told as a message GUID in a UID list: no space, which ends a field there. */
const legalGuid = /^[!-~]{1,255}$/;

/**
 * Can a message be filed under this name? Not where the name would lead elsewhere, nor where it says sizes that are not
 * those of the text: Dovecot believes them, and cuts the message short where `W=` is too small. Nor with mbsync's
 * `,U=`, which would be taken for a UID of that program here.
 */
export function isUsableBase(hint: string, text: TextSize): boolean {
  if (hint.length > baseBytesMax || !legalBase.test(hint) || hint.includes(',U=')) return false;
  if (parseMessageFileName(hint, { anyDelimiter: true }).base !== hint) return false; // it would end in flags
  for (const [, letter, value] of hint.matchAll(/,([SW])=([^,]*)/g)) {
    if (!/^\d{1,15}$/.test(value ?? '')) return false;
    const bytes = Number(value);
    if (letter === 'S' && bytes !== text.sizeBytes) return false;
    if (letter === 'W' && text.wireBytes !== null && bytes !== text.wireBytes) return false;
    // Where the lines were not counted: a true S= beside it was written by somebody who had this very text.
    if (letter === 'W' && text.wireBytes === null) {
      if (text.isCopy || bytes < text.sizeBytes || bytes > 2 * text.sizeBytes || !hint.includes(',S=')) return false;
    }
  }
  return true;
}

/** The name to be wished for instead of one that every command would take for its options: with a letter before it. */
export function withoutDash(hint: string): string {
  return hint.startsWith('-') ? `m${hint}` : hint;
}

/**
 * The field that makes Dovecot call a message `hint` although its file is named otherwise; empty where that is not
 * possible.
 */
export function guidFieldFor(ref: string, hint: string): string {
  return ref === hint || !legalGuid.test(hint) ? '' : ` G${hint}`;
}

/** `,S=..,W=..` for a name of our own. */
export function sizeFields(text: TextSize): string {
  return text.wireBytes === null ? `,S=${text.sizeBytes}` : `,S=${text.sizeBytes},W=${text.wireBytes}`;
}

/** The size a base name claims for its file, if any. */
export function claimedSize(base: string): number | undefined {
  const match = /,S=(\d{1,15})(?=,|$)/.exec(base);
  return match === null ? undefined : Number(match[1]);
}

/** The order in which Dovecot numbers new files: by the seconds their names begin with, then by name. */
export function compareArrivals(a: string, b: string): number {
  const difference = (Number.parseInt(a, 10) || 0) - (Number.parseInt(b, 10) || 0);
  return difference !== 0 ? difference : a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Makes names that no other process makes: seconds, microseconds, process, a count, the host
 * (https://cr.yp.to/proto/maildir.html).
 */
export function baseNameMaker(how: { hostName: string; now: () => number; pid: number }): (fields: string) => string {
  const host = how.hostName.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 64) || 'localhost';
  let count = 0;
  return (fields) => {
    const nowMs = how.now();
    const micros = Math.floor((nowMs % 1000) * 1000);
    count++;
    return `${Math.floor(nowMs / 1000)}.M${micros}P${how.pid}Q${count}.${host}${fields}`;
  };
}

/** What stays of a base name where the sizes in it change, as they do when the message is packed. */
export function baseNameStem(base: string): string {
  return base.split(',', 1)[0] ?? base;
}
