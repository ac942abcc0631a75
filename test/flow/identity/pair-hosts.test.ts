import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { Failure } from '../../../src/failure.js';
import { pairThrough } from '../../../src/flow/identity/pair-hosts.js';
import { keysOfHost } from '../../../src/flow/peers/paired-host-keys.js';
import type { Right } from '../../../src/replica/peer-permission.js';
import { fingerprintOf } from '../../../src/trust/identity/card-fingerprint.js';
import { decodeCard, encodeCard } from '../../../src/trust/identity/identity-card.js';
import { createSigningKey } from '../../../src/trust/ssh/ed25519-signing-key.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, makeParty, sessionOf } from '../../scenes/party.js';

const acceptAll = { fingerprints: new Set<never>(), accept: async () => true };

/** A catalog on a disk that takes so many hosts to be paired with and then is full. */
function fullAfter(catalog: Catalog, writes: number): Catalog {
  let left = writes;
  return {
    ...catalog,
    get identity() {
      return catalog.identity;
    },
    putPairedHost(host) {
      if (left === 0) throw new Failure('io', 'the disk is full');
      left -= 1;
      catalog.putPairedHost(host);
    },
  };
}

test('a host that takes the place of another is paired with wholly or not at all', async (t) => {
  const directory = scratch(t);
  const { home } = await makePair(t, directory);
  for (const host of home.catalog.pairedHosts()) home.catalog.putPairedHost({ ...host, isRevoked: true });
  const successor = await makeParty(join(directory, 'new'), 'cabin', 3);
  t.after(() => successor.catalog.close());
  const stick = join(directory, 'other');
  mkdirSync(stick);
  await pairThrough(sessionOf(successor), stick, acceptAll);

  const before = home.catalog.pairedHosts();
  const failing = { ...sessionOf(home), catalog: fullAfter(home.catalog, 1) };
  const { troubles } = await pairThrough(failing, stick, acceptAll);
  assert.deepEqual(
    troubles.map(({ failure }) => failure.message),
    ['the disk is full'],
  );
  assert.deepEqual(home.catalog.pairedHosts(), before);
  await pairThrough(sessionOf(home), stick, acceptAll);
  assert.deepEqual(
    home.catalog.pairedHosts().map(({ name, isRevoked }) => [name, isRevoked]),
    [
      ['cabin', false],
      ['cabin-old', true],
    ],
  );
});

/** What the cabin may do at the home, which pairs with it again; `right` is what it may do before. */
async function rightAfter(
  t: TestContext,
  right: Right | null,
  how: { right?: Right; rightMax?: Right },
): Promise<Right | undefined> {
  const directory = scratch(t);
  const { home, cabin } = await makePair(t, directory);
  const [host] = home.catalog.pairedHosts();
  assert.ok(host);
  const stick = join(directory, 'cards');
  mkdirSync(stick);
  await pairThrough(sessionOf(cabin), stick, acceptAll);
  if (right === null) {
    // A successor of the one that is known, as far as names go, or nobody: here another home that never met it.
    const other = await makeParty(join(directory, 'new'), 'attic', 3);
    t.after(() => other.catalog.close());
    const asked: (Right | null)[] = [];
    const accept = async (question: { right: Right }) => asked.push(question.right) > 0;
    const { hosts } = await pairThrough(sessionOf(other), stick, { ...acceptAll, ...how, accept });
    assert.deepEqual(asked, [hosts[0]?.right]);
    return other.catalog.pairedHosts()[0]?.right;
  }
  home.catalog.putPairedHost({ ...host, right, isRevoked: true });
  const fingerprint = fingerprintOf({
    account: home.catalog.identity.account,
    hostId: host.hostId,
    ...keysOfHost(host),
  });
  await pairThrough(sessionOf(home), stick, { ...acceptAll, ...how, fingerprints: new Set([fingerprint]) });
  const [after] = home.catalog.pairedHosts();
  assert.equal(after?.isRevoked, false);
  return after?.right;
}

test('a new host may do what is said, or what is set up, or everything', async (t) => {
  assert.equal(await rightAfter(t, null, {}), 'full');
  assert.equal(await rightAfter(t, null, { rightMax: 'append' }), 'append');
  assert.equal(await rightAfter(t, null, { rightMax: 'append', right: 'read' }), 'read');
  assert.equal(await rightAfter(t, null, { rightMax: 'append', right: 'full' }), 'full');
});

test('a host that comes back may do what is said, and else no more than before nor than what is set up', async (t) => {
  assert.equal(await rightAfter(t, 'append', {}), 'append');
  assert.equal(await rightAfter(t, 'append', { rightMax: 'read' }), 'read');
  assert.equal(await rightAfter(t, 'read', { rightMax: 'append' }), 'read');
  assert.equal(await rightAfter(t, 'read', { right: 'full', rightMax: 'read' }), 'full');
});

test('the card of a host with a name that no host is given is named and passed over, and others are taken up', async (t) => {
  const directory = scratch(t);
  const { home, cabin } = await makePair(t, directory);
  const stick = join(directory, 'cards');
  mkdirSync(stick);
  const { cardFile } = await pairThrough(sessionOf(cabin), stick, acceptAll);
  assert.ok(cardFile !== null);
  const key = createSigningKey();
  const card = decodeCard(readFileSync(join(stick, 'mrepl', 'alice', cardFile)), cardFile);
  for (const [index, hostName] of ['-rf', 'c\u0430bin', 'cabin\u200b'].entries()) {
    const odd = { ...card, hostName, hostId: String(index).repeat(32), signingKey: key.publicKey };
    writeFileSync(join(stick, 'mrepl', 'alice', `odd-${index}.card`), encodeCard(odd, key));
  }
  const { hosts, troubles } = await pairThrough(sessionOf(home), stick, acceptAll);
  assert.deepEqual(
    troubles.map(({ subject, failure }) => [subject, failure.code]),
    [0, 1, 2].map((index) => [`odd-${index}.card`, 'untrusted']),
  );
  assert.deepEqual(
    hosts.map(({ name, outcome }) => [name, outcome]),
    [['cabin', 'known']],
  );
  assert.deepEqual(
    home.catalog.pairedHosts().map(({ name }) => name),
    ['cabin'],
  );
});
