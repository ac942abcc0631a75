import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import { limitPeer, revokePeer } from '../../src/flow/identity/manage-peers.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Right } from '../../src/replica/peer-permission.js';
import type { Clock } from '../../src/replica/version-vector.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { message, outgoing, preambleOf, written } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { makeParty, type Party, pair, sessionOf, sync, textsIn } from '../scenes/party.js';

// A peer whose signature is good names hosts that do not exist, wherever a bundle can name one.

const idOf = ({ catalog }: Party): HostId => catalog.identity.hostId;

const strangers = (count: number, first = 0): HostId[] =>
  Array.from({ length: count }, (_, n) => `f${(first + n).toString(16).padStart(31, '0')}`);

function folderOf(stick: string): string {
  return join(stick, 'mrepl', 'alice');
}

type Names = 'home' | 'cabin' | 'boat' | 'bad';

/** home and cabin know each other and the bad one; the boat knows the cabin alone. */
async function makeWorld(t: TestContext, right: Right) {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  const far = join(directory, 'far');
  const cards = join(directory, 'cards');
  for (const each of [stick, far, cards]) mkdirSync(each);
  const names = ['home', 'cabin', 'boat', 'bad'] as const;
  const made = await Promise.all(names.map((name, index) => makeParty(directory, name, index + 1)));
  t.after(() => made.forEach(({ catalog }) => void catalog.close()));
  const parties = Object.fromEntries(names.map((name, index) => [name, made[index]])) as Record<Names, Party>;
  for (const [a, b] of [
    ['home', 'cabin'],
    ['home', 'bad'],
    ['cabin', 'bad'],
    ['cabin', 'boat'],
  ] as const) {
    await pair([parties[a], parties[b]], cards);
    for (const name of readdirSync(folderOf(cards))) rmSync(join(folderOf(cards), name));
  }
  for (const name of ['home', 'cabin'] as const) limitPeer(sessionOf(parties[name]), 'bad', right);
  return { ...parties, stick, far };
}

let lastNumber = 0;

/** A bundle of the bad one that names these hosts wherever it can. */
async function plant({ catalog, keys }: Party, stick: string, hosts: readonly HostId[]): Promise<number> {
  const from = catalog.identity.hostId;
  const clock: Clock = new Map(
    [...hosts, from].map((host): [HostId, { serial: number; modseq: number }] => [host, { serial: 1, modseq: 1 }]),
  );
  const text = message(1);
  const by = { modseq: 1, host: from };
  const [first = from] = hosts;
  const news: MailboxNews = {
    name: inbox,
    from,
    base: new Map(),
    clock,
    highestModseq: 1,
    validity: { resets: 0, uidValidity: 1_700_000_000 },
    uidNext: 2,
    exists: { on: true, ...by },
    subscribed: { on: false, modseq: 1, host: first },
    living: new Map([[from, [[1, 1]]]]),
    ledger: {
      claims: hosts.slice(0, 60).map((label) => ({ uidValidity: 1_700_000_000, label, lo: 1, hi: 1 })),
      agreements: [],
    },
    saves: [
      {
        birth: { host: from, serial: 1 },
        ...{ modseq: 1, guid: outgoing(text).guid, sizeBytes: text.length, receivedS: 1, hint: 'h' },
        uid: { uidValidity: 1_700_000_000, uid: 1, round: 0, ...by },
        flags: new Map([['\\Seen', { on: true, modseq: 1, host: first }]]),
      },
    ],
    updates: [],
    spelling: [],
  };
  lastNumber += 1;
  const number = lastNumber;
  const preamble = {
    ...preambleOf([news]),
    ...{ number, from: { hostId: from, name: 'bad' } },
    heard: new Map(hosts.map((host) => [host, [[1, 9]] as const])),
    statements: new Map(hosts.map((host) => [host, { number: 7, digest: '7'.repeat(32) }])),
    unheard: hosts,
  };
  const empty = { ...news, name: 'Planted', saves: [], living: new Map(), ledger: { claims: [], agreements: [] } };
  const all = [news, empty];
  const contents = {
    preamble: { ...preamble, clocks: new Map(all.map(({ name }) => [name, clock])) },
    ...{ news: all, texts: [outgoing(text)] },
  };
  const { bytes } = await written(contents, {}, { signingKey: keys.signingKey, recipients: [] });
  writeFileSync(join(folderOf(stick), `bad-${String(number).padStart(6, '0')}.tar.zst`), bytes);
  return bytes.length;
}

