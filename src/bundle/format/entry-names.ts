import type { Guid } from '../../mail/text/text-guid.js';

/**
 * The names of a bundle's tar entries, in the order in which they stand: manifest, its signature, record files, texts,
 * perhaps padding, end.
 */
export const manifestEntry = 'bundle.json';
export const signatureEntry = 'bundle.sig';
export const endEntry = 'end.json';

/** May stand before the end, and says nothing: it hides how much is in a bundle. */
export const paddingEntry = 'padding';

/** The record file of the mailbox with this position in `bundle.json`, counted from 0: `mailboxes/0001.jsonl`. */
export function recordEntry(index: number): string {
  return `mailboxes/${String(index + 1).padStart(4, '0')}.jsonl`;
}

/** The position that `recordEntry` was given; null for any other name. */
export function recordIndexOf(name: string): number | null {
  const index = Number(/^mailboxes\/([0-9]+)\.jsonl$/.exec(name)?.[1]) - 1;
  return index >= 0 && name === recordEntry(index) ? index : null;
}

/** `texts/ab/abcdef....eml`: the directory spreads a million texts over 256 when a bundle is unpacked. */
export function textEntry(guid: Guid): string {
  return `texts/${guid.slice(0, 2)}/${guid}.eml`;
}

/** The guid that `textEntry` was given; null for any other name. */
export function guidOfEntry(name: string): Guid | null {
  const guid = name.slice(9, -4);
  return /^[0-9a-f]{64}$/.test(guid) && name === textEntry(guid) ? guid : null;
}
