import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { workingCopyOf } from '../../src/apply/context/working-copy-of-mailboxes.js';
import { changeRight } from '../../src/flow/peers/acknowledge-limited-peers.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, makeParty, type Party, pair, sync } from '../scenes/party.js';

// Copies of one mail that differ in stamped lines, where somebody does not know of them, or lies.

const bare = 'Subject: bill\n\nPlease pay.\n';
const stamped = (stamp: string): string => bare.replace('\n\n', `\nX-TUID: ${stamp.repeat(12)}\n\n`);

function textsOf({ store }: Party): string[] {
  return store.user.messages(inbox).map(({ text }) => Buffer.from(text).toString());
}

/** Lets a host see its store, and say nothing that anybody hears. */
async function look(party: Party, stick: string): Promise<void> {
  const elsewhere = join(stick, '..', 'elsewhere');
  mkdirSync(elsewhere);
  assert.equal(await sync(party, elsewhere), 0);
}

/** Changes what a host remembers, in place of what it saw. */
function remember({ catalog }: Party, change: (known: KnownMailbox) => KnownMailbox): void {
  const copy = workingCopyOf(catalog);
  copy.put(change(copy.get(inbox)));
}

function withInstances(known: KnownMailbox, change: (instance: Instance) => Instance): KnownMailbox {
  const instances = new Map([...known.state.instances].map(([birth, instance]) => [birth, change(instance)]));
  return { ...known, state: { ...known.state, instances } };
}

/** As version 0.1 of the catalog has it. */
function withoutDigests(known: KnownMailbox): KnownMailbox {
  const holdings = [...known.holdings].map(([ref, { same: _, sizeBytes: __, ...holding }]) => [ref, holding] as const);
  const before = withInstances(known, ({ same: _, ...instance }) => instance);
  return { ...before, holdings: new Map(holdings) };
}

test('a catalog that knows no second digests learns them from the mail, and a peer that fetched the same mail doubles nothing', async (t) => {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  home.store.user.deliver(inbox, stamped('h'));
  home.store.user.deliver(inbox, 'Subject: plain\n\n');
  await look(home, stick);
  remember(home, withoutDigests);
  home.catalog.setNote('second-digests', 'unknown');
  cabin.store.user.deliver(inbox, stamped('c'));
  for (const party of [home, cabin, home, cabin]) assert.equal(await sync(party, stick), 0);
  assert.equal(home.catalog.note('second-digests'), null);
  const sames = [...(home.catalog.load(inbox)?.state.instances.values() ?? [])].map(({ same }) => same);
  assert.deepEqual(sames, [guidOfCanonical(Buffer.from(bare)), undefined]);
  assert.deepEqual(textsOf(home).sort(), [stamped('h'), 'Subject: plain\n\n'].sort());
  assert.deepEqual(textsOf(cabin).sort(), [stamped('c'), 'Subject: plain\n\n'].sort());
});

type Ring = { readonly liar: Party; readonly home: Party; readonly attic: Party; readonly stick: string };

/** Three hosts, all paired; the liar has the smallest id, so that its births stay where two become one. */
async function makeRing(t: TestContext): Promise<Ring> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const [liar, home, attic] = [
    await makeParty(directory, 'liar', 1),
    await makeParty(directory, 'home', 2),
    await makeParty(directory, 'attic', 3),
  ];
  t.after(() => [liar, home, attic].forEach(({ catalog }) => void catalog.close()));
  for (const [one, other] of [
    [liar, home],
    [liar, attic],
    [home, attic],
  ] as const)
    await pair([one, other], stick);
  return { liar, home, attic, stick };
}

test('whoever says that his mail is the same as another one does not bring his own in its place', async (t) => {
  const { liar, home, attic, stick } = await makeRing(t);
  home.store.user.deliver(inbox, stamped('h'));
  liar.store.user.deliver(inbox, 'Subject: bill\n\nPay me.\n');
  for (const party of [home, attic]) changeRight(party.catalog, liar.catalog.identity.hostId, 'append');
  await look(liar, stick);
  const same = guidOfCanonical(Buffer.from(bare));
  remember(liar, (known) => withInstances(known, (instance) => ({ ...instance, same })));
  for (const party of [liar, home, attic, home, attic, home, attic]) await sync(party, stick);
  assert.deepEqual(textsOf(home), [stamped('h')]);
  assert.deepEqual(textsOf(attic), [stamped('h')]);
});

test('a text that is the mail which its record names is taken from a host that holds another copy of it', async (t) => {
  const { liar: first, home, attic, stick } = await makeRing(t);
  first.store.user.deliver(inbox, stamped('a'));
  home.store.user.deliver(inbox, stamped('h'));
  for (const party of [first, home, first, home]) assert.equal(await sync(party, stick), 0);
  const alone = join(stick, '..', 'alone');
  mkdirSync(alone);
  for (const party of [home, attic, home, attic]) assert.equal(await sync(party, alone), 0);
  assert.deepEqual(textsOf(attic), [stamped('h')], 'the text that home has, of the message that was born elsewhere');
  const [guid] = [...(attic.catalog.load(inbox)?.state.instances.values() ?? [])].map((each) => each.guid);
  assert.equal(guid, guidOfCanonical(Buffer.from(stamped('a'))));
  assert.deepEqual(attic.catalog.waitingGuids(), []);
});
