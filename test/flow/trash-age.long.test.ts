import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncWith } from '../../src/flow/sync-with-directories.js';
import { trashKeptDays } from '../../src/flow/trash/tidy-trash.js';
import { options, sessionOf, sync } from '../scenes/party.js';
import {
  dayMs,
  expunge,
  hourMs,
  makeScene,
  minuteMs,
  outcomes,
  passDays,
  restore,
  three,
} from '../scenes/trash-scene.js';

test('after thirty days it is gone, and not an hour before', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await exchange();
  cabin.nowMs += dayMs;
  expunge(home, 'INBOX', 'two');
  await exchange();
  await passDays(cabin, stick, trashKeptDays - 1);
  assert.equal((await restore(cabin, null)).messages.length, 2);
  cabin.nowMs += hourMs;
  await sync(cabin, stick);
  assert.deepEqual(outcomes(await restore(cabin, null)), [['INBOX', 'two', 'restorable']]);
  assert.equal((await cabin.store.trash.guids()).size, 1);
});

test('thirty days of runs every ten minutes count as thirty days', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await exchange();
  await passDays(cabin, stick, trashKeptDays - 1);
  for (const lastMs of [dayMs, hourMs]) {
    assert.equal((await restore(cabin, null)).messages.length, 1);
    for (let passedMs = 0; passedMs < lastMs; passedMs += 10 * minuteMs) {
      cabin.nowMs += 10 * minuteMs;
      await sync(cabin, stick);
    }
  }
  assert.equal((await restore(cabin, null)).messages.length, 0);
});

test('a clock that leaps forward, and back, lets nothing go', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  cabin.nowMs = 300_000; // no battery
  expunge(home, 'INBOX', 'one');
  await exchange();
  const rightMs = 1_800_000_000_000;
  for (const [n, nowMs] of [
    rightMs,
    rightMs + 400 * dayMs,
    rightMs + hourMs,
    600_000,
    rightMs + 2 * hourMs,
  ].entries()) {
    cabin.nowMs = nowMs;
    await sync(cabin, stick);
    assert.deepEqual(outcomes(await restore(cabin, null)), [['INBOX', 'one', 'restorable']], `step ${n}`);
  }
});

test('a machine that begins in 1970 at every start counts the time between as its right clock shows it', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await exchange();
  let rightMs = cabin.nowMs;
  const startAndSetClock = async (): Promise<void> => {
    for (const nowMs of [60_000, 120_000, rightMs]) {
      cabin.nowMs = nowMs;
      await sync(cabin, stick);
    }
  };
  for (let start = 0; start < 4 * trashKeptDays; start++) {
    await startAndSetClock();
    rightMs += 5 * hourMs;
  }
  assert.equal((await restore(cabin, null)).messages.length, 1, 'after 25 days');
  for (let start = 0; start < 2 * 13; start++) {
    await startAndSetClock();
    rightMs += 5 * hourMs;
  }
  assert.equal((await restore(cabin, null)).messages.length, 0, 'after 30 days');
});

test('what a year without a run adds is a day', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await exchange();
  await passDays(cabin, stick, trashKeptDays - 1);
  cabin.nowMs += 365 * dayMs;
  await sync(cabin, stick);
  assert.equal((await restore(cabin, null)).messages.length, 1);
  cabin.nowMs += hourMs;
  await sync(cabin, stick);
  assert.equal((await restore(cabin, null)).messages.length, 0);
});

test('of a trash that is larger than its user wants the oldest goes first', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  for (const subject of ['one', 'two', 'three']) {
    expunge(home, 'INBOX', subject);
    await exchange();
    cabin.nowMs += hourMs;
  }
  const bytes = cabin.catalog.trashBytes();
  const limited = { ...sessionOf(cabin), trashBytesMax: bytes };
  await syncWith(limited, [stick], options);
  assert.equal((await restore(cabin, null)).messages.length, 3);
  await syncWith({ ...limited, trashBytesMax: bytes - 1 }, [stick], options);
  assert.deepEqual(
    outcomes(await restore(cabin, null)).map(([, subject]) => subject),
    ['two', 'three'],
  );
  assert.equal((await cabin.store.trash.guids()).size, 2);
});

test('a damaged file that was put aside goes after thirty days, too, whatever its dates', async (t) => {
  const { cabin, stick } = await makeScene(t, three);
  const aside = new Set(['first']);
  const { trash } = cabin.store;
  trash.setAside = async () => new Set(aside);
  trash.dropSetAside = async (names) => names.forEach((name) => void aside.delete(name));
  await passDays(cabin, stick, 10);
  aside.add('second');
  cabin.nowMs += 400 * dayMs;
  await passDays(cabin, stick, trashKeptDays - 10);
  assert.deepEqual([...aside], ['first', 'second']);
  await passDays(cabin, stick, 2);
  assert.deepEqual([...aside], ['second']);
  await passDays(cabin, stick, 10);
  assert.deepEqual([...aside], []);
  assert.equal(cabin.catalog.note('set-aside'), null);
});
