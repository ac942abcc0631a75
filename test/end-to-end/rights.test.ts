import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom } from '../../src/flow/import.js';
import type { ImportReport } from '../../src/flow/report.js';
import { openSession } from '../../src/flow/session.js';
import type { Right } from '../../src/replica/right.js';
import { assertAgreed, initAll, runAhead } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

/** An import at a host that limits the cabin to this right. */
async function importWith(site: Site, directory: string, right: Right): Promise<ImportReport> {
  await site.mrepl('peers', 'limit', 'cabin', right);
  const place = join(site.data, 'mrepl', 'alice');
  const session = await openSession({
    catalogPath: join(place, 'catalog.db'),
    keysPath: join(place, 'keys'),
    home: site.home,
    machineName: site.name,
    waitMs: 0,
    now: Date.now,
    listener: () => undefined,
    signal: new AbortController().signal,
  });
  try {
    const options = { dryRun: false, mailboxes: [], allowExpunge: false };
    return await importFrom(session, { directory }, options);
  } finally {
    await session.close();
  }
}

test('bundles of a limited peer stay on the stick until it has its rights again, and then all of it comes', async (t) => {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home', { uidList: true }), makeSite(directory, 'cabin')];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('ours'));
  await initAll([home, cabin]);
  for (const site of [home, cabin, home]) await runAhead(site, 'sync', stick);

  cabin.put(letter('theirs'), { flags: 'S' });
  cabin.mark('ours', { add: 'F' });
  await runAhead(cabin, 'sync', stick);
  const read = await importWith(home, stick, 'read');
  assert.deepEqual(
    read.bundles.map(({ outcome }) => outcome),
    ['limited'],
  );
  assert.deepEqual([read.texts.arrived, read.mailboxes.length, home.count('theirs')], [0, 0, 0]);
  assert.deepEqual(
    read.withheld.map(({ messages, flags, expunges, others }) => [messages, flags, expunges, others]),
    [[1, 1, 0, 0]],
  );

  const append = await importWith(home, stick, 'append');
  assert.deepEqual([append.bundles[0]?.outcome, append.texts.arrived], ['limited', 1]);
  assert.deepEqual([home.count('theirs'), home.count('ours')], [1, 1]);
  assert.match(home.files('theirs')[0] ?? '', /:2,S$/);
  assert.doesNotMatch(home.files('ours')[0] ?? '', /F/);

  // What comes later builds upon what still lies there.
  cabin.put(letter('later'));
  await runAhead(cabin, 'sync', stick);
  const later = await importWith(home, stick, 'append');
  assert.deepEqual(
    later.bundles.map(({ outcome }) => outcome),
    ['limited', 'limited'],
  );
  assert.deepEqual([home.count('theirs'), home.count('later')], [1, 1]);

  const full = await importWith(home, stick, 'full');
  assert.deepEqual(
    full.bundles.map(({ outcome }) => outcome),
    ['taken', 'taken'],
  );
  for (const site of [home, cabin, home]) await runAhead(site, 'sync', stick);
  await assertAgreed([home, cabin]);
  assert.match(home.files('ours')[0] ?? '', /:2,F$/);
});
