import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mailboxListBytesMax } from '../../../../src/bundle/format/bundle-limits.js';
import type { VerifiedBundle } from '../../../../src/bundle/read/open-bundle.js';
import { mailboxSharesIn } from '../../../../src/catalog/facts/peers/counted-of-each-peer.js';
import type { Catalog } from '../../../../src/catalog/interface/catalog.js';
import { roomIn } from '../../../../src/flow/peers/vouched-hosts/intake-limits.js';
import type { MailboxNews } from '../../../../src/replica/mailbox-news.js';
import { blankMailbox } from '../../../../src/replica/mailbox-state.js';
import { fairStepsMax, stepsMax, vouchedHostsMax } from '../../../../src/replica/replica-limits.js';
import { type Strangers, vouchedMax } from '../../../../src/replica/vouched-hosts.js';
import { newsOf, home as peer, preambleOf } from '../../../bundle/sample.js';

const self = 'b'.repeat(32);
const other = 'c'.repeat(32);

const hosts = (count: number, digit = 'f'): string[] =>
  Array.from({ length: count }, (_, n) => `${digit}${n.toString(16).padStart(31, '0')}`);

/** A catalog as far as the room for hosts and mailboxes depends on it. */
function catalogWith(right: 'read' | 'append' | 'full', names: readonly string[] = []): Catalog {
  const notes = new Map<string, string | null>();
  const paired = [peer, other].map((hostId) => ({ hostId, right, isRevoked: false, isRetired: false }));
  return {
    identity: { hostId: self },
    pairedHosts: () => paired,
    statementOf: () => null,
    signedUpTo: () => null,
    summaries: () => names.map((name) => ({ state: blankMailbox(name) })),
    note: (key: string) => notes.get(key) ?? null,
    setNote: (key: string, value: string | null) => void notes.set(key, value),
  } as unknown as Catalog;
}

function bundleOf(news: readonly MailboxNews[], strangers: Strangers = new Map()) {
  const preamble = { ...preambleOf(news), strangers };
  return { news, manifest: { preamble } } as unknown as Pick<VerifiedBundle, 'manifest' | 'news'>;
}

function naming(ids: readonly string[]): MailboxNews {
  const news = newsOf('INBOX', []);
  return { ...news, clock: new Map([...news.clock, ...ids.map((id) => [id, { serial: 1, modseq: 1 }] as const)]) };
}

const at = (ids: readonly string[], steps: number): Strangers => new Map(ids.map((id) => [id, { by: other, steps }]));

describe('hosts that a bundle names', () => {
  test('are taken up on the word of a peer with every right alone, and so many of them', () => {
    for (const [right, count] of [
      ['read', 0],
      ['append', 0],
      ['full', vouchedHostsMax],
    ] as const) {
      const room = roomIn(catalogWith(right));
      const { news } = room.admit(bundleOf([naming(hosts(100))]), 'x');
      assert.equal(hosts(100).filter(room.isKnown).length, count, right);
      assert.equal(news[0]?.clock.size, 1 + count, right);
      assert.equal(room.leftOut.get(peer), right === 'full' ? 100 - count : undefined);
    }
  });

  test('of one peer take no room from those of another, nor far ones from near ones', () => {
    const catalog = catalogWith('full');
    const far = hosts(1000, 'd');
    const first = roomIn(catalog);
    first.admit(bundleOf([naming(far)], at(far, stepsMax - 1)), 'x');
    first.remember();
    assert.equal(far.filter(first.isKnown).length, vouchedMax(fairStepsMax));
    const room = roomIn(catalog);
    room.admit(bundleOf([naming(far.slice(-5))], at(far.slice(-5), stepsMax - 1)), 'y');
    assert.equal(far.filter(room.isKnown).length, vouchedMax(fairStepsMax), 'the bound holds from run to run');
    room.admit(bundleOf([naming(hosts(100))]), 'y');
    assert.equal(hosts(100).filter(room.isKnown).length, vouchedHostsMax, 'near ones have room all the same');
    const others = hosts(60, 'e');
    assert.ok(others.every((host) => room.admitsHost(host, { hostId: other, said: new Map() })));
  });

  test('and that a relay takes up of a peer leave room with those that hear the relay', () => {
    for (let steps = 2; steps < fairStepsMax; steps++) assert.ok(vouchedMax(steps + 1) >= 2 * vouchedMax(steps));
    const relayed = hosts(vouchedMax(2), 'd');
    const room = roomIn(catalogWith('full'));
    room.admit(bundleOf([naming(relayed)], at(relayed, 2)), 'x');
    assert.ok(relayed.every(room.isKnown));
    room.admit(bundleOf([naming(hosts(vouchedHostsMax))]), 'y');
    assert.ok(hosts(vouchedHostsMax).every(room.isKnown), 'those that the relay is paired with itself');
  });

  test('are not taken up where the peer knows them from this host alone, or they are too far away', () => {
    const room = roomIn(catalogWith('full'));
    const [near = '', far = ''] = hosts(2);
    assert.ok(!room.admitsHost(near, { hostId: peer, said: new Map([[near, { by: self, steps: 2 }]]) }));
    assert.ok(!room.admitsHost(far, { hostId: peer, said: new Map([[far, { by: other, steps: stepsMax }]]) }));
  });
});

