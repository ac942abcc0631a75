import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everyRule, type Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { complaintAbout } from './exhaust-check.js';
import { KeySet } from './exhaust-keys.js';
import { type Level, searchLevels } from './exhaust-levels.js';
import { Explorer } from './exhaust-search.js';
import { keyOf, snapshotOf } from './exhaust-snapshot.js';
import { ExhaustWorld, type Setting } from './exhaust-world.js';

// The first deeds of what `npm run exhaust` goes through; test/RESULTS.md says how far that went.

const two: Setting = { hosts: 2, begin: 'agreed', clocksApartS: 0 };

/** The first history after which an invariant is broken, and which it is; null where there is none. */
async function search(setting: Setting, deedsMax: number, onLevel?: (level: Level) => void): Promise<string | null> {
  const explorer = new Explorer(setting);
  const found = await searchLevels({
    deedsMax,
    hands: 1,
    expand: async (histories, isLast) => histories.map((history) => explorer.expand(history, isLast)),
    ...(onLevel === undefined ? {} : { onLevel }),
  });
  if (found === null || found === 'over') return found;
  return `${explorer.describe(found.history)}\n${found.complaint}`;
}

test('after every history of two hosts with up to 3 deeds the invariants hold', async () => {
  let states = 0;
  const found = await search(two, 3, (level) => {
    states += level.states;
  });
  assert.equal(found, null);
  assert.ok(states > 1000, `${states} states only: something that can be done is not done`);
});

test('after every history of two hosts that reset at different times of day with up to 2 deeds they hold', async () => {
  assert.equal(await search({ ...two, clocksApartS: 10 }, 2), null);
});

test('after every history of two strangers with the same mail with up to 2 deeds they hold', async () => {
  assert.equal(await search({ ...two, begin: 'strangers' }, 2), null);
});

test('after every history of three hosts with up to 2 deeds they hold', async () => {
  assert.equal(await search({ ...two, hosts: 3 }, 2), null);
});

for (const rule of ['countResets', 'advanceClock', 'expungeAbsent', 'moveConflicts', 'nameDecisions'] as const) {
  test(`without the rule ${rule} a history of at most 2 deeds breaks an invariant`, async () => {
    const rules: Rules = { ...everyRule, [rule]: false };
    assert.notEqual(await search({ ...two, rules }, 2), null);
  });
}

test('without the rule unify what strangers have is doubled', async () => {
  const rules: Rules = { ...everyRule, unify: false };
  assert.match((await search({ ...two, begin: 'strangers', rules }, 0)) ?? '', /nothingDoubled/);
});

test('a failure tells the shortest history, deed by deed', async () => {
  const found = await search({ ...two, rules: { ...everyRule, expungeAbsent: false } }, 2);
  assert.match(found ?? '', /^letter in INBOX of A is expunged\nagreement: /);
});

test('what is put back to go on from is just what the deeds alone come to', () => {
  const explorer = new Explorer(two);
  for (const deed of explorer.expand([], false).keys.keys()) {
    for (const [next, key] of explorer.expand([deed], false).keys.entries()) {
      const fresh = new ExhaustWorld(two);
      fresh.deeds()[deed]?.act();
      const before = snapshotOf(fresh);
      const last = fresh.deeds()[next];
      last?.act();
      assert.deepEqual(keyOf(fresh, { before, changed: last?.host ?? 0 }), key, `${deed} ${next}`);
    }
  }
});

test('a set of keys knows what was added, however many there are', () => {
  const keys = new KeySet();
  const key = (n: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(n) * 0x9e37_79b9n).buffer);
  const count = 100_000;
  for (let n = 0; n < count; n++) assert.ok(keys.add(key(n)));
  for (let n = 0; n < count; n++) assert.ok(!keys.add(key(n)));
  assert.equal(keys.size, count);
});

/** Histories of six deeds which showed that a promise of the page was too wide: what is looked at must hold with what it says now. */
const longer = {
  'flags that two hosts set alike, one of which cleared it and moved the message, may depend on the order of runs, and on nothing else':
    [
      'flag of letter in INBOX of A',
      'A exports',
      'flag of letter in INBOX of A',
      'letter in INBOX of A is moved to Work',
      'A exports',
      'flag of letter in INBOX of B',
    ],
  'a message that both moved to one mailbox, and one of them twice, may take three swaps': [
    'letter in INBOX of A is moved to Work',
    'A exports',
    'letter in Work of A is moved to INBOX',
    'letter in INBOX of A is moved to Work',
    'letter in INBOX of B is moved to Work',
    'B imports bundle 4 of A',
  ],
};
for (const [what, history] of Object.entries(longer)) {
  test(what, () => {
    const exhaust = new ExhaustWorld(two);
    for (const says of history) {
      const deed = exhaust.deeds().find((each) => each.says === says);
      assert.ok(deed, says);
      deed.act();
    }
    assert.equal(complaintAbout(exhaust, snapshotOf(exhaust), { endsInBundle: false }), null);
  });
}
