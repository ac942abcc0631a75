import { uidNextMax } from '../../replica/replica-limits.js';
import type { Agreement, Claim, Ledger } from '../../replica/uid-ledger.js';
import { asCount, asFilledText, asList, asTuple } from '../sql/parse-column.js';

/**
 * The claims and agreements of a mailbox, each list as JSON: `[uidValidity, lo, hi, label]`, `[uidValidity, lo, hi, a,
 * b]`.
 */
export function ledgerToCells({ claims, agreements }: Ledger): { claims: string; agreements: string } {
  return {
    claims: JSON.stringify(claims.map(({ uidValidity, lo, hi, label }) => [uidValidity, lo, hi, label])),
    agreements: JSON.stringify(agreements.map(({ uidValidity, lo, hi, a, b }) => [uidValidity, lo, hi, a, b])),
  };
}

/** The ledger that was written so; throws `Garbled` for anything else. */
export function ledgerFromCells(cells: { readonly claims: unknown; readonly agreements: unknown }): Ledger {
  return {
    claims: asList(cells.claims, 'mailbox_ledger.claims').map(parseClaim),
    agreements: asList(cells.agreements, 'mailbox_ledger.agreements').map(parseAgreement),
  };
}

function parseClaim(entry: unknown): Claim {
  const what = 'mailbox_ledger.claims';
  const [uidValidity, lo, hi, label] = asTuple(entry, 4, what);
  return {
    uidValidity: asCount(uidValidity, what),
    label: asFilledText(label, what),
    lo: believed(asCount(lo, what)),
    hi: believed(asCount(hi, what)),
  };
}

/**
 * Version 0.1 noted UIDs that no peer believes in, and was refused for ever: the last one that they do stands for them.
 */
function believed(uid: number): number {
  return Math.min(uid, uidNextMax);
}

function parseAgreement(entry: unknown): Agreement {
  const what = 'mailbox_ledger.agreements';
  const [uidValidity, lo, hi, a, b] = asTuple(entry, 5, what);
  return {
    uidValidity: asCount(uidValidity, what),
    lo: asCount(lo, what),
    hi: asCount(hi, what),
    a: asFilledText(a, what),
    b: asFilledText(b, what),
  };
}
