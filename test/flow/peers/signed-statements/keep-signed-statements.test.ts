import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Preamble } from '../../../../src/bundle/format/bundle-contents.js';
import { decodeStatement } from '../../../../src/bundle/format/signed-statement-json.js';
import { openBundle } from '../../../../src/bundle/read/open-bundle.js';
import { revokePeer } from '../../../../src/flow/identity/manage-peers.js';
import {
  reviewStatement,
  unverifiedBytesMax,
} from '../../../../src/flow/peers/signed-statements/keep-signed-statements.js';
import { inbox } from '../../../../src/mail/mailbox-name.js';
import { troublesOf } from '../../../../src/terminal/output/run-troubles.js';
import { signingKeyOf } from '../../../../src/trust/ssh/ed25519-signing-key.js';
import { statementBy } from '../../../bundle/sample.js';
import { scratch } from '../../../end-to-end/site.js';
import { bundleOf } from '../../../hostile/forge-bundle.js';
import { makeVictim, self, ship, type Victim } from '../../../hostile/victim.js';
import { makeParty, type Party, pair, sessionOf, sync } from '../../../scenes/party.js';

const idOf = ({ catalog }: Party): string => catalog.identity.hostId;

/** home and boat never meet: cabin is between them. All know each other's keys. */
async function makeLine(t: TestContext) {
  const directory = scratch(t);
  const [near, far, cards] = ['near', 'far', 'cards'].map((name) => join(directory, name)) as [string, string, string];
  for (const stick of [near, far, cards]) mkdirSync(stick);
  const parties = await Promise.all(
    ['home', 'cabin', 'boat'].map((name, index) => makeParty(directory, name, index + 1)),
  );
  const [home, cabin, boat] = parties as [Party, Party, Party];
  t.after(() => parties.forEach(({ catalog }) => void catalog.close()));
  for (const two of [
    [home, cabin],
    [cabin, boat],
    [home, boat],
  ] as const)
    await pair(two, cards);
  return { home, cabin, boat, near, far };
}

/** The front of the newest bundle that a host left there. */
async function newestOf(stick: string, name: string): Promise<Preamble> {
  const folder = join(stick, 'mrepl', 'alice');
  const files = readdirSync(folder).filter((file) => file.startsWith(`${name}-`));
  const bundle = await openBundle(join(folder, files.sort().at(-1) ?? ''));
  await bundle.close();
  return bundle.preamble;
}

describe('a relay', () => {
  test('passes on what a host said, as that host signed it', async (t) => {
    const { home, cabin, boat, near, far } = await makeLine(t);
    home.store.user.deliver(inbox, 'from home');
    for (const [party, stick] of [
      [home, near],
      [cabin, near],
      [cabin, far],
      [boat, far],
    ] as const) {
      assert.equal(await sync(party, stick), 0);
    }
    const kept = boat.catalog.statementOf(idOf(home));
    assert.deepEqual([kept?.isVerified, kept?.saidBy], [true, idOf(cabin)]);
    assert.deepEqual(kept?.text, cabin.catalog.statementOf(idOf(home))?.text);
    const tick = decodeStatement(kept?.text ?? '')
      .clocks.get(inbox)
      ?.get(idOf(home));
    assert.ok(tick !== undefined && tick.serial === 1);
    assert.deepEqual(boat.catalog.signedUpTo(idOf(home), 1)?.ticks.get(inbox), tick);
  });

  test('passes it on until everybody says that it is there', async (t) => {
    const { home, cabin, boat, near, far } = await makeLine(t);
    home.store.user.deliver(inbox, 'from home');
    for (const [party, stick] of [
      [home, near],
      [cabin, near],
      [cabin, far],
    ] as const)
      await sync(party, stick);
    const makers = async (): Promise<string[]> =>
      (await newestOf(far, 'cabin')).relayed.map(({ text }) => decodeStatement(text).from.name);
    assert.deepEqual(await makers(), ['home']);
    cabin.store.user.deliver(inbox, 'before boat has answered');
    await sync(cabin, far);
    assert.deepEqual(await makers(), ['home']);
    await sync(boat, far);
    assert.equal((await newestOf(far, 'boat')).statements.get(idOf(home))?.number, 1);
    revokePeer(sessionOf(cabin), 'home'); // its maker would get it back each time
    cabin.store.user.deliver(inbox, 'afterwards');
    await sync(cabin, far);
    assert.ok(!(await makers()).includes('home'));
  });
});

