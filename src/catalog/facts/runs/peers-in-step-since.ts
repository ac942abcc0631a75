import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readEntries, writeJson } from '../json-fact.js';

const key = 'in-step-since';

/** Since when peers are in step with this host, in seconds since 1970; for people only. As many as there are peers. */
export function peersInStepSince(catalog: FactCatalog): ReadonlyMap<HostId, number> {
  return new Map(
    readEntries(catalog, key).flatMap(([host, atS]) =>
      isHostId(host) && typeof atS === 'number' ? [[host, atS] as const] : [],
    ),
  );
}

/** Lays them down in place of those before, in the open transaction or one of its own. */
export function putPeersInStepSince(catalog: FactCatalog, since: ReadonlyMap<HostId, number>): void {
  writeJson(catalog, key, since.size === 0 ? null : Object.fromEntries(since));
}
