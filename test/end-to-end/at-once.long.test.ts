import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Outcome } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';
import { makeUidWitness } from './uid-witness.js';

// Several runs at the same instant: of different hosts on one stick or shared folder, and on one account.

const names = ['home', 'cabin', 'attic'] as const;

/** What a run may say that met others: everything it says is made good by the next exchange. */
const isPassing = (line: string): boolean => line.includes('builds upon news that never came here');

function assertEndedWell(site: Site, { status, out, err }: Outcome): void {
  const complaints = err.split('\n').filter((line) => line.startsWith('mrepl: '));
  const isGood = status === 0 ? complaints.length === 0 : status === 3 && complaints.every(isPassing);
  assert.ok(isGood, `${site.name}: ${status}\n${out}${err}`);
}

/** Everybody does something; what one person does to a letter, nobody else does. */
function live(sites: readonly Site[], round: number): void {
  for (const [index, site] of sites.entries()) {
    site.deliver(letter(`kept ${round} ${site.name}.`));
    site.put(letter(`moved ${round} ${site.name}.`), { flags: 'S' });
    site.put(letter(`gone ${round} ${site.name}.`));
    if (round === 0) continue;
    const earlier = `${round - 1} ${site.name}.`;
    site.move(`moved ${earlier}`, 'INBOX', `Box/${site.name}`);
    site.expunge(`gone ${earlier}`);
    const other = sites[(index + 1) % sites.length];
    const theirs = `kept ${round - 1} ${other?.name}.`;
    if (site.count(theirs) === 1) site.mark(theirs, { add: 'F' });
  }
}

describe('hosts on one stick at the same instant', () => {
  for (const { hosts, rounds, runs } of [
    { hosts: 3, rounds: 4, runs: 'within one process' },
    { hosts: 2, rounds: 2, runs: 'as processes' },
    { hosts: 3, rounds: 2, runs: 'as processes' },
  ] as const) {
    test(`${hosts} hosts, ${rounds} rounds, ${runs}: they agree in the end, and everything is there once`, async (t) => {
      const directory = scratch(t);
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      const sites = names.slice(0, hosts).map((name, index) => makeSite(directory, name, { uidList: index === 0 }));
      await initAll(sites);
      const witness = makeUidWitness();
      for (let round = 0; round < rounds; round++) {
        live(sites, round);
        const outcomes = await Promise.all(
          sites.map((site) => (runs === 'as processes' ? site.start(['sync', stick]).ended : site.run('sync', stick))),
        );
        for (const [index, site] of sites.entries()) {
          assertEndedWell(site, outcomes[index] ?? assert.fail());
          await witness.look(site);
        }
      }
      await exchange(sites, stick, 2);
      await assertAgreed(sites);
      for (const site of sites) {
        await witness.look(site);
        for (let round = 0; round < rounds; round++) {
          for (const { name } of sites) {
            const isLast = round === rounds - 1;
            assert.equal(site.count(`kept ${round} ${name}.`), 1);
            assert.equal(site.count(`moved ${round} ${name}.`, isLast ? 'INBOX' : `Box/${name}`), 1);
            assert.equal(site.count(`gone ${round} ${name}.`), isLast ? 1 : 0);
          }
        }
      }
    });
  }
});

test('an import, an export, a sync and a pairing of one account at the same instant wait for each other, or say so', async (t) => {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const both = [
    makeSite(directory, 'home', { uidList: true }),
    makeSite(directory, 'cabin', { uidList: true }),
  ] as const;
  const [home, cabin] = both;
  await initAll(both);
  for (let number = 1; number <= 60; number++) home.put(letter(`from home ${number}.`));
  await home.mrepl('export', stick);
  for (let number = 1; number <= 60; number++) cabin.put(letter(`from the cabin ${number}.`));
  const commands = [
    ['import', stick],
    ['export', stick],
    ['sync', stick],
    ['pair', stick, '--yes'],
  ];
  const outcomes = await Promise.all(commands.map((command) => cabin.start(command).ended));
  assert.ok(outcomes.some(({ status }) => status === 0));
  for (const [index, { status, err }] of outcomes.entries()) {
    assert.ok(status === 0 || status === 75, `${commands[index]?.join(' ')}: ${status}\n${err}`);
    if (status === 75) assert.match(err, /another run/);
  }
  const bundles = readdirSync(join(stick, 'mrepl', 'alice')).filter((name) => name.startsWith('cabin-'));
  const numbers = bundles.map((name) => /-(\d{6})\./.exec(name)?.[1]);
  assert.equal(new Set(numbers).size, bundles.length, bundles.join(', '));
  await exchange([cabin, home], stick);
  await assertAgreed(both);
  for (const site of both) {
    for (const sender of ['home', 'the cabin']) assert.equal(site.count(`from ${sender} `), 60);
  }
});