describe('what is passed on', () => {
  const at = (serial: number) => new Map([['INBOX', new Map([[ship, { serial, modseq: serial }]])]]);

  const pairWithShip = ({ session: { catalog } }: Victim): void => {
    const { publicKey } = signingKeyOf(Buffer.alloc(32, 'ship'));
    const [host] = catalog.pairedHosts();
    assert.ok(host !== undefined);
    catalog.putPairedHost({ ...host, hostId: ship, name: 'ship', signingKey: publicKey });
    reviewStatement(catalog, ship);
  };
  const victimOf = (t: TestContext): Promise<Victim> => makeVictim(t, scratch(t));
  const relay = async (victim: Victim, ...relayed: Preamble['relayed']) => victim.take(await bundleOf([], { relayed }));
  const keptBy = ({ session: { catalog } }: Victim) => {
    const kept = catalog.statementOf(ship);
    return kept && { number: kept.number, isVerified: kept.isVerified };
  };

  test('and not signed by the paired host that it is of is not used, and that is told', async (t) => {
    const victim = await victimOf(t);
    pairWithShip(victim);
    const report = await relay(victim, statementBy(ship, 'liar', { number: 9, clocks: at(500) }));
    assert.deepEqual(
      report.bundles.map(({ outcome }) => outcome),
      ['taken'],
    );
    const [trouble] = troublesOf(report);
    assert.equal(trouble?.failure.code, 'untrusted');
    assert.match(trouble.failure.message, /passes on of other is not signed by that host/);
    assert.equal(keptBy(victim), null);
    assert.deepEqual(
      victim.session.catalog.peers().filter(({ hostId }) => hostId === ship),
      [],
    );
  });

  test('and altered on the way is not used either', async (t) => {
    const victim = await victimOf(t);
    pairWithShip(victim);
    const { text, sig } = statementBy(ship, 'ship', { number: 9, clocks: at(5) });
    await relay(victim, { text: text.replace('[0,5,5]', '[0,6,6]'), sig });
    assert.equal(keptBy(victim), null);
  });

  test('of a host that is not paired is the word of who passes it on, until that host is', async (t) => {
    const victim = await victimOf(t);
    await relay(victim, statementBy(ship, 'ship', { number: 9, clocks: at(5) }));
    assert.deepEqual(keptBy(victim), { number: 9, isVerified: false });
    pairWithShip(victim);
    assert.deepEqual(keptBy(victim), { number: 9, isVerified: true });
    assert.deepEqual(victim.session.catalog.signedUpTo(ship, 9)?.ticks.get('INBOX'), { serial: 5, modseq: 5 });
  });

  test('and was a lie is forgotten with all that was believed of it, when the host is paired', async (t) => {
    const victim = await victimOf(t);
    await relay(victim, statementBy(ship, 'liar', { number: 2 ** 50, clocks: at(500), unheard: [self] }));
    const ofShip = () => victim.session.catalog.peers().find(({ hostId }) => hostId === ship);
    assert.equal(ofShip()?.clocks.size, 1);
    pairWithShip(victim);
    assert.equal(keptBy(victim), null);
    assert.deepEqual([ofShip()?.clocks.size, ofShip()?.lastNumber], [0, 0]);
    await relay(victim, statementBy(ship, 'ship', { number: 3, clocks: at(5) }));
    assert.deepEqual(keptBy(victim), { number: 3, isVerified: true });
    assert.equal(ofShip()?.clocks.get('INBOX')?.get(ship)?.serial, 5);
  });

  test('counts by its number: what is older than what is known changes nothing', async (t) => {
    const victim = await victimOf(t);
    pairWithShip(victim);
    for (const number of [7, 9, 8]) {
      await relay(victim, statementBy(ship, 'ship', { number, clocks: at(number) }));
    }
    assert.deepEqual(keptBy(victim), { number: 9, isVerified: true });
    assert.equal(victim.session.catalog.signedUpTo(ship, 9)?.ticks.get('INBOX')?.serial, 9);
  });

  test('of another account, of this host itself, and what makes no sense is left alone', async (t) => {
    const victim = await victimOf(t);
    const report = await relay(
      victim,
      statementBy(ship, 'ship', { account: 'bob' }),
      statementBy(self, 'x', { number: 5 }),
      { text: '{}', sig: '' },
    );
    assert.equal(troublesOf(report).length, 3);
    assert.equal(keptBy(victim), null);
    assert.equal(victim.session.catalog.statementOf(self), null);
  });

  test('of hosts that nobody knows is kept as far as it leaves as much room to others', async (t) => {
    const victim = await victimOf(t);
    const clocks = new Map(Array.from({ length: 15_000 }, (_, index) => [`${'m'.repeat(200)}${index}`, new Map()]));
    await relay(victim, ...['d', 'e', 'f'].map((host) => statementBy(host.repeat(32), host, { clocks })));
    const kept = [...victim.session.catalog.statementNumbers()].filter(([, { isVerified }]) => !isVerified);
    assert.equal(kept.length, 2);
    assert.ok(kept.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0) <= unverifiedBytesMax / 2);
  });
});
