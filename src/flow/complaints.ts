import type { Catalog } from '../catalog/catalog.js';

// Whoever finds a bundle damaged has learnt nothing from it, and would have nothing to say: but its sender has to hear that it was looked at,
// and did not arrive. So one more bundle is written for each that was found damaged.

const key = 'complaint';
const prefix = 'damaged:';

/** What a bundle says of some mailbox could not be used, or nothing of it at all, as it is damaged. Of the same file that is remembered once. */
export function rememberDamaged(catalog: Catalog, imprint: string): void {
  if (catalog.note(prefix + imprint) !== null) return;
  catalog.setNote(prefix + imprint, 'seen');
  catalog.setNote(key, String(catalog.lastNumber()));
}

/** Was a bundle found damaged since this host wrote its last? */
export function isToComplain(catalog: Catalog): boolean {
  const lastNumber = catalog.note(key);
  return lastNumber !== null && catalog.lastNumber() <= Number(lastNumber);
}
