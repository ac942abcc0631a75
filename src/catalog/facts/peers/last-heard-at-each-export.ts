import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { ExportCatalog } from '../../interface/export-catalog.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../interface/peer-catalog.js';
import { recipientsOf } from '../../interface/recipients-and-permissions.js';
import { readEntries, writeJson } from '../json-fact.js';

const key = 'spoken';

/**
 * Remembers what peers have said by now, when a bundle of ours is written or was just seen to be whole. In the open
 * transaction, or one of its own. It is forgotten with the bundle.
 */
export function rememberSpoken(
  catalog: FactCatalog & ExportCatalog & PeerCatalog & PairedHostCatalog,
  number: number,
): void {
  const numbers = new Set(catalog.exportNumbers().map(String));
  const kept = readEntries(catalog, key).filter(([other]) => numbers.has(other));
  const now = recipientsOf(catalog).map(({ hostId, lastNumber }) => [hostId, lastNumber]);
  writeJson(catalog, key, { ...Object.fromEntries(kept), [number]: Object.fromEntries(now) });
}

/**
 * The number of the last bundle that a peer had written, as far as was known, when this bundle of ours was written or
 * last seen to be whole; 0 where nothing was known of it.
 */
export function lastHeardAt(catalog: FactCatalog, number: number, peer: HostId): number {
  const heard = readEntries(catalog, key).find(([other]) => other === String(number))?.[1] ?? {};
  invariant(typeof heard === 'object', `the note ${key} is not what was written`);
  const last = (heard as Readonly<Record<HostId, unknown>>)[peer] ?? 0;
  invariant(typeof last === 'number', `the note ${key} has no number`);
  return last;
}
