import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { preambleOf, written } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, options, sessionOf, sync } from '../scenes/party.js';

test('after a second bundle of one number nothing of its host is used, also where the first was taken in part', async (t) => {
  const directory = scratch(t);
  const { home, cabin, stick } = await makePair(t, directory);
  home.store.user.deliver(inbox, 'one');
  assert.equal(await sync(home, stick), 0);
  const first = join(stick, 'mrepl', 'alice', 'home-000001.tar.zst');
  const take = async (file: string) =>
    (await importFrom(sessionOf(cabin), { files: [file] }, { ...options, mailboxes: [inbox] })).bundles[0];
  assert.equal((await take(first))?.outcome, 'taken');
  const preamble = { ...preambleOf([]), from: { hostId: home.catalog.identity.hostId, name: 'home' }, number: 1 };
  const keys = { signingKey: home.keys.signingKey, recipients: [] };
  const second = join(directory, 'second.tar.zst');
  writeFileSync(second, (await written({ preamble, news: [], texts: [] }, {}, keys)).bytes);
  const refused = await take(second);
  assert.deepEqual([refused?.outcome, refused?.failure?.code], ['refused', 'untrusted']);
  assert.match(refused?.failure?.message ?? '', /home has told two stories: .* about number 1;/);
  assert.equal((await take(first))?.failure?.code, 'untrusted'); // nobody can tell which of the two is true
});