describe('mailboxes that a bundle brings', () => {
  const longName = (n: number): string => `${String(n).padStart(5, '0')}${'"'.repeat(8000)}`;
  /** What such a mailbox takes in the lists, without its clock. */
  const nameBytes = 320 + 2 * (5 + 6 + 32_000);
  const made = (n: number, host: string = peer): MailboxNews => {
    const news = newsOf(longName(n), []);
    return { ...news, exists: { on: true, modseq: 1, host }, clock: new Map() };
  };
  const count = Math.floor(mailboxListBytesMax / nameBytes);

  test('are as many as leave room for as many of others, and the rest is told', () => {
    const room = roomIn(catalogWith('full'));
    const { news, troubles } = room.admit(bundleOf(Array.from({ length: count }, (_, n) => made(n))), 'x');
    assert.deepEqual(troubles, []);
    assert.ok(Math.abs(news.length - count / 2) < 3, `${news.length} of ${count}`);
    assert.equal(room.leftOutMailboxes.get(peer), count - news.length);
    const theirs = Array.from({ length: 100 }, (_, n) => ({ ...made(count + n, other), from: other }));
    const bundle = bundleOf(theirs);
    const preamble = { ...bundle.manifest.preamble, from: { hostId: other, name: 'other' } };
    assert.equal(room.admit({ ...bundle, manifest: { ...bundle.manifest, preamble } }, 'y').news.length, 100);
  });

  test('of hosts behind the one who tells of them take no room from its own', () => {
    const catalog = catalogWith('full');
    const room = roomIn(catalog);
    const [stranger = ''] = hosts(1);
    const naming = made(0, stranger);
    const bundle = bundleOf([
      { ...naming, clock: new Map([[stranger, { serial: 0, modseq: 1 }]]) },
      ...Array.from({ length: count - 1 }, (_, n) => made(n + 1, stranger)),
    ]);
    const { news } = room.admit(bundle, 'x');
    assert.ok(news.length < count);
    assert.equal(room.admit(bundleOf(Array.from({ length: 100 }, (_, n) => made(count + n))), 'y').news.length, 100);
  });

  test('count from run to run, as far as they came to be known', () => {
    const catalog = catalogWith('full');
    const first = roomIn(catalog);
    first.admit(bundleOf([made(1), made(2)]), 'x');
    first.rememberMailboxes((name) => name === longName(1));
    const [[host, bytes] = assert.fail()] = mailboxSharesIn(catalog);
    assert.deepEqual([host, bytes[1]], [peer, nameBytes]);
  });

  test('that are known are told of also where nobody may bring another', () => {
    const names = Array.from({ length: count - 1 }, (_, n) => longName(n));
    const room = roomIn(catalogWith('full', names));
    const { news, troubles } = room.admit(bundleOf([made(0), made(count)]), 'x');
    assert.deepEqual(
      news.map(({ name }) => name),
      [longName(0)],
    );
    assert.deepEqual(troubles, []);
    assert.equal(room.leftOutMailboxes.get(peer), 1);
  });
});

test('entries of made-up hosts in the clocks of many mailboxes come to half of the room and no more', () => {
  const many = hosts(vouchedHostsMax);
  const names = Array.from({ length: 3000 }, (_, n) => `box${n}`);
  const room = roomIn(catalogWith('full', names));
  const news = names.map((name): MailboxNews => ({ ...naming(many), name }));
  const { news: admitted, troubles } = room.admit(bundleOf(news), 'x');
  assert.deepEqual(troubles, []);
  assert.equal(admitted.length, names.length);
  const entries = admitted.reduce((sum, { clock }) => sum + clock.size - 1, 0);
  assert.ok(entries * 84 < mailboxListBytesMax / 2, `${entries} entries`);
  assert.ok(entries > 120_000);
});
