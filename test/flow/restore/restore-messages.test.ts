import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom } from '../../../src/flow/import/run-import.js';
import { restoreFrom } from '../../../src/flow/restore/restore-messages.js';
import { Crash, type Fault } from '../../scenes/faulty-store.js';
import { type Party, sessionOf, sync } from '../../scenes/party.js';
import {
  dayMs,
  everything,
  expunge,
  letter,
  makeScene,
  outcomes,
  receivedS,
  restore,
  three,
} from '../../scenes/trash-scene.js';

/** The subjects in a mailbox. */
function subjects({ store }: Party, mailbox = 'INBOX'): string[] {
  return store.user
    .messages(mailbox)
    .map(({ text }) => Buffer.from(text).toString().slice('Subject: '.length).trim())
    .sort();
}

test('what a peer expunged comes back with flags and date, also to the peer, and is not doubled', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one', 'three');
  await exchange();
  assert.deepEqual([subjects(home), subjects(cabin)], [['two'], ['two']]);
  const before = await restore(cabin, null);
  assert.deepEqual(outcomes(before), [
    ['INBOX', 'one', 'restorable'],
    ['INBOX', 'three', 'restorable'],
  ]);
  assert.deepEqual(before.messages[0]?.flags, ['\\Flagged', 'work']);
  assert.deepEqual([before.messages[0]?.by, before.messages[0]?.uid], ['a1'.repeat(16), 1]);
  assert.deepEqual((await restore(home, null)).messages, []);
  assert.deepEqual(outcomes(await restore(cabin)), [
    ['INBOX', 'one', 'restored'],
    ['INBOX', 'three', 'restored'],
  ]);
  await exchange();
  for (const party of [home, cabin]) {
    assert.deepEqual(subjects(party), ['one', 'three', 'two']);
    const back = party.store.user.messages('INBOX').slice(1);
    for (const message of back) {
      assert.deepEqual([[...message.flags].sort(), message.receivedS], [['\\Flagged', 'work'], receivedS]);
    }
    assert.deepEqual(
      back.map(({ uid }) => uid),
      [4, 5],
    );
  }
  assert.deepEqual([...(await cabin.store.trash.guids())], []);
  assert.deepEqual((await restore(cabin)).messages, []);
});

test('each criterion takes what it says', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, [...three, ['Work', letter('four')]]);
  expunge(home, 'INBOX', 'one');
  await exchange();
  const [first] = (await restore(cabin, null)).messages;
  assert.ok(first !== undefined);
  cabin.nowMs += dayMs;
  expunge(home, 'INBOX', 'two');
  expunge(home, 'Work', 'four');
  await exchange();
  const { atS, guid, bundle } = first;
  for (const [selection, wanted] of [
    [{}, 'one two four'],
    [{ mailboxes: ['w*', 'Work'] }, 'four'],
    [{ messages: [guid.slice(0, 6).toUpperCase()] }, 'one'],
    [{ messages: [guid.slice(0, 5)] }, ''],
    [{ messages: ['1'] }, 'one four'],
    [{ messages: ['1'], mailboxes: ['INBOX'] }, 'one'],
    [{ bundles: [bundle.fileName] }, 'one'],
    [{ bundles: [bundle.fileName.slice(0, bundle.fileName.indexOf('.'))] }, 'one'],
    [{ bundles: [String(bundle.number), '99'] }, 'one'],
    [{ sinceS: atS, beforeS: atS + 1 }, 'one'],
    [{ sinceS: atS + 1 }, 'two four'],
    [{ beforeS: atS }, ''],
  ] as const) {
    const options = { dryRun: true, selection: { ...everything, ...selection } };
    const { messages } = await restoreFrom(sessionOf(cabin), options);
    assert.equal(messages.map(({ subject }) => subject).join(' '), wanted, JSON.stringify(selection));
    assert.ok(messages.every(({ outcome }) => outcome === 'restorable'));
  }
  assert.deepEqual(subjects(cabin), ['three']);
});

test('a mailbox that is gone is made again', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, [
    ...three,
    ['Work/Old', letter('a')],
    ['Work/Old', letter('b')],
  ]);
  home.store.user.delete('Work/Old');
  await exchange();
  const isThere = async ({ store }: Party) => (await store.list()).mailboxes.some(({ name }) => name === 'Work/Old');
  assert.equal(await isThere(cabin), false);
  await restore(cabin, { mailboxes: ['Work/*'] });
  await exchange();
  for (const party of [home, cabin]) {
    assert.ok(await isThere(party));
    assert.deepEqual(subjects(party, 'Work/Old'), ['a', 'b']);
  }
});

test('a text that is in its mailbox again is not brought back', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await exchange();
  cabin.store.user.deliver('INBOX', letter('one'));
  assert.deepEqual(outcomes(await restore(cabin)), [['INBOX', 'one', 'there']]);
  assert.deepEqual(outcomes(await restore(cabin, null)), [['INBOX', 'one', 'there']]);
  assert.deepEqual(subjects(cabin), ['one', 'three', 'two']);
  expunge(cabin, 'INBOX', 'one');
  assert.deepEqual(outcomes(await restore(cabin)), [['INBOX', 'one', 'restored']]);
});

test('twins that went together come back as one message', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, [...three, ['INBOX', letter('one')]]);
  expunge(home, 'INBOX', 'one');
  await exchange();
  assert.deepEqual(outcomes(await restore(cabin)), [
    ['INBOX', 'one', 'there'],
    ['INBOX', 'one', 'restored'],
  ]);
  assert.deepEqual(subjects(cabin), ['one', 'three', 'two']);
});

