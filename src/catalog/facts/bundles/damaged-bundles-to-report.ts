import type { ExportCatalog } from '../../interface/export-catalog.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';

// Whoever finds a bundle damaged has learnt nothing from it, and would have nothing to say: but its sender has to hear
// that it was looked at, and did not arrive. So one more bundle is written for each that was found damaged.

const key = 'complaint';
const prefix = 'damaged:';

/**
 * What these bundles, by their imprints, say of some mailbox could not be used, or nothing of it at all, as they are
 * damaged. Of the same file in the same place that is remembered once, as long as it lies there. `medium`: the id of
 * the stick, or another name of the place. `isAll`: no other bundle there is damaged.
 */
export function rememberDamaged(
  catalog: FactCatalog & ExportCatalog,
  medium: string,
  { found, isAll }: { readonly found: readonly string[]; readonly isAll: boolean },
): void {
  const note = prefix + medium;
  const before = catalog.note(note)?.split(' ') ?? [];
  const known = new Set(before);
  const isNew = found.some((imprint) => !known.has(imprint));
  if (isNew) catalog.setNote(key, String(catalog.lastNumber()));
  const now = [...new Set(isAll ? found : [...before, ...found])];
  if (isNew || now.length < before.length) catalog.setNote(note, now.length === 0 ? null : now.join(' '));
}

/**
 * One more bundle is to be written, whatever else there is to say: peers have to hear of something that is no
 * news of mailboxes.
 */
export function oweBundle(catalog: FactCatalog & ExportCatalog): void {
  catalog.setNote(key, String(catalog.lastNumber()));
}

/** Was a bundle found damaged since this host wrote its last? */
export function isToComplain(catalog: FactCatalog & ExportCatalog): boolean {
  const lastNumber = catalog.note(key);
  return lastNumber !== null && catalog.lastNumber() <= Number(lastNumber);
}
