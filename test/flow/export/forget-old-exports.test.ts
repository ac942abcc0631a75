import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { unseenMax } from '../../../src/flow/export/forget-old-exports.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, type Party, sync } from '../../scenes/party.js';

// What is remembered of bundles that lie on sticks, while their reader never says a word.

type Scene = { readonly home: Party; readonly cabin: Party; stick(name: string): string };

async function makeScene(t: TestContext): Promise<Scene> {
  const directory = scratch(t);
  const stick = (name: string): string => {
    mkdirSync(join(directory, name), { recursive: true });
    return join(directory, name);
  };
  const { home, cabin } = await makePair(t, directory);
  return { home, cabin, stick };
}

/** As many bundles as that were begun elsewhere. */
function pass({ catalog }: Party, bundles: number): void {
  catalog.transaction(() => {
    for (let passed = 0; passed < bundles; passed++) catalog.takeNumber();
  });
}

function numbers({ catalog }: Party): number[] {
  return catalog.exports().map(({ number }) => number);
}

function bundlesOn(stick: string): string[] {
  return readdirSync(join(stick, 'mrepl', 'alice')).sort();
}

async function sends(party: Party, text: string, stick: string): Promise<void> {
  party.store.user.deliver(inbox, text);
  assert.equal(await sync(party, stick), 0);
}

test('what lay on lost sticks is forgotten', async (t) => {
  const { home, stick } = await makeScene(t);
  await sends(home, 'one', stick('lost'));
  pass(home, unseenMax - 2);
  await sends(home, 'two', stick('other'));
  assert.deepEqual(numbers(home), [1, unseenMax]);
  await sends(home, 'three', stick('other'));
  assert.deepEqual(numbers(home), [unseenMax, unseenMax + 1]);
});

test('what is seen now and then is built upon for ever, however old it is', async (t) => {
  const { home, stick } = await makeScene(t);
  const [one, other] = [stick('one'), stick('other')];
  await sends(home, 'first', one);
  for (let turn = 0; turn < 4; turn++) {
    pass(home, unseenMax / 2);
    await sends(home, `other ${turn}`, other);
    await sends(home, `one ${turn}`, one);
  }
  assert.equal(numbers(home)[0], 1);
  assert.equal(bundlesOn(one)[0], 'home-000001.tar.zst');
  assert.equal(bundlesOn(one).length, 5);
});

test('where a forgotten bundle comes to light, all of it is said anew', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const [lost, other] = [stick('lost'), stick('other')];
  await sends(home, 'one', lost);
  pass(home, unseenMax);
  await sends(home, 'two', other);
  assert.ok(!numbers(home).includes(1));
  await sends(home, 'three', lost);
  assert.ok(!bundlesOn(lost).includes('home-000001.tar.zst'));
  assert.equal(await sync(cabin, lost), 0);
  assert.equal(cabin.store.user.messages(inbox).length, 3);
  assert.equal(await sync(home, lost), 0);
  assert.equal(await sync(cabin, other), 0);
  assert.equal(cabin.store.user.messages(inbox).length, 3);
});
