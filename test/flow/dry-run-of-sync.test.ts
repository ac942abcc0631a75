import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syncWith } from '../../src/flow/sync-with-directories.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, options, sessionOf, sync } from '../scenes/party.js';

test('a dry run of a sync tells of the export as it will be once the import is done', async (t) => {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  home.store.user.deliver(inbox, 'Subject: one\n\n');
  cabin.store.user.deliver(inbox, 'Subject: two\n\n');
  for (const party of [home, cabin]) assert.equal(await sync(party, stick), 0);
  const exportOf = async (dryRun: boolean) => {
    const [report] = await syncWith(sessionOf(home), [stick], { ...options, dryRun });
    const { removed, bundles } = report?.export ?? {};
    return { removed, told: bundles?.map(({ mailboxes, texts, buildsOn }) => ({ mailboxes, texts, buildsOn })) };
  };
  const foreseen = await exportOf(true);
  assert.equal(foreseen.removed?.length, 1); // the cabin has said that it took it in
  assert.deepEqual(await exportOf(false), foreseen);
});
