import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { limitPeer } from '../../src/flow/identity/manage-peers.js';
import { rememberSenders } from '../../src/flow/import/record-senders.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import type { Arrival } from '../../src/flow/peers/incoming-bundle.js';
import type { ImportReport } from '../../src/flow/reports/run-report-types.js';
import { openSession, type Session } from '../../src/flow/session/account-session.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { assertAgreed, exchange, initAll, runAhead } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

function openSite(site: Site): Promise<Session> {
  const place = join(site.data, 'mrepl', 'alice');
  return openSession({
    catalogPath: join(place, 'catalog.db'),
    keysPath: join(place, 'keys'),
    home: site.home,
    machineName: site.name,
    waitMs: 0,
    now: Date.now,
    listener: () => undefined,
    signal: new AbortController().signal,
  });
}

/** An import at a host that limits the cabin to this right. */
async function importWith(site: Site, directory: string, right: Right): Promise<ImportReport> {
  await site.mrepl('peers', 'limit', 'cabin', right);
  const session = await openSite(site);
  try {
    const options = { dryRun: false, mailboxes: [], allowExpunge: false };
    return await importFrom(session, { directory }, options);
  } finally {
    await session.close();
  }
}

test('what a limited peer says is heard once, and under another right all of it is said anew', async (t) => {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home', { uidList: true }), makeSite(directory, 'cabin')];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('ours'));
  await initAll([home, cabin]);
  for (const site of [home, cabin, home]) await runAhead(site, 'sync', stick);
  const outcomes = ({ bundles }: ImportReport) => bundles.map(({ outcome }) => outcome);
  const cabinsBundles = () => readdirSync(join(stick, 'mrepl', 'alice')).filter((name) => name.startsWith('cabin-'));

  cabin.put(letter('theirs'), { flags: 'S' });
  cabin.mark('ours', { add: 'F' });
  await runAhead(cabin, 'sync', stick);
  const read = await importWith(home, stick, 'read');
  assert.deepEqual(outcomes(read), ['limited']);
  assert.deepEqual([read.texts.arrived, read.mailboxes.length, home.count('theirs')], [0, 0, 0]);
  assert.deepEqual(
    read.withheld.map(({ messages, flags, expunges, others }) => [messages, flags, expunges, others]),
    [[1, 1, 0, 0]],
  );
  assert.deepEqual(outcomes(await importWith(home, stick, 'read')), []);

  // Under another right the bundle that still lies there is read once more.
  const append = await importWith(home, stick, 'append');
  assert.deepEqual([outcomes(append), append.texts.arrived], [['limited'], 1]);
  assert.deepEqual([home.count('theirs'), home.count('ours')], [1, 1]);
  assert.match(home.files('theirs')[0] ?? '', /:2,S$/);
  assert.doesNotMatch(home.files('ours')[0] ?? '', /:2,.*F/);

  // It is acknowledged, and goes; what comes later builds upon it all the same.
  const before = cabinsBundles();
  await runAhead(home, 'export', stick);
  await runAhead(cabin, 'sync', stick);
  assert.deepEqual(
    cabinsBundles().filter((name) => before.includes(name)),
    [],
  );
  cabin.put(letter('later'));
  await runAhead(cabin, 'sync', stick);
  const later = await importWith(home, stick, 'append');
  assert.ok(later.bundles.every(({ fileName, outcome }) => outcome === 'limited' && !before.includes(fileName)));
  assert.deepEqual([home.count('theirs'), home.count('later')], [1, 1]);
  for (const site of [home, cabin, home, cabin, home]) await runAhead(site, 'sync', stick);
  for (const site of [cabin, home]) {
    assert.match(await site.mrepl('sync', stick), /nothing new on either side/);
  }
  assert.ok(cabinsBundles().length <= 1);

  await importWith(home, stick, 'full');
  for (const site of [home, cabin, home, cabin]) await runAhead(site, 'sync', stick);
  await assertAgreed([home, cabin]);
  assert.match(home.files('ours')[0] ?? '', /:2,F$/);
});

test('a limited peer speaks for itself alone: of what it says of others nothing is believed', async (t) => {
  const directory = scratch(t);
  const [home, cabin, boat] = [makeSite(directory, 'home'), makeSite(directory, 'cabin'), makeSite(directory, 'boat')];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('ours'));
  await initAll([home, cabin, boat]);
  await exchange([home, cabin, boat], stick);
  const session = await openSite(home);
  try {
    const { catalog } = session;
    const [itself, other] = ['boat', 'cabin'].map((name) => catalog.peers().find(({ hostName }) => hostName === name));
    assert.ok(itself !== undefined && other !== undefined);
    catalog.putPeer({ ...other, isDirect: false }); // of one that is heard itself nobody is believed
    const said = { clocks: new Map([['INBOX', new Map([[catalog.identity.hostId, { serial: 9, modseq: 9 }]])]]) };
    const nothing = {
      wanted: [],
      unheard: [],
      answers: [],
      heard: new Map(),
      witnessed: new Map(),
      statements: new Map(),
      disowned: [],
    };
    const arrival = {
      preamble: {
        ...{ ...said, ...nothing, account: 'alice', from: { hostId: itself.hostId, name: 'boat' } },
        ...{ to: [], number: 50, madeAtS: 0 },
        relayed: [],
      },
      imprint: null,
      troubles: [],
      manifestSha256: '',
      isMissed: () => false,
      isWithheld: () => false,
      isDoubted: () => false,
    } as unknown as Arrival;
    const statement = {
      ...{ ...said, account: 'alice', from: { hostId: other.hostId, name: 'cabin' } },
      ...{
        number: Number.MAX_SAFE_INTEGER,
        wanted: [],
        unheard: [],
        served: new Map(),
        strangers: new Map(),
        before: [],
      },
    };
    const heard = [{ statement, isVerified: false, saidBy: itself.hostId }];
    const circumstances = { nowS: 0, complete: true, medium: null, heard, isKnown: () => true };
    const lastOf = (name: string) => catalog.peers().find(({ hostName }) => hostName === name)?.lastNumber;
    for (const right of ['read', 'append'] as const) {
      limitPeer(session, 'boat', right);
      rememberSenders(catalog, [arrival], circumstances);
      assert.deepEqual([lastOf('boat'), lastOf('cabin')], [50, other.lastNumber], right);
    }
    limitPeer(session, 'boat', 'full');
    rememberSenders(catalog, [arrival], circumstances);
    assert.equal(lastOf('cabin'), Number.MAX_SAFE_INTEGER);
  } finally {
    await session.close();
  }
});
