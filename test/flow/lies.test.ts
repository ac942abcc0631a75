import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { tickOf } from '../../src/replica/version-vector.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { outgoing, readAll, written } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { makeParty, type Party, pair, sessionOf, sync, textsIn } from '../scenes/party.js';

// A peer with every right, and with good keys, says of another host what that host has never signed.

const idOf = ({ catalog }: Party): HostId => catalog.identity.hostId;

type Names = 'home' | 'cabin' | 'boat' | 'liar';

async function makeWorld(t: TestContext, ...pairs: readonly (readonly [Names, Names])[]) {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  const cards = join(directory, 'cards');
  for (const each of [stick, cards]) mkdirSync(each);
  const names = ['home', 'cabin', 'boat', 'liar'] as const;
  const made = await Promise.all(names.map((name, index) => makeParty(directory, name, index + 1)));
  t.after(() => made.forEach(({ catalog }) => void catalog.close()));
  const parties = Object.fromEntries(names.map((name, index) => [name, made[index]])) as Record<Names, Party>;
  const introduce = async (a: Names, b: Names): Promise<void> => {
    await pair([parties[a], parties[b]], cards);
    for (const name of readdirSync(join(cards, 'mrepl', 'alice'))) rmSync(join(cards, 'mrepl', 'alice', name));
  };
  for (const [a, b] of pairs) await introduce(a, b);
  return { ...parties, stick, introduce };
}

function folderOf(stick: string): string {
  return join(stick, 'mrepl', 'alice');
}

/** Puts a bundle of its own in the place of the newest one that a host left there: what it says of INBOX is changed. */
async function forge(
  { catalog, keys }: Party,
  stick: string,
  change: (news: MailboxNews) => MailboxNews,
): Promise<void> {
  const prefix = `${catalog.identity.hostName}-`;
  const names = readdirSync(folderOf(stick)).filter((name) => name.startsWith(prefix));
  const path = join(folderOf(stick), names.sort().at(-1) ?? '');
  const { bundle, texts } = await readAll(path);
  const news = bundle.news.map((each) => (each.name === inbox ? change(each) : each));
  const clocks = new Map([...bundle.preamble.clocks, ...news.map(({ name, clock }) => [name, clock] as const)]);
  const contents = { preamble: { ...bundle.preamble, clocks }, news, texts: [...texts.values()].map(outgoing) };
  const { bytes } = await written(contents, {}, { signingKey: keys.signingKey, recipients: [] });
  writeFileSync(path, bytes);
}

function dropBundlesOf(name: Names, stick: string): void {
  for (const each of readdirSync(folderOf(stick))) if (each.startsWith(`${name}-`)) rmSync(join(folderOf(stick), each));
}

/** What a host is said to have done, and so much more. */
function ahead(host: HostId, serials: number, modseqs: number): (news: MailboxNews) => MailboxNews {
  return (news) => {
    const { serial, modseq } = tickOf(news.clock, host);
    const tick = { serial: serial + serials, modseq: modseq + modseqs };
    const highestModseq = Math.max(news.highestModseq, tick.modseq);
    return { ...news, clock: new Map(news.clock).set(host, tick), highestModseq };
  };
}

async function take(party: Party, directory: string) {
  const options = { dryRun: false, mailboxes: [], allowExpunge: true };
  return importFrom(sessionOf(party), { directory }, options);
}

const everybody = [
  ['home', 'cabin'],
  ['home', 'liar'],
  ['cabin', 'liar'],
] as const;

