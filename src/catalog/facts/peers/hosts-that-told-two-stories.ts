import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readList, writeJson } from '../json-fact.js';

// Hosts whose statements contradict each other (mrepl-sync(7), Two stories of one host), and which peers know of them.

const prefix = 'equivocation:';
const heldKey = 'disowned-by';

/** Hosts of which both statements are kept, inclusive: of more it is only remembered that they told two stories. */
const shownMax = 64;

/** A statement as its host signed it. */
type Signed = { readonly text: string; readonly sig: string };

/** A host that told two stories. */
export type Disowned = {
  readonly hostId: HostId;
  /**
   * The number of its statement in which they part; null where nothing shows it: it says nothing more, and others have
   * found it out.
   */
  readonly number: number | null;
  readonly atS: number;
  /** The two that contradict each other; null where they are too large, or there is nothing that shows it. */
  readonly shown: readonly [Signed, Signed] | null;
};

/** By host. A row for each, for ever: nothing of it is taken any more, so that it adds none. */
export function disownedIn(catalog: FactCatalog): ReadonlyMap<HostId, Disowned> {
  const found = new Map<HostId, Disowned>();
  for (const key of catalog.notes().keys()) {
    if (!key.startsWith(prefix)) continue;
    const hostId = key.slice(prefix.length);
    const [number, atS, ...texts] = readList(catalog, key);
    invariant(number === null || typeof number === 'number', `the note ${key} has no number`);
    invariant(typeof atS === 'number', `the note ${key} has no time`);
    const [text, sig, otherText, otherSig] = texts.map(String);
    const isShown = text !== undefined && sig !== undefined && otherText !== undefined && otherSig !== undefined;
    const shown = isShown
      ? ([
          { text, sig },
          { text: otherText, sig: otherSig },
        ] as const)
      : null;
    found.set(hostId, { hostId, number, atS, shown });
  }
  return found;
}

/** Adds a host, in the open transaction. What shows it is kept where there is room. */
export function addDisowned(catalog: FactCatalog, { hostId, number, atS, shown }: Disowned): void {
  const isRoom = [...disownedIn(catalog).values()].filter((each) => each.shown !== null).length < shownMax;
  const kept = isRoom && shown !== null ? shown : [];
  writeJson(catalog, prefix + hostId, [number, atS, ...kept.flatMap(({ text, sig }) => [text, sig])]);
}

/** By peer, the hosts that it knows to have told two stories, as its last bundle says. As many rows as peers. */
export function disownedBy(catalog: FactCatalog): ReadonlyMap<HostId, readonly HostId[]> {
  return new Map(
    readList(catalog, heldKey).map((row) => {
      const [host, disowned]: unknown[] = Array.isArray(row) ? row : [];
      invariant(typeof host === 'string' && Array.isArray(disowned), `the note ${heldKey} names no hosts`);
      return [host, disowned.map(String)];
    }),
  );
}

/** Remembers, in the open transaction, which hosts the sender knows to have told two stories. */
export function rememberDisownedBy(catalog: FactCatalog, from: HostId, disowned: readonly HostId[]): void {
  const all = disownedBy(catalog);
  if ((all.get(from) ?? []).join() === disowned.join()) return;
  const others = [...all].filter(([host]) => host !== from);
  const rows = disowned.length === 0 ? others : [...others, [from, disowned] as const];
  writeJson(catalog, heldKey, rows.length === 0 ? null : rows);
}