async function take(party: Party, directory: string) {
  return importFrom(sessionOf(party), { directory }, { dryRun: false, mailboxes: [], allowExpunge: true });
}

describe('thousands of hosts that do not exist', () => {
  for (const right of ['read', 'append', 'full'] as const) {
    test(`named by a peer with the right ${right}: later bundles of honest hosts are taken, by all`, async (t) => {
      const { home, cabin, boat, bad, stick, far } = await makeWorld(t, right);
      boat.store.user.deliver(inbox, 'first of the boat');
      for (const party of [home, cabin]) await sync(party, stick);
      await sync(boat, far);
      const bytes = await plant(bad, stick, strangers(4000));
      assert.ok(bytes < 80_000);
      for (const party of [home, cabin]) {
        for (const { outcome, failure } of (await take(party, stick)).bundles) {
          assert.notEqual(outcome, 'refused', failure?.message);
        }
      }
      rmSync(join(folderOf(stick), `bad-${String(lastNumber).padStart(6, '0')}.tar.zst`));
      // Of the boat home has never heard: its id is new to it now.
      boat.store.user.deliver(inbox, 'second of the boat');
      for (let round = 0; round < 2; round++) {
        for (const [party, place] of [
          [boat, far],
          [cabin, far],
          [cabin, stick],
          [home, stick],
          [cabin, stick],
          [cabin, far],
        ] as const) {
          assert.equal(await sync(party, place), 0);
          assert.deepEqual(troublesOf(await take(party, place)), []);
        }
      }
      const own = right === 'read' ? [] : [message(1).toString().trim()];
      const expected = ['first of the boat', 'second of the boat', ...own].sort();
      for (const party of [home, cabin, boat]) assert.deepEqual(textsIn(party), expected);
      for (const party of [home, cabin, boat]) {
        const known = party.catalog.knownHosts().filter((host) => host.startsWith('f'));
        assert.ok(known.length <= (right === 'full' ? 64 : 0), `${known.length} strangers`);
      }
      const told = home.catalog.peers().find(({ hostId }) => hostId === idOf(bad));
      assert.equal(told?.clocks.has('Planted'), right === 'full');
      assert.ok(right !== 'read' || !told?.told.has('Planted'));
    });
  }
});

test('what only a bad peer vouched for is forgotten when it is revoked, everywhere; doctor says who has not done so', async (t) => {
  const { home, cabin, bad, stick } = await makeWorld(t, 'full');
  for (const party of [home, cabin, home]) await sync(party, stick);
  await plant(bad, stick, strangers(100));
  for (const party of [home, cabin]) await sync(party, stick);
  rmSync(join(folderOf(stick), `bad-${String(lastNumber).padStart(6, '0')}.tar.zst`));
  for (const party of [home, cabin, home]) await sync(party, stick);
  const named = ({ catalog }: Party): number =>
    new Set(catalog.summaries().flatMap(({ state }) => [...state.clock.keys()])).size;
  assert.equal(named(home), named(cabin));
  assert.ok(named(home) > 60);
  const whatDoctorSays = async (party: Party): Promise<string> => {
    const { findings } = await examineAccount(sessionOf(party), { deep: false, found: [] });
    return findings.map(({ what }) => what).join('\n');
  };
  assert.match(await whatDoctorSays(home), /bad vouches for 64 hosts/);
  assert.match(await whatDoctorSays(home), /bad named 36 hosts beyond those/);
  const revoked = revokePeer(sessionOf(home), 'bad');
  // The first of them has flags here, which stay.
  assert.deepEqual(revoked, { name: 'bad', forgotten: 63, remaining: 1, unaware: ['cabin'] });
  assert.match(await whatDoctorSays(home), /bad was revoked here, and cabin went on writing for it/);
  assert.deepEqual(revokePeer(sessionOf(cabin), 'bad').forgotten, 63);
  for (let round = 0; round < 4; round++) for (const party of [home, cabin]) await sync(party, stick);
  for (const party of [home, cabin]) {
    assert.ok(named(party) <= 4, String(named(party)));
    assert.equal(await sync(party, stick), 0);
    assert.doesNotMatch(await whatDoctorSays(party), /went on writing/);
  }
  assert.deepEqual(textsIn(home), textsIn(cabin));
});