describe('a peer that says more of a host than that host has signed', () => {
  for (const [what, serials, modseqs] of [
    ['500 messages', 500, 0],
    ['one message', 1, 0],
    ['changes', 0, 500],
  ] as const) {
    test(`${what}: its next mail comes all the same, and the peer's own mail too`, async (t) => {
      const { home, cabin, liar, stick } = await makeWorld(t, ...everybody);
      cabin.store.user.deliver(inbox, 'first');
      for (const party of [cabin, home, liar, cabin, home, liar]) assert.equal(await sync(party, stick), 0);
      liar.store.user.deliver(inbox, 'of the liar');
      await sync(liar, stick);
      await forge(liar, stick, ahead(idOf(cabin), serials, modseqs));
      const report = await take(home, stick);
      const [trouble] = troublesOf(report);
      assert.equal(troublesOf(report).length, 1);
      assert.match(
        trouble?.failure.message ?? '',
        /liar said more of what cabin did than it shows cabin to have signed/,
      );
      assert.deepEqual(textsIn(home), ['first', 'of the liar']);
      dropBundlesOf('liar', stick); // what it says of the cabin stops the cabin itself
      for (const text of ['second', 'third']) cabin.store.user.deliver(inbox, text);
      await sync(cabin, stick);
      assert.deepEqual(troublesOf(await take(home, stick)), []);
      assert.deepEqual(textsIn(home), ['first', 'of the liar', 'second', 'third']);
    });
  }

  test('in the very run in which that mail comes', async (t) => {
    const { home, cabin, liar, stick } = await makeWorld(t, ...everybody);
    cabin.store.user.deliver(inbox, 'first');
    for (const party of [cabin, home, liar, cabin, home, liar]) await sync(party, stick);
    liar.store.user.deliver(inbox, 'of the liar');
    await sync(liar, stick);
    await forge(liar, stick, ahead(idOf(cabin), 1, 1));
    for (const text of ['second', 'third']) cabin.store.user.deliver(inbox, text);
    const name = readdirSync(folderOf(stick)).find((each) => each.startsWith('liar-')) ?? '';
    const kept = join(folderOf(stick), '..', name);
    renameSync(join(folderOf(stick), name), kept); // the cabin does not read it
    await sync(cabin, stick);
    renameSync(kept, join(folderOf(stick), name));
    await take(home, stick);
    assert.deepEqual(textsIn(home), ['first', 'of the liar', 'second', 'third']);
  });

  test('is what doctor finds', async (t) => {
    const { home, cabin, liar, stick } = await makeWorld(t, ...everybody);
    cabin.store.user.deliver(inbox, 'first');
    for (const party of [cabin, home, liar, cabin, home, liar]) await sync(party, stick);
    liar.store.user.deliver(inbox, 'of the liar');
    await sync(liar, stick);
    await forge(liar, stick, ahead(idOf(cabin), 3, 0));
    await take(home, stick);
    const { findings } = await examineAccount(sessionOf(home), { deep: false, found: [] });
    const found = findings.filter(({ code, where }) => code === 'peers' && where === 'liar');
    assert.equal(found.length, 1);
    assert.match(found[0]?.what ?? '', /said more of what cabin did/);
  });
});

describe('a relay that does not know a host', () => {
  const strangers = [
    ['home', 'cabin'],
    ['home', 'boat'],
    ['boat', 'liar'],
    ['cabin', 'liar'],
  ] as const;

  /** The boat has heard of the cabin from the liar alone, who says that it did much more. */
  async function deceive(t: TestContext) {
    const world = await makeWorld(t, ...strangers);
    const { home, cabin, boat, liar, stick } = world;
    const far = join(stick, '..', 'far');
    mkdirSync(far);
    cabin.store.user.deliver(inbox, 'first');
    for (const party of [cabin, home, cabin]) await sync(party, stick);
    await sync(cabin, far);
    await sync(liar, far);
    liar.store.user.deliver(inbox, 'of the liar');
    await sync(liar, far);
    await forge(liar, far, ahead(idOf(cabin), 500, 500));
    return { ...world, home, cabin, boat, far };
  }

  test('and was lied to takes no mail from those who do', async (t) => {
    const { home, cabin, boat, stick, far } = await deceive(t);
    await sync(boat, far);
    for (const text of ['second', 'third']) cabin.store.user.deliver(inbox, text);
    for (const party of [cabin, home, boat, home, boat, home]) await sync(party, stick);
    assert.deepEqual(textsIn(home), ['first', 'of the liar', 'second', 'third']);
    boat.store.user.deliver(inbox, 'of the boat');
    for (const party of [boat, home, cabin]) await sync(party, stick);
    assert.deepEqual(textsIn(home), ['first', 'of the boat', 'of the liar', 'second', 'third']);
    assert.deepEqual(textsIn(cabin), textsIn(home));
  });

  test('has all of it once it is paired with that host', async (t) => {
    const { home, cabin, boat, stick, far, introduce } = await deceive(t);
    await sync(boat, far);
    for (const text of ['second', 'third']) cabin.store.user.deliver(inbox, text);
    for (const party of [cabin, home, boat, home]) await sync(party, stick);
    await introduce('boat', 'cabin');
    for (const party of [boat, cabin, home, boat, cabin, home, boat, cabin, home]) await sync(party, stick);
    assert.deepEqual(textsIn(home), ['first', 'of the liar', 'second', 'third']);
    assert.deepEqual(textsIn(boat), textsIn(home));
    assert.deepEqual(textsIn(cabin), textsIn(home));
    assert.equal(await sync(boat, stick), 0);
  });
});
