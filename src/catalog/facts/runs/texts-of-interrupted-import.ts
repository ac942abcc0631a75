import type { FactCatalog } from '../../interface/fact-catalog.js';

const key = 'received-in-vain';

/** Notes that texts which an interrupted import received lie in the spool, for the next one to go on from. */
export function keepReceivedTexts(catalog: FactCatalog): void {
  if (!areReceivedTextsKept(catalog)) catalog.setNote(key, 'yes');
}

/** Are there any? Nothing in the spool is to be removed then, whether anybody waits for it or not. */
export function areReceivedTextsKept(catalog: FactCatalog): boolean {
  return catalog.note(key) !== null;
}

/** An import took in bundles: what it did not need nobody will. */
export function forgetReceivedTexts(catalog: FactCatalog): void {
  if (areReceivedTextsKept(catalog)) catalog.setNote(key, null);
}
