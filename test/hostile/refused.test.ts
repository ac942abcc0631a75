import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { letter, scratch } from '../end-to-end/site.js';
import { containerCases } from './container-cases.js';
import type { HostileCase } from './hostile-case.js';
import { jsonCases } from './json-cases.js';
import { makeVictim, snapshot, type Victim } from './victim.js';

// Each case is imported as a user would, from a stick; afterwards the catalog and the store must be what they were.

/** What a person can read: what was being done, what is wrong with it, nothing of the program's insides. */
const sentence = /^[a-z]+ing [^\n]+: [^\n]+$/;
const insides = /undefined|null|\[object|Error:|NaN|node:|internal/;

async function assertRefused(victim: Victim, { name, make, refused, code, says }: HostileCase): Promise<void> {
  const before = snapshot(victim);
  const report = await victim.take(await make(victim));
  const after = snapshot(victim);
  const [bundle] = report.bundles;
  assert.equal(report.bundles.length, 1);
  assert.equal(bundle?.outcome, refused === 'bundle' ? 'refused' : 'incomplete', bundle?.failure?.message);
  const failure = bundle?.failure;
  assert.equal(failure?.code, code, failure?.message);
  assert.match(failure?.message ?? '', says);
  assert.match(failure?.message ?? '', sentence);
  assert.doesNotMatch(failure?.message ?? '', insides);
  assert.ok(failure?.hint !== undefined, `no hint: ${failure?.message}`);
  assert.equal(report.texts.arrived, 0);
  const mailFiles = (files: readonly string[]): readonly string[] =>
    files.filter((file) => /(?:cur|new|tmp)\//.test(file));
  assert.deepEqual(mailFiles(after.files), mailFiles(before.files), name);
  if (refused === 'texts') return;
  assert.deepEqual(after.files, before.files);
  assert.deepEqual(after.mail, before.mail);
  if (refused === 'bundle') assert.deepEqual(after.hosts, before.hosts);
}

for (const [what, cases] of [
  ['frames and archive', containerCases],
  ['JSON', jsonCases],
] as const) {
  describe(`refused, and nothing is changed: ${what}`, () => {
    let victim: Victim;
    const clean: (() => unknown)[] = [];
    before(async () => {
      const directory = scratch({ after: (done) => clean.push(done) });
      victim = await makeVictim({ after: (done) => clean.unshift(done) }, directory, {
        fill(site) {
          for (const number of [1, 2, 3]) site.put(letter(`number ${number}`));
        },
      });
    });
    after(async () => {
      for (const done of clean) await done();
    });
    for (const hostile of cases) {
      test(`${hostile.name} (${hostile.because})`, () => assertRefused(victim, hostile));
    }
  });
}
