import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { foldedBundlesMin } from '../../src/flow/export/compact-bundle-chain.js';
import { assertAgreed, exchange, initAll, runAhead } from './agreement.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Who meets whom, and what can happen to what is carried between them.

type Trio = {
  readonly a: Site;
  readonly b: Site;
  readonly c: Site;
  readonly all: readonly Site[];
  stick(name: string): string;
};

function makeTrio(t: { after(clean: () => void): void }): Trio {
  const directory = scratch(t);
  const a = makeSite(directory, 'a', { uidList: true });
  const b = makeSite(directory, 'b');
  const c = makeSite(directory, 'c', { uidList: true, uidValidity: 1600000000 });
  return {
    ...{ a, b, c, all: [a, b, c] },
    stick(name) {
      const path = join(directory, name);
      mkdirSync(path, { recursive: true });
      return path;
    },
  };
}

function changeEverything({ a, b, c }: Trio): void {
  a.put(letter('from a', 'a'.repeat(3000)), { flags: 'S' });
  b.put(letter('from b'), { mailbox: 'Archive/Deep' });
  c.deliver(letter('from c'));
  for (const site of [a, b, c]) site.put(letter('on all'), { flags: 'F' });
}

describe('a relay', () => {
  test('carries everything between hosts that never meet', async (t) => {
    const trio = makeTrio(t);
    const { a, b, c, all } = trio;
    const [left, right] = [trio.stick('left'), trio.stick('right')];
    changeEverything(trio);
    await initAll(all);
    const carry = async (): Promise<void> => {
      for (const [site, stick] of [
        [a, left],
        [b, left],
        [b, right],
        [c, right],
        [b, right],
        [b, left],
        [a, left],
      ] as const) {
        await runAhead(site, 'sync', stick);
      }
    };
    await carry();
    await carry();
    await assertAgreed(all);
    assert.equal(c.count('from a'), 1);

    a.expunge('on all');
    c.mark('from a', { add: 'F' });
    await carry();
    await carry();
    await assertAgreed(all);
    assert.equal(c.count('on all'), 0);
  });

  test('answers for a text that the sender left out', async (t) => {
    const trio = makeTrio(t);
    const { a, b, c, all } = trio;
    const [left, right] = [trio.stick('left'), trio.stick('right')];
    a.put(letter('wanted', 'w'.repeat(2000)));
    await initAll(all);
    await a.mrepl('export', left);
    await b.mrepl('import', left);
    await b.mrepl('export', right, '--texts', 'never', '--full');
    await c.mrepl('import', right);
    assert.equal(c.count('wanted'), 0);
    assert.equal((await viewReplica(c)).INBOX?.messages.length, 1);
    await exchange([c, b, c], right, 1);
    assert.equal(c.count('wanted'), 1);
    await exchange([b, c], right);
    await exchange([b, a], left);
    await exchange([b, c], right);
    await assertAgreed(all);
  });
});

describe('one directory for all', () => {
  test('four hosts, each in its turn', async (t) => {
    const trio = makeTrio(t);
    const d = makeSite(scratch(t), 'd');
    const all = [...trio.all, d];
    const shared = trio.stick('shared');
    changeEverything(trio);
    d.put(letter('on all'), { flags: 'R' });
    await initAll(all);
    await exchange(all, shared, 2);
    await assertAgreed(all);
    assert.equal(d.count('on all'), 1);
  });

  test('all at the same moment', async (t) => {
    const trio = makeTrio(t);
    const shared = trio.stick('shared');
    changeEverything(trio);
    await initAll(trio.all);
    for (let round = 0; round < 3; round++) {
      const outcomes = await Promise.all(trio.all.map((site) => site.start(['sync', shared]).ended));
      for (const { status, err } of outcomes) assert.equal(status, 0, err);
    }
    await exchange(trio.all, shared, 1);
    await assertAgreed(trio.all);
  });

  test('bundles that everybody has taken in are removed, and nothing is said twice', async (t) => {
    const trio = makeTrio(t);
    const shared = trio.stick('shared');
    changeEverything(trio);
    await initAll(trio.all);
    await exchange(trio.all, shared, 2);
    for (let round = 1; round <= 3; round++) {
      trio.a.put(letter(`again ${round}`));
      await exchange(trio.all, shared);
    }
    await assertAgreed(trio.all);
    const before = readdirSync(shared, { recursive: true }).map(String).sort();
    const bundles = before.filter((name) => name.endsWith('.tar.zst.age'));
    assert.ok(bundles.length <= 6, `too many bundles lie there: ${bundles.join(', ')}`);
    await exchange(trio.all, shared, 1);
    assert.deepEqual(readdirSync(shared, { recursive: true }).map(String).sort(), before);
  });
});

