import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { preambleOf, written } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { framed, putTogether, takeApart, tarOf } from '../fuzz/parts.js';
import { makePair, options, type Party, sessionOf, sync } from '../scenes/party.js';

// Bundles of format version 1, which mrepl 0.1 wrote.

/** Puts one of this host onto the stick; only who wrote it and of which version it is can be told. */
async function leaveOld({ catalog, keys }: Party, stick: string, number: number): Promise<string> {
  const { hostId, hostName } = catalog.identity;
  const preamble = { ...preambleOf([]), from: { hostId, name: hostName }, number };
  const own = { signingKey: keys.signingKey, recipients: [] };
  const parts = takeApart(await tarOf((await written({ preamble, news: [], texts: [] }, {}, own)).bytes));
  parts.manifest.version = '1.0';
  const fileName = `${hostName}-00000${number}.tar.zst`;
  writeFileSync(join(stick, 'mrepl', 'alice', fileName), await framed(putTogether(parts, keys.signingKey)));
  return fileName;
}

const filesOn = (stick: string): string[] => readdirSync(join(stick, 'mrepl', 'alice'));

test('of this host nobody needs any more: they go from the stick', async (t) => {
  const { home, stick } = await makePair(t, scratch(t));
  home.catalog.transaction(() => Array.from({ length: 4 }, () => home.catalog.takeNumber()));
  const old = await leaveOld(home, stick, 3);
  home.store.user.deliver(inbox, 'mail');
  assert.equal(await sync(home, stick), 0);
  assert.ok(!filesOn(stick).includes(old), filesOn(stick).join());
  assert.ok(filesOn(stick).includes('home-000005.tar.zst'), filesOn(stick).join());
});

test('of another host stay where they are, and nothing of them is used', async (t) => {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  const old = await leaveOld(cabin, stick, 3);
  const [bundle] = (await importFrom(sessionOf(home), { directory: stick }, options)).bundles;
  assert.deepEqual([bundle?.outcome, bundle?.failure?.code], ['refused', 'bundle-not-understood']);
  assert.match(bundle?.failure?.message ?? '', /written by mrepl 0\.1 .*; nothing of it is used, and nothing is lost$/);
  assert.match(bundle?.failure?.hint ?? '', /Install the newer mrepl on the host that wrote it/);
  home.store.user.deliver(inbox, 'mail');
  await sync(home, stick);
  assert.ok(filesOn(stick).includes(old));
});

test('in the name of this host with another key are not taken for its own', async (t) => {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  home.catalog.transaction(() => Array.from({ length: 4 }, () => home.catalog.takeNumber()));
  const forger = { ...home, keys: { ...home.keys, signingKey: cabin.keys.signingKey } };
  const old = await leaveOld(forger, stick, 3);
  home.store.user.deliver(inbox, 'mail');
  await sync(home, stick);
  assert.ok(filesOn(stick).includes(old));
});
