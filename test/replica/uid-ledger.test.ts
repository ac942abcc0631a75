import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { conflictingUids, uidUseAt, uidUses } from '../../src/replica/find-uid-conflicts.js';
import { inRanges } from '../../src/replica/number-ranges.js';
import {
  type Agreement,
  type Claim,
  emptyLedger,
  highestClaim,
  joinLedgers,
  type Ledger,
} from '../../src/replica/uid-ledger.js';

const seed = 20080101;
const labels = ['a', 'b', 'c', 'd'];
const range = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat(4)).map(([lo, more]) => ({ lo, hi: lo + more }));
const claim: fc.Arbitrary<Claim> = fc
  .tuple(fc.constantFrom(100, 200), fc.constantFrom(...labels), range)
  .map(([uidValidity, label, { lo, hi }]) => ({ uidValidity, label, lo, hi }));
const agreement: fc.Arbitrary<Agreement> = fc
  .tuple(fc.constantFrom(100, 200), fc.constantFrom('ab', 'bc', 'ad', 'cd'), range)
  .map(([uidValidity, [a = '', b = ''], { lo, hi }]) => ({ uidValidity, lo, hi, a, b }));
const ledger = fc
  .record({ claims: fc.array(claim, { maxLength: 8 }), agreements: fc.array(agreement, { maxLength: 8 }) })
  .map((entries) => joinLedgers(emptyLedger, entries));

test('joining ledgers is the same in any order and any number of times', () => {
  fc.assert(
    fc.property(ledger, ledger, ledger, (a, b, c) => {
      assert.deepEqual(joinLedgers(a, b), joinLedgers(b, a));
      assert.deepEqual(joinLedgers(joinLedgers(a, b), c), joinLedgers(a, joinLedgers(b, c)));
      assert.equal(joinLedgers(a, a), a, 'the very object where nothing is new');
      const both = joinLedgers(a, b);
      assert.equal(joinLedgers(both, a), both);
      assert.equal(joinLedgers(both, b), both);
    }),
    { seed, numRuns: 500 },
  );
});

test('a UID is in conflict where its labels are not joined by agreements, UID by UID', () => {
  fc.assert(
    fc.property(ledger, (entries) => {
      const conflicts = conflictingUids(entries, 100);
      const uses = uidUses(entries, 100);
      for (let uid = 0; uid <= 20; uid++) {
        const groups = groupsAt(entries, uid);
        assert.equal(inRanges(conflicts, uid), groups.length > 1, `UID ${uid}`);
        assert.deepEqual(uidUseAt(uses, uid)?.labels ?? [], groups.flat().sort());
      }
    }),
    { seed, numRuns: 500 },
  );
});

test('adjacent and overlapping claims of one label become one', () => {
  const claims = [
    { uidValidity: 100, label: 'a', lo: 4, hi: 6 },
    { uidValidity: 100, label: 'a', lo: 1, hi: 3 },
    { uidValidity: 100, label: 'b', lo: 7, hi: 7 },
    { uidValidity: 200, label: 'a', lo: 7, hi: 9 },
  ];
  const joined = joinLedgers(emptyLedger, { claims, agreements: [] });
  assert.deepEqual(joined.claims, [{ uidValidity: 100, label: 'a', lo: 1, hi: 6 }, claims[2], claims[3]]);
  assert.equal(highestClaim(joined, 100), 7);
  assert.equal(highestClaim(joined, 300), 0);
});

/** The labels that claim a UID, in groups joined by agreements: by trying out, without any index. */
function groupsAt({ claims, agreements }: Ledger, uid: number): string[][] {
  const covers = ({ uidValidity, lo, hi }: Claim | Agreement): boolean => uidValidity === 100 && lo <= uid && uid <= hi;
  let groups = [...new Set(claims.filter(covers).map(({ label }) => label))].map((label) => [label]);
  for (const { a, b } of agreements.filter(covers)) {
    const ofA = groups.find((group) => group.includes(a));
    const ofB = groups.find((group) => group.includes(b));
    if (ofA === undefined || ofB === undefined || ofA === ofB) continue;
    groups = [...groups.filter((group) => group !== ofA && group !== ofB), [...ofA, ...ofB]];
  }
  return groups;
}
