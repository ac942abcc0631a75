import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { scratch } from '../end-to-end/site.js';
import { casesTried } from '../thoroughness.js';
import { layers, runCase } from './fuzz-case.js';
import { judgeMerge } from './judge-merge.js';
import { makeScenes, type Scene } from './scene.js';

// The same cases at every run; `npm run fuzz` takes others, and as many as it is told to.
const seed = 20080101;

/** Of each layer. */
const cases = casesTried(210);

describe('bundles altered at every layer lead to no crash, no hang and no state that one cannot go on from', () => {
  const clean: (() => void)[] = [];
  let directory: string;
  let scenes: readonly Scene[];
  before(async () => {
    directory = scratch({ after: (done) => clean.push(done) });
    scenes = await makeScenes(directory);
  });
  after(() => {
    for (const done of clean) done();
  });

  test('unaltered they are taken', async () => {
    for (const scene of scenes)
      assert.equal(await judgeMerge(scene.bytes, scene, { right: 'full', isForged: false }), 'taken');
  });

  for (const layer of layers) {
    test(layer, async () => {
      const verdicts = new Set<string>();
      for (let index = 0; index < cases; index++) {
        const outcome = await runCase({ seed, index, layer }, scenes, directory);
        if ('complaint' in outcome) {
          const again = `npm run fuzz -- --cases 1 --seed ${seed} --first ${index} --layer ${layer}`;
          assert.fail(`${outcome.complaint}\nagain: ${again}`);
        }
        verdicts.add(outcome.verdict);
      }
      // A fuzzer whose bundles are all refused at the door would find nothing behind it.
      assert.ok(verdicts.has('refused') && verdicts.has('in part'), [...verdicts].join(', '));
    });
  }
});
