import type { FactCatalog } from '../../interface/fact-catalog.js';

const key = 'run-died';

/** Notes that a run died, for the next one that may change the store: whoever only looks leaves it as it is. */
export function noteDeadRun(catalog: FactCatalog): void {
  if (!didRunDie(catalog)) catalog.setNote(key, 'yes');
}

/** Did a run die after which nothing was cleared away yet? */
export function didRunDie(catalog: FactCatalog): boolean {
  return catalog.note(key) !== null;
}

/** What it left was cleared away. */
export function forgetDeadRun(catalog: FactCatalog): void {
  catalog.setNote(key, null);
}
