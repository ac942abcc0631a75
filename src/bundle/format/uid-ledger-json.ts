import { hostIdPattern } from '../../replica/host-id.js';
import { formatRanges, type Range } from '../../replica/number-ranges.js';
import { uidMax } from '../../replica/replica-limits.js';
import { type Agreement, type Claim, emptyLedger, joinLedgers, type Ledger } from '../../replica/uid-ledger.js';
import { recordLineBytesMax } from './bundle-limits.js';
import { type HostTable, parseRangesText } from './host-table-json.js';
import { malformed, toList, toMatch, toTuple } from './parse-json-value.js';
import { toUid } from './registers-json.js';

/**
 * `claims`: `[[uidvalidity, label, "1:40,42"], ...]`; `agreed`: `[[uidvalidity, label, label, "1:40"], ...]`, both in
 * the ledger's canonical order. A label that is in the table of hosts is said by its index.
 */
type LedgerJson = { readonly claims: readonly unknown[]; readonly agreed: readonly unknown[] };

/** Ranges of one UIDVALIDITY and label stand together, so that two ledgers that say the same are the same text. */
export function ledgerJson(ledger: Ledger, hosts: HostTable): LedgerJson {
  const { claims, agreements } = joinLedgers(emptyLedger, ledger);
  const labelJson = (label: string): string | number => (hosts.has(label) ? hosts.indexOf(label) : label);
  return {
    claims: grouped(claims, ({ uidValidity, label }) => [uidValidity, labelJson(label)]),
    agreed: grouped(agreements, ({ uidValidity, a, b }) => [uidValidity, labelJson(a), labelJson(b)]),
  };
}

/** The inverse of `ledgerJson`. Throws `bundle-not-understood`. */
export function parseLedger(json: { readonly claims: unknown; readonly agreed: unknown }, hosts: HostTable): Ledger {
  const claims: Claim[] = [];
  for (const item of toList(json.claims, '"claims"', recordLineBytesMax)) {
    const [number, name, ranges] = toTuple(item, 'a claim', 3);
    const uidValidity = toUid(number, 'a UIDVALIDITY');
    const label = parseLabel(name, hosts);
    for (const [lo, hi] of parseUids(ranges)) claims.push({ uidValidity, label, lo, hi });
  }
  const agreements: Agreement[] = [];
  for (const item of toList(json.agreed, '"agreed"', recordLineBytesMax)) {
    const [number, one, other, ranges] = toTuple(item, 'an agreement', 4);
    const uidValidity = toUid(number, 'a UIDVALIDITY');
    const a = parseLabel(one, hosts);
    const b = parseLabel(other, hosts);
    if (a >= b) throw malformed('the labels of an agreement are not in ascending order');
    for (const [lo, hi] of parseUids(ranges)) agreements.push({ uidValidity, a, b, lo, hi });
  }
  return joinLedgers(emptyLedger, { claims, agreements });
}

/** Neighbours of one group, which canonical order puts side by side, become one item with several ranges. */
function grouped<T extends { readonly lo: number; readonly hi: number }>(
  entries: readonly T[],
  nameOf: (entry: T) => readonly (number | string)[],
): readonly unknown[] {
  const groups: { name: readonly (number | string)[]; key: string; ranges: Range[] }[] = [];
  for (const entry of entries) {
    const name = nameOf(entry);
    const key = name.join(' ');
    const last = groups.at(-1);
    if (last?.key === key) last.ranges.push([entry.lo, entry.hi]);
    else groups.push({ name, key, ranges: [[entry.lo, entry.hi]] });
  }
  return groups.map(({ name, ranges }) => [...name, formatRanges(ranges)]);
}

/** Host ids and the hashes of renumbering decisions look alike: 32 hexadecimal digits. */
function parseLabel(value: unknown, hosts: HostTable): string {
  if (typeof value === 'number') {
    const host = hosts.ids[value];
    if (host === undefined) throw malformed('a label is not an index of the table of hosts');
    return host;
  }
  return toMatch(value, 'a label', hostIdPattern);
}

function parseUids(value: unknown): readonly Range[] {
  const ranges = parseRangesText(value, 'a claim');
  if (ranges.length === 0) throw malformed('a claim is empty');
  if ((ranges.at(-1)?.[1] ?? 0) > uidMax) throw malformed('a claim goes beyond 32 bit');
  return ranges;
}
