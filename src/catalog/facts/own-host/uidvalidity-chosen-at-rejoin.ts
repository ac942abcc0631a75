import { invariant } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';

const key = 'era';

/** Lays down the UIDVALIDITY by which those are known that may have held here before (`barOldUids`). */
export function rememberEra(catalog: FactCatalog, era: number): void {
  catalog.setNote(key, String(era));
}

/** Null where this host never began again. */
export function eraOf(catalog: FactCatalog): number | null {
  const note = catalog.note(key);
  if (note === null) return null;
  const era = Number(note);
  invariant(Number.isSafeInteger(era) && era > 0, `the note ${key} is no UIDVALIDITY`);
  return era;
}
