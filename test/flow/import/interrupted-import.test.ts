import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { areReceivedTextsKept } from '../../../src/catalog/facts/runs/texts-of-interrupted-import.js';
import { exportTo } from '../../../src/flow/export/run-export.js';
import { importFrom } from '../../../src/flow/import/run-import.js';
import type { Session } from '../../../src/flow/session/account-session.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, options, type Party, sessionOf } from '../../scenes/party.js';

// Ctrl-C in the middle of a long import.

const messages = 40;
const receivedBefore = 15;

type Scene = { readonly home: Party; readonly cabin: Party; readonly stick: string };

/** A bundle of home lies on the stick. */
async function makeScene(t: TestContext): Promise<Scene> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  for (let n = 0; n < messages; n++) home.store.user.deliver('INBOX', `Subject: ${n}\n\nText ${n}.\n`);
  await exportTo(sessionOf(home), { directory: stick }, options);
  return { home, cabin, stick };
}

/** A session in which somebody stops the run when so many texts were received. */
function stoppedAt(party: Party, count: number): Session {
  const controller = new AbortController();
  return {
    ...sessionOf(party),
    signal: controller.signal,
    listener: (event) => {
      if (event.kind === 'progress' && event.doneMessages === count) controller.abort();
    },
  };
}

/** How many texts are read from the bundle. */
async function importCounting(party: Party, stick: string): Promise<number> {
  const { texts } = await importFrom(sessionOf(party), { directory: stick }, options);
  return texts.arrived;
}

test('what was received is kept, and the next import goes on from there', async (t) => {
  const { cabin, stick } = await makeScene(t);
  await assert.rejects(importFrom(stoppedAt(cabin, receivedBefore), { directory: stick }, options));
  assert.equal((await sessionOf(cabin).spool.texts()).length, receivedBefore);
  assert.equal(cabin.store.user.messages('INBOX').length, 0);
  assert.equal(await importCounting(cabin, stick), messages - receivedBefore);
  assert.equal(cabin.store.user.messages('INBOX').length, messages);
  assert.deepEqual(await sessionOf(cabin).spool.texts(), []);
  assert.equal(areReceivedTextsKept(cabin.catalog), false);
});

test('what was received is kept through other runs, and through another interruption', async (t) => {
  const { cabin, stick } = await makeScene(t);
  await assert.rejects(importFrom(stoppedAt(cabin, receivedBefore), { directory: stick }, options));
  cabin.store.user.deliver('INBOX', 'Subject: here\n\nMeanwhile.\n');
  await exportTo(sessionOf(cabin), { directory: stick }, options);
  await importFrom(sessionOf(cabin), { directory: stick }, { ...options, dryRun: true });
  assert.equal((await sessionOf(cabin).spool.texts()).length, receivedBefore);
  await assert.rejects(importFrom(stoppedAt(cabin, 5), { directory: stick }, options));
  assert.equal((await sessionOf(cabin).spool.texts()).length, receivedBefore + 5);
  assert.equal(await importCounting(cabin, stick), messages - receivedBefore - 5);
  assert.equal(cabin.store.user.messages('INBOX').length, messages + 1);
});

test('an import that fails otherwise leaves nothing in the spool', async (t) => {
  const { cabin, stick } = await makeScene(t);
  const session: Session = {
    ...sessionOf(cabin),
    listener: (event) => {
      if (event.kind === 'progress' && event.doneMessages === receivedBefore) throw new Error('no more');
    },
  };
  await assert.rejects(importFrom(session, { directory: stick }, options), /no more/);
  assert.deepEqual(await sessionOf(cabin).spool.texts(), []);
});