test('what was moved, or went before this host could expunge it, is not in the trash', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one', 'two');
  home.store.user.deliver('Kept', letter('one'));
  await sync(home, stick);
  expunge(cabin, 'INBOX', 'two');
  await exchange();
  assert.deepEqual([subjects(cabin), subjects(cabin, 'Kept')], [['three'], ['one']]);
  assert.deepEqual((await restore(cabin, null)).messages, []);
  assert.deepEqual([cabin.catalog.trash(), [...(await cabin.store.trash.guids())]], [[], []]);
});

test('a damaged text is named and left where it is, the others come back', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one', 'two');
  await exchange();
  const [one] = (await restore(cabin, null)).messages;
  assert.ok(one !== undefined);
  const damaged: Party = {
    ...cabin,
    store: {
      ...cabin.store,
      trash: {
        ...cabin.store.trash,
        copyToSpool: (guid) => cabin.store.trash.copyToSpool(guid === one.guid ? '0'.repeat(64) : guid),
      },
    },
  };
  const report = await restore(damaged);
  assert.deepEqual(outcomes(report), [
    ['INBOX', 'one', 'damaged'],
    ['INBOX', 'two', 'restored'],
  ]);
  assert.deepEqual(
    report.troubles.map(({ subject, failure }) => [subject, failure.code]),
    [['INBOX', 'store-damaged']],
  );
  assert.deepEqual(subjects(cabin), ['three', 'two']);
});

test('a dry run says how many would be in the trash, and that nothing changes', async (t) => {
  const { home, cabin, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  await sync(home, stick);
  const options = { dryRun: true, mailboxes: [], allowExpunge: false };
  assert.equal((await importFrom(sessionOf(cabin), { directory: stick }, options)).trashed, 1);
  assert.deepEqual((await restore(cabin, null)).messages, []);
});

/** Of the store, in the imports and restores below: one for each mailbox. */
const changes = 2;

const stops: readonly Fault[] = ['crash before', 'half and gone', 'crash after', 'refused', 'half'];

for (const stop of stops) {
  test(`an import stopped at each change of the store (${stop}) loses nothing from the trash`, async (t) => {
    const { home, cabin, exchange, stick } = await makeScene(t, [...three, ['Work', letter('four')]]);
    expunge(home, 'INBOX', 'one');
    expunge(home, 'Work', 'four');
    home.store.user.deliver('INBOX', letter('new'));
    await sync(home, stick);
    for (let step = 0; step < changes; step++) {
      await sync(cabin, stick, { change: [...Array.from({ length: step }, (): Fault => 'none'), stop], other: [] });
    }
    await exchange();
    assert.deepEqual([subjects(cabin), subjects(cabin, 'Work')], [['new', 'three', 'two'], []]);
    assert.deepEqual(outcomes(await restore(cabin)), [
      ['INBOX', 'one', 'restored'],
      ['Work', 'four', 'restored'],
    ]);
    await exchange();
    for (const party of [home, cabin]) {
      assert.deepEqual([subjects(party), subjects(party, 'Work')], [['new', 'one', 'three', 'two'], ['four']]);
    }
  });

  test(`a restore stopped at each change of the store (${stop}) is finished by the next run`, async (t) => {
    for (let step = 0; step < changes; step++) {
      const { home, cabin, exchange } = await makeScene(t, [...three, ['Work', letter('four')]]);
      expunge(home, 'INBOX', 'one', 'two');
      home.store.user.delete('Work');
      await exchange();
      const change = [...Array.from({ length: step }, (): Fault => 'none'), stop];
      await restore(cabin, {}, { change, other: [] }).catch((error: unknown) => {
        if (!(error instanceof Crash)) throw error;
      });
      await exchange();
      for (const party of [home, cabin]) {
        assert.deepEqual(
          [subjects(party), subjects(party, 'Work')],
          [['one', 'three', 'two'], ['four']],
          `step ${step}`,
        );
      }
      assert.deepEqual([...(await cabin.store.spool.texts())], []);
    }
  });
}

test('what cannot be delivered stays in the trash until it can', async (t) => {
  const { home, cabin, exchange, stick } = await makeScene(t, [...three, ['Work', letter('four')]]);
  home.store.user.delete('Work');
  await exchange();
  cabin.blocked = 'Work';
  const report = await restore(cabin);
  assert.deepEqual(outcomes(report), [['Work', 'four', 'waiting']]);
  assert.equal(report.troubles.length, 1);
  cabin.nowMs += dayMs;
  await sync(cabin, stick);
  assert.equal((await cabin.store.trash.guids()).size, 1);
  cabin.blocked = null;
  const otherStick = join(stick, '..', 'other');
  mkdirSync(otherStick);
  assert.equal(await sync(cabin, otherStick), 0);
  assert.deepEqual(subjects(cabin, 'Work'), ['four']);
  await exchange();
  assert.deepEqual([subjects(home, 'Work'), subjects(cabin, 'Work')], [['four'], ['four']]);
});

test('a move whose halves arrive one after the other takes its text from the trash', async (t) => {
  const { home, cabin, stick } = await makeScene(t, three);
  expunge(home, 'INBOX', 'one');
  home.store.user.deliver('Kept', letter('one'));
  await sync(home, stick);
  const options = { dryRun: false, mailboxes: ['INBOX'], allowExpunge: false };
  await importFrom(sessionOf(cabin), { directory: stick }, options);
  assert.equal((await cabin.store.trash.guids()).size, 1);
  for (const dryRun of [true, false]) {
    const report = await importFrom(sessionOf(cabin), { directory: stick }, { ...options, dryRun, mailboxes: [] });
    assert.deepEqual([report.texts.arrived, report.texts.waiting], [0, 0]);
  }
  assert.deepEqual(subjects(cabin, 'Kept'), ['one']);
});
