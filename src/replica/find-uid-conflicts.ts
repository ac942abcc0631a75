import { normaliseRanges, type Ranges } from './number-ranges.js';
import type { Agreement, Ledger } from './uid-ledger.js';

/**
 * Who gave out the UIDs `lo..hi`, in one UIDVALIDITY. `agreed`: to the same texts, as far as agreements join all
 * labels.
 */
export type UidUse = {
  readonly lo: number;
  readonly hi: number;
  /** In ascending order. */
  readonly labels: readonly string[];
  readonly agreed: boolean;
};

/**
 * The ledger of one UIDVALIDITY cut where anything changes: disjoint, ascending. O(n log n) in the entries of the
 * ledger.
 */
export function uidUses(ledger: Ledger, uidValidity: number): readonly UidUse[] {
  type Edge = { at: number; step: 1 | -1; label?: string; agreement?: Agreement };
  const edges: Edge[] = [];
  for (const { uidValidity: number, label, lo, hi } of ledger.claims) {
    if (number === uidValidity) edges.push({ at: lo, step: 1, label }, { at: hi + 1, step: -1, label });
  }
  for (const agreement of ledger.agreements) {
    if (agreement.uidValidity !== uidValidity) continue;
    edges.push({ at: agreement.lo, step: 1, agreement }, { at: agreement.hi + 1, step: -1, agreement });
  }
  edges.sort((a, b) => a.at - b.at);

  const uses: UidUse[] = [];
  const labels = new Set<string>();
  const agreements = new Set<Agreement>();
  let from = 0;
  for (const { at, step, label, agreement } of edges) {
    if (at > from && labels.size > 0) {
      uses.push({ lo: from, hi: at - 1, labels: [...labels].sort(), agreed: areJoined(labels, agreements) });
    }
    from = at;
    if (label !== undefined) step === 1 ? labels.add(label) : labels.delete(label);
    if (agreement !== undefined) step === 1 ? agreements.add(agreement) : agreements.delete(agreement);
  }
  return uses;
}

/** The use of one UID, if anybody gave it out. Binary search. */
export function uidUseAt(uses: readonly UidUse[], uid: number): UidUse | undefined {
  let low = 0;
  let high = uses.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const use = uses[middle] as UidUse;
    if (uid < use.lo) high = middle - 1;
    else if (uid > use.hi) low = middle + 1;
    else return use;
  }
  return undefined;
}

/** The UIDs that were given out twice, and not to the same texts as far as is known (merge rule 6). */
export function conflictingUids(ledger: Ledger, uidValidity: number): Ranges {
  const disputed = uidUses(ledger, uidValidity).filter(({ agreed }) => !agreed);
  return normaliseRanges(disputed.map(({ lo, hi }) => [lo, hi]));
}

/** How many labels claim a UID, and how many agreements there are about one, at the most, in any UIDVALIDITY. */
export function busiestUid({ claims, agreements }: Ledger): { readonly labels: number; readonly agreements: number } {
  return { labels: deepestOverlap(claims), agreements: deepestOverlap(agreements) };
}

function deepestOverlap(
  entries: readonly { readonly uidValidity: number; readonly lo: number; readonly hi: number }[],
) {
  const edges = entries.flatMap(({ uidValidity, lo, hi }) => [
    { uidValidity, at: lo, step: 1 },
    { uidValidity, at: hi + 1, step: -1 },
  ]);
  edges.sort((a, b) => a.uidValidity - b.uidValidity || a.at - b.at || a.step - b.step);
  let depth = 0;
  let deepest = 0;
  for (const { step } of edges) {
    depth += step;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Do the agreements join all labels into one group? */
function areJoined(labels: ReadonlySet<string>, agreements: ReadonlySet<Agreement>): boolean {
  if (labels.size < 2) return true;
  if (agreements.size < labels.size - 1) return false;
  const leaders = new Map([...labels].map((label) => [label, label]));
  const leaderOf = (label: string): string => {
    let at = label;
    for (let next = leaders.get(at) as string; next !== at; next = leaders.get(at) as string) at = next;
    return at;
  };
  let groups = labels.size;
  for (const { a, b } of agreements) {
    if (!labels.has(a) || !labels.has(b)) continue;
    const [one, other] = [leaderOf(a), leaderOf(b)];
    if (one === other) continue;
    leaders.set(one, other);
    groups -= 1;
  }
  return groups === 1;
}
