import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readEntries, writeJson } from '../json-fact.js';

/** What there was no room for, of a peer. */
export type LeftOutKind = 'hosts' | 'mailboxes';

const hostsKey = 'left-out-hosts';
const mailboxesKey = 'left-out-mailboxes';

function keyOf(kind: LeftOutKind): string {
  return kind === 'hosts' ? hostsKey : mailboxesKey;
}

/**
 * By peer, the most of these that one bundle brought and that were left out here. As many rows as peers that were ever
 * paired.
 */
export function leftOutIn(catalog: FactCatalog, kind: LeftOutKind): ReadonlyMap<HostId, number> {
  const key = keyOf(kind);
  return new Map(
    readEntries(catalog, key).map(([host, count]) => {
      invariant(typeof count === 'number', `the note ${key} has no number`);
      return [host, count];
    }),
  );
}

/** Remembers it, in the open transaction. Answers the peers of which it was not known. */
export function addLeftOut(
  catalog: FactCatalog,
  kind: LeftOutKind,
  counts: ReadonlyMap<HostId, number>,
): readonly HostId[] {
  const before = leftOutIn(catalog, kind);
  const after = new Map(before);
  for (const [host, count] of counts) after.set(host, Math.max(count, before.get(host) ?? 0));
  const news = [...counts].flatMap(([host, count]) => (count > 0 && (before.get(host) ?? 0) === 0 ? [host] : []));
  if (after.size > 0) writeJson(catalog, keyOf(kind), Object.fromEntries(after));
  return news;
}
