import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import type { IdentityCatalog } from '../../interface/host-identity.js';
import { takenMax } from '../../interface/taken-bundle-catalog.js';

// A host writes one bundle of each number. Every bundle that was written or taken in is therefore remembered by its
// number and the hash of its manifest; a rejoin ends that, and of a peer that it wrote `takenMax` others. Some 100
// bytes for each bundle.

const prefix = 'bundle:';

/**
 * Its manifest is not known before it is written; until then, and for ever if the run dies, that number is known as
 * begun.
 */
export const begun = 'begun';

function keyOf(host: HostId, number: number): string {
  return `${prefix}${host}:${number}`;
}

/**
 * What is known of the bundle of this number: the hash of its manifest, 64 hex digits; or `begun`; null for nothing.
 */
export function manifestOf(catalog: FactCatalog, host: HostId, number: number): string | null {
  return catalog.note(keyOf(host, number));
}

/** This host is about to write a bundle of this number. Durable before the bundle has its name. */
export function rememberBegun(catalog: FactCatalog & IdentityCatalog, number: number): void {
  catalog.setNote(keyOf(catalog.identity.hostId, number), begun);
}

/** Was a bundle of this number begun, and not noted as written? */
export function isBegun(catalog: FactCatalog & IdentityCatalog, number: number): boolean {
  return manifestOf(catalog, catalog.identity.hostId, number) === begun;
}

/** The bundle was written, or taken in, be it in part. */
export function rememberBundle(
  catalog: FactCatalog,
  host: HostId,
  { number, manifestSha256 }: { readonly number: number; readonly manifestSha256: string },
): void {
  catalog.setNote(keyOf(host, number), manifestSha256);
}

/**
 * Of each peer the bundles with the highest numbers are remembered, `takenMax` of them and as many again for a while.
 */
export function boundBundles(catalog: FactCatalog & IdentityCatalog): void {
  const numbers = new Map<HostId, number[]>();
  for (const key of catalog.notes().keys()) {
    if (!key.startsWith(prefix)) continue;
    const [host = '', number] = key.slice(prefix.length).split(':');
    const list = numbers.get(host) ?? [];
    list.push(Number(number));
    numbers.set(host, list);
  }
  numbers.delete(catalog.identity.hostId);
  for (const [host, list] of numbers) {
    if (list.length <= 2 * takenMax) continue;
    for (const number of list.sort((a, b) => b - a).slice(takenMax)) catalog.setNote(keyOf(host, number), null);
  }
}

/** Forgets all of them, for a host that begins again and knows nothing of what was in them. */
export function forgetBundles(catalog: FactCatalog): void {
  for (const key of catalog.notes().keys()) if (key.startsWith(prefix)) catalog.setNote(key, null);
}
