import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratch } from '../end-to-end/site.js';
import { soak } from './soak-run.js';

test('three hosts, some dozens of exchanges with faults and kills: equal in the end, nothing lost or doubled', async (t) => {
  const figures = await soak({
    directory: scratch(t),
    hosts: 3,
    exchanges: 30,
    seed: 4,
    untilMs: Number.POSITIVE_INFINITY,
    killShare: 0.04,
    smallDisks: false,
    say: () => undefined,
  });
  assert.ok(figures.tally.of('exchange') >= 30);
  assert.ok(figures.messages > 0 && figures.messages <= figures.texts * 2);
});
