import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readList, writeJson } from '../json-fact.js';

const key = 'split-births';

/** So many are kept, inclusive, the newest. */
const splitsMax = 64;

/** A peer has births of a host that are other messages than here, and nothing shows whose fault it is. */
export type Split = { readonly from: HostId; readonly of: HostId; readonly atS: number };

/** Those that are known, the oldest first. */
export function splitsIn(catalog: FactCatalog): readonly Split[] {
  return readList(catalog, key).map((row) => {
    const [from, of, atS]: unknown[] = Array.isArray(row) ? row : [];
    invariant(isHostId(from) && isHostId(of) && typeof atS === 'number', `the note ${key} names no hosts`);
    return { from, of, atS };
  });
}

/** Remembers them in the open transaction. Answers those that are new. */
export function rememberSplits(catalog: FactCatalog, found: readonly Split[]): readonly Split[] {
  const before = splitsIn(catalog);
  const known = new Set(before.map(pairOf));
  const added = new Map(found.filter((split) => !known.has(pairOf(split))).map((split) => [pairOf(split), split]));
  if (added.size > 0) put(catalog, [...before, ...added.values()]);
  return [...added.values()];
}

/** Forgets those of one host, in the open transaction. */
export function forgetSplits(catalog: FactCatalog, host: HostId): void {
  put(
    catalog,
    splitsIn(catalog).filter(({ of }) => of !== host),
  );
}

function put(catalog: FactCatalog, splits: readonly Split[]): void {
  const rows = splits.slice(-splitsMax).map(({ from, of, atS }) => [from, of, atS]);
  writeJson(catalog, key, rows.length === 0 ? null : rows);
}

function pairOf({ from, of }: Split): string {
  return `${from} ${of}`;
}