describe('a peer that is never heard of', () => {
  test('lets no directory fill with bundles, and gets everything when it comes after all', async (t) => {
    const trio = makeTrio(t);
    const { a, b, c, all } = trio;
    const shared = trio.stick('shared');
    const bundlesOf = ({ name }: Site): string[] =>
      readdirSync(join(shared, 'mrepl', 'alice')).filter((file) => file.startsWith(`${name}-`));
    a.put(letter('large', 'large '.repeat(20_000)));
    await initAll(all);
    for (let round = 1; round <= 60; round++) {
      a.put(letter(`round ${round}.`));
      if (round % 4 === 0) a.expunge(`round ${round - 3}.`);
      await a.mrepl('sync', shared);
      if (round % 5 === 0) await b.mrepl('sync', shared);
      for (const site of [a, b]) assert.ok(bundlesOf(site).length <= foldedBundlesMin, bundlesOf(site).join(', '));
    }
    const before = bundlesOf(a);
    await a.mrepl('sync', shared);
    assert.deepEqual(bundlesOf(a), before, 'nothing is written only to have less of it');
    await exchange([c, a, b], shared);
    await assertAgreed(all);
    assert.equal(c.count('round'), 45);
    assert.equal(c.count('large'), 1);
  });
});

describe('what is carried', () => {
  test('two directories with different pasts', async (t) => {
    const trio = makeTrio(t);
    const { a, b } = trio;
    const [old, young] = [trio.stick('old'), trio.stick('young')];
    a.put(letter('one'));
    await initAll([a, b]);
    await exchange([a, b], old);
    a.put(letter('two'));
    await exchange([a, b], young);
    b.put(letter('three'));
    a.expunge('Subject: one');
    await a.mrepl('sync', old);
    await b.mrepl('sync', young);
    await exchange([b, a], old);
    await exchange([a, b], young);
    await assertAgreed([a, b]);
    assert.deepEqual([a.count('one'), a.count('two'), a.count('three')], [0, 1, 1]);
  });

  test('a stick that was lost is made good by the next export', async (t) => {
    const trio = makeTrio(t);
    const { a, b } = trio;
    const stick = trio.stick('stick');
    a.put(letter('one'));
    await initAll([a, b]);
    await exchange([a, b], stick);
    a.put(letter('two'));
    await a.mrepl('sync', stick);
    rmSync(stick, { recursive: true });
    const another = trio.stick('another');
    await exchange([a, b], another);
    await assertAgreed([a, b]);
    assert.equal(b.count('two'), 1);
  });

  test('a stick put back to an earlier state brings nothing back', async (t) => {
    const trio = makeTrio(t);
    const { a, b } = trio;
    const stick = trio.stick('stick');
    a.put(letter('one'));
    a.put(letter('two'));
    await initAll([a, b]);
    await a.mrepl('sync', stick);
    const copy = `${stick}-copy`;
    cpSync(stick, copy, { recursive: true });
    await exchange([b, a], stick);
    b.expunge('Subject: one');
    a.mark('Subject: two', { add: 'F' });
    await exchange([b, a], stick);
    rmSync(stick, { recursive: true });
    cpSync(copy, stick, { recursive: true });
    await exchange([b, a], stick);
    await assertAgreed([a, b]);
    assert.equal(a.count('Subject: one'), 0);
  });

  test('the same bundle twice, and an older one after a newer one, change nothing', async (t) => {
    const trio = makeTrio(t);
    const { a, b } = trio;
    const [first, second] = [trio.stick('first'), trio.stick('second')];
    a.put(letter('one'));
    await initAll([a, b]);
    await a.mrepl('export', first);
    a.put(letter('two'));
    a.expunge('Subject: one');
    await a.mrepl('export', second, '--full');
    await b.mrepl('import', second);
    const before = await viewReplica(b);
    for (const stick of [first, second, first]) await b.mrepl('import', stick);
    assert.deepEqual(await viewReplica(b), before);
    assert.deepEqual([b.count('one'), b.count('two')], [0, 1]);
  });

  test('a pipe does as well as a stick', async (t) => {
    const trio = makeTrio(t);
    const { a, b } = trio;
    a.put(letter('piped', 'ü'.repeat(1000)));
    await initAll([a, b]);
    const pipe = async (from: Site, to: Site): Promise<void> => {
      const { status, outBytes, err } = await from.run('export', '-');
      assert.equal(status, 0, err);
      const imported = await to.start(['import', '-'], outBytes).ended;
      assert.equal(imported.status, 0, imported.err);
    };
    await pipe(a, b);
    b.put(letter('answered'));
    await pipe(b, a);
    await assertAgreed([a, b]);
    assert.equal(a.count('answered'), 1);
  });
});
