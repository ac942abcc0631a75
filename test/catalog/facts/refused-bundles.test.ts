import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefused, refusalsMax, rememberRefusal } from '../../../src/catalog/facts/bundles/refused-bundles.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, type Party, sync } from '../../scenes/party.js';

// Bundles that are for others lie on sticks for years, and are remembered by what they hold.

function remember({ catalog }: Party, count: number): void {
  catalog.transaction(() => {
    for (let n = 0; n < count; n++) rememberRefusal(catalog, `imprint${n}`, 'bundle-not-for-us');
  });
}

test('refusals are remembered up to a limit, and then anew', async (t) => {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  const exchange = async (text: string): Promise<void> => {
    home.store.user.deliver(inbox, text);
    for (const party of [home, cabin]) await sync(party, stick);
  };
  remember(cabin, refusalsMax);
  await exchange('Subject: one\n\n');
  assert.equal(isRefused(cabin.catalog, 'imprint0'), true);
  remember(cabin, refusalsMax + 1);
  await exchange('Subject: two\n\n');
  const left = [...cabin.catalog.notes().keys()].filter((key) => key.startsWith('refused:'));
  assert.deepEqual(left, []);
});
