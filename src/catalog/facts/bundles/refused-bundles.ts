import type { FailureCode } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';

// A bundle that is for others, or of a host that was revoked or is limited, may lie on a stick for years. That is said
// once, and then only when it is asked for by its name, until something changes between hosts.

const final: ReadonlySet<FailureCode> = new Set(['bundle-not-for-us', 'revoked']);

const prefix = 'refused:';

/** Was the file with this imprint refused, or found to hold nothing more that is wanted? */
export function isRefused(catalog: FactCatalog, imprint: string): boolean {
  return catalog.note(prefix + imprint) !== null;
}

/** Remembers a refusal that nothing on the stick will change. */
export function rememberRefusal(catalog: FactCatalog, imprint: string, code: FailureCode): void {
  if (final.has(code)) catalog.setNote(prefix + imprint, code);
}

/** Remembers a bundle of which nothing more is wanted under the right that its sender has here. */
export function rememberLimited(catalog: FactCatalog, imprint: string): void {
  catalog.setNote(prefix + imprint, 'limited');
}

/**
 * So many refusals are remembered from one run to the next. Inclusive. Some 100 bytes each; a stick has a hundred
 * bundles of a host at the most.
 */
export const refusalsMax = 10_000;

/** Forgets all where there are too many: each bundle is then spoken of, or read, once more where it still lies. */
export function boundRefusals(catalog: FactCatalog): void {
  let count = 0;
  for (const key of catalog.notes().keys()) if (key.startsWith(prefix)) count++;
  if (count > refusalsMax) forgetRefusals(catalog);
}

/** For when hosts are paired, or what they may do changes. */
export function forgetRefusals(catalog: FactCatalog): void {
  for (const key of catalog.notes().keys()) if (key.startsWith(prefix)) catalog.setNote(key, null);
}
