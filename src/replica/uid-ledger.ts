import { normaliseRanges, type Range } from './number-ranges.js';

/**
 * These UIDs have been given out, in one UIDVALIDITY, by somebody: a host id, or the hash of a renumbering decision.
 */
export type Claim = { readonly uidValidity: number; readonly label: string; readonly lo: number; readonly hi: number };

/** Two labels gave the UIDs `lo..hi` to the same texts, so that sharing them is no conflict. `a` < `b`. */
export type Agreement = {
  readonly uidValidity: number;
  readonly lo: number;
  readonly hi: number;
  readonly a: string;
  readonly b: string;
};

/** Everything that is known of UIDs given out, in canonical order; adjacent and overlapping ranges are joined. */
export type Ledger = { readonly claims: readonly Claim[]; readonly agreements: readonly Agreement[] };

export const emptyLedger: Ledger = { claims: [], agreements: [] };

/**
 * The union of both, canonical whatever order the entries come in. The very object `a` where `b` says nothing new, so
 * that an unchanged ledger is not written again.
 */
export function joinLedgers(a: Ledger, b: Ledger): Ledger {
  if (a === b || (b.claims.length === 0 && b.agreements.length === 0)) return a;
  const claims = canonicalClaims([...a.claims, ...b.claims]);
  const agreements = canonicalAgreements([...a.agreements, ...b.agreements]);
  const same =
    claims.length === a.claims.length &&
    agreements.length === a.agreements.length &&
    claims.every((claim, i) => sameClaim(claim, a.claims[i])) &&
    agreements.every((agreement, i) => sameAgreement(agreement, a.agreements[i]));
  return same ? a : { claims, agreements };
}

/** The highest UID that anybody has given out in this UIDVALIDITY; 0 for none. */
export function highestClaim(ledger: Ledger, uidValidity: number): number {
  let highest = 0;
  for (const claim of ledger.claims) {
    if (claim.uidValidity === uidValidity && claim.hi > highest) highest = claim.hi;
  }
  return highest;
}

function canonicalClaims(claims: readonly Claim[]): Claim[] {
  const result = joinRanges(
    claims,
    ({ label }) => label,
    ({ uidValidity, label }, [lo, hi]) => ({
      uidValidity,
      label,
      lo,
      hi,
    }),
  );
  return result.sort((x, y) => x.uidValidity - y.uidValidity || compareText(x.label, y.label) || x.lo - y.lo);
}

function canonicalAgreements(agreements: readonly Agreement[]): Agreement[] {
  const result = joinRanges(
    agreements,
    ({ a, b }) => `${a} ${b}`,
    ({ uidValidity, a, b }, [lo, hi]) => ({ uidValidity, lo, hi, a, b }),
  );
  return result.sort(
    (x, y) => x.uidValidity - y.uidValidity || compareText(x.a, y.a) || compareText(x.b, y.b) || x.lo - y.lo,
  );
}

function joinRanges<T extends { readonly uidValidity: number; readonly lo: number; readonly hi: number }>(
  entries: readonly T[],
  nameOf: (entry: T) => string,
  make: (sample: T, range: Range) => T,
): T[] {
  const groups = new Map<string, { sample: T; ranges: Range[] }>();
  for (const entry of entries) {
    const key = `${entry.uidValidity} ${nameOf(entry)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { sample: entry, ranges: [[entry.lo, entry.hi]] });
    else group.ranges.push([entry.lo, entry.hi]);
  }
  return [...groups.values()].flatMap(({ sample, ranges }) =>
    normaliseRanges(ranges).map((range) => make(sample, range)),
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sameClaim(x: Claim, y: Claim | undefined): boolean {
  return x.uidValidity === y?.uidValidity && x.label === y.label && x.lo === y.lo && x.hi === y.hi;
}

function sameAgreement(x: Agreement, y: Agreement | undefined): boolean {
  return x.uidValidity === y?.uidValidity && x.a === y.a && x.b === y.b && x.lo === y.lo && x.hi === y.hi;
}
