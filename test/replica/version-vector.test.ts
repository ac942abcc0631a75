import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Clock,
  covers,
  coversBirth,
  coversStamp,
  joinClocks,
  meetClocks,
  sameClock,
} from '../../src/replica/version-vector.js';

const seed = 20080101;
const clock: fc.Arbitrary<Clock> = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3), fc.nat(3)), { maxLength: 3 })
  .map((ticks) => new Map(ticks.map(([host, serial, modseq]) => [host, { serial, modseq }])));

test('clocks are a lattice: the join is the least that covers both, the meet the most that both cover', () => {
  fc.assert(
    fc.property(clock, clock, clock, (a, b, c) => {
      const join = joinClocks(a, b);
      const meet = meetClocks(a, b);
      assert.ok(covers(join, a) && covers(join, b) && covers(a, meet) && covers(b, meet));
      assert.equal(covers(c, join), covers(c, a) && covers(c, b));
      assert.equal(covers(meet, c), covers(a, c) && covers(b, c));
      assert.equal(sameClock(a, b), covers(a, b) && covers(b, a));
    }),
    { seed, numRuns: 500 },
  );
});

test('a clock covers births by serial and changes by modseq', () => {
  const known: Clock = new Map([['a', { serial: 2, modseq: 7 }]]);
  assert.ok(coversBirth(known, { host: 'a', serial: 2 }) && !coversBirth(known, { host: 'a', serial: 3 }));
  assert.ok(coversStamp(known, { host: 'a', modseq: 7 }) && !coversStamp(known, { host: 'a', modseq: 8 }));
  assert.ok(!coversBirth(known, { host: 'b', serial: 1 }));
});
