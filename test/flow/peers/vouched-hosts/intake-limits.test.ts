import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mailboxListBytesMax } from '../../../../src/bundle/format/bundle-limits.js';
import type { VerifiedBundle } from '../../../../src/bundle/read/open-bundle.js';
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
    room.admit(bundleOf([naming(hosts(5))]), 'y');
    assert.equal(hosts(5).filter(room.isKnown).length, 0, 'the bound holds for all that one peer vouches for');
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

test('mailboxes beyond what a bundle could list are left out, and the others are taken', () => {
  const name = '"'.repeat(1000);
  const full = Math.floor(mailboxListBytesMax / 8270) - 1;
  const room = roomIn(
    catalogWith(
      'full',
      Array.from({ length: full }, (_, n) => `${String(n).padStart(4, '0')}${name}`),
    ),
  );
  const { news, troubles } = room.admit(
    bundleOf([newsOf(`0000${name}`, []), newsOf(`long${name.repeat(9)}`, [])]),
    'x',
  );
  assert.deepEqual(
    news.map((each) => each.name),
    [`0000${name}`],
  );
  assert.match(troubles[0]?.failure.message ?? '', /more than a bundle of this host can list/);
});
