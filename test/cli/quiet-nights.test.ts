import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSyncMemory } from '../../src/cli/context/sync-memory.js';
import { Failure } from '../../src/failure.js';
import { makeSite, scratch } from '../end-to-end/site.js';
import { pairAll } from '../host.js';

const dayS = 24 * 3600;

test('a quiet sync complains once of what stays the same, again after a week, and at once where it comes back', async (t) => {
  const directory = scratch(t);
  let nowMs = Date.UTC(2026, 10, 1);
  const home = makeSite(directory, 'home', { nowMs: () => nowMs });
  const cabin = makeSite(directory, 'cabin');
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  await pairAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const night = async (days = 1): Promise<[number, string]> => {
    nowMs += days * dayS * 1000;
    const { status, out, err } = await home.run('sync', stick, '--quiet');
    assert.equal(out, '');
    return [status, err];
  };
  assert.deepEqual(await night(), [0, '']);
  renameSync(stick, `${stick}.gone`);
  const [status, said] = await night();
  assert.equal(status, 66);
  assert.match(said, /^mrepl: .*stick/);
  assert.deepEqual(await night(), [66, '']);
  assert.deepEqual(await night(7), [66, said]);
  assert.deepEqual(await night(), [66, '']);
  renameSync(`${stick}.gone`, stick);
  assert.deepEqual(await night(), [0, '']);
  rmSync(stick, { recursive: true });
  assert.deepEqual(await night(), [66, said]);
  const loud = await home.run('sync', stick);
  assert.equal(loud.err, said, 'without --quiet it is said each time');
});

test('what another run makes good is said only where it does not pass', (t) => {
  const file = join(scratch(t), 'data', 'sync-state.json');
  const locked = { subject: '-', failure: new Failure('locked', 'another run has the account (process 4711)') };
  const again = { subject: '-', failure: new Failure('locked', 'another run has the account (process 4712)') };
  const ask = (hours: number, trouble = locked): boolean => {
    const memory = openSyncMemory(file, { about: 'alice', nowS: 1_700_000_000 + hours * 3600 });
    const answer = memory.isToSay(trouble);
    memory.close();
    return answer;
  };
  assert.deepEqual([ask(0), ask(1, again), ask(19)], [false, false, false]);
  assert.deepEqual([ask(21, again), ask(22), ask(21 + 7 * 24)], [true, false, true]);
});

test('one account is not kept quiet by what was said of another, nor one thing by another', (t) => {
  const file = join(scratch(t), 'sync-state.json');
  const damaged = (subject: string) => ({
    subject,
    failure: new Failure('bundle-damaged', `${subject} is cut off at 71`),
  });
  const ask = (about: string, subject: string): boolean => {
    const memory = openSyncMemory(file, { about, nowS: 1_700_000_000 });
    const answer = memory.isToSay(damaged(subject));
    memory.close();
    return answer;
  };
  assert.deepEqual([ask('alice', 'a-000042'), ask('work', 'a-000042'), ask('alice', 'a-000043')], [true, true, true]);
  assert.equal(ask('alice', 'a-000042'), false);
});

test('a stick is new at the first run that finds it, and after a run that did not', (t) => {
  const file = join(scratch(t), 'sync-state.json');
  const run = (...sticks: readonly string[]): boolean[] => {
    const memory = openSyncMemory(file, { about: '', nowS: 1_700_000_000 });
    const answers = sticks.map((stick) => memory.isNewStick(stick));
    memory.close();
    return answers;
  };
  assert.deepEqual([run('/a'), run('/a', '/b'), run(), run('/b')], [[true], [false, true], [], [true]]);
});
