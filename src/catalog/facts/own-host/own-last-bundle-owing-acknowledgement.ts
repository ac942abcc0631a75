import { invariant } from '../../../failure.js';
import type { ExportCatalog } from '../../interface/export-catalog.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';

const key = 'statement-owed';

/** From now on only a later bundle says what this host has heard: in the open transaction, or one of its own. */
export function oweStatement(catalog: FactCatalog & ExportCatalog): void {
  catalog.setNote(key, String(catalog.lastNumber()));
}

/** The number of the last bundle that does not say what this host has heard; 0 where all do. */
export function owedSince(catalog: FactCatalog): number {
  const number = Number(catalog.note(key) ?? 0);
  invariant(Number.isSafeInteger(number), `the note ${key} is no number`);
  return number;
}
