import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsMax } from '../../../src/bundle/format/bundle-limits.js';
import type { Flag } from '../../../src/mail/flags.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../../src/merge/send/news-since.js';
import type { FlagRegister } from '../../../src/replica/last-writer-registers.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { peersFlagsMax } from '../../../src/replica/replica-limits.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import { cabin, first, home } from '../one-mailbox.js';

// A peer with every right sets thousands of keywords on one message, again and again. One that had more than a bundle takes could never be told
// of again, and nor could its mailbox.

const keywords = (letter: string): Map<Flag, FlagRegister> =>
  new Map(Array.from({ length: flagsMax }, (_, n) => [`${letter}${n}`, { on: true, modseq: 2, host: home }] as const));

function flagsHere({ state }: KnownMailbox): ReadonlyMap<Flag, FlagRegister> {
  return [...state.instances.values()][0]?.flags ?? new Map();
}

/** The news of a host with one letter, with these keywords on it, and \Flagged after all of them. */
function planted(letter: string, base = emptyClock): MailboxNews {
  const { state } = first(['1 one']);
  const news = diff({ ...state, clock: new Map([[home, { serial: 1, modseq: 2 }]]), highestModseq: 2 }, base, home);
  const flags = keywords(letter).set('\\Flagged', { on: true, modseq: 2, host: home });
  return { ...news, saves: news.saves.map((save) => ({ ...save, flags })) };
}

test('a new message is taken with as many keywords as leave room for those of this host', () => {
  const { known, refused } = join(unknownMailbox(inbox), [planted('a')], cabin);
  assert.deepEqual(refused, []);
  assert.equal(flagsHere(known).size, peersFlagsMax + 1);
  assert.ok(flagsHere(known).has('\\Flagged'));
});

test('more of them do not come to a message that is known, whatever it is told by', () => {
  const { known } = join(unknownMailbox(inbox), [planted('a')], cabin);
  const birth = { host: home, serial: 1 };
  const later: MailboxNews = {
    ...planted('b', known.state.clock),
    clock: new Map([[home, { serial: 1, modseq: 3 }]]),
    highestModseq: 3,
    saves: [],
    updates: [{ birth, flags: keywords('b') }],
  };
  const { known: after, refused } = join(known, [later], cabin);
  assert.deepEqual(refused, []);
  assert.equal(flagsHere(after).size, peersFlagsMax + 1);
  assert.equal(after.state.clock.get(home)?.modseq, 3);
});

test('nor does one message hand more over to another that takes its place', () => {
  const { known } = join(first(['1 one'], { self: cabin }), [planted('a')], cabin);
  assert.equal(known.state.instances.size, 1);
  const ours: KnownMailbox = first(['1 one'], { self: cabin });
  const [key, one] = [...ours.state.instances][0] ?? assert.fail();
  const full = { ...ours, state: { ...ours.state, instances: new Map([[key, { ...one, flags: keywords('b') }]]) } };
  const { known: unified } = join(full, [planted('a')], cabin);
  assert.equal(unified.state.instances.size, 1);
  assert.ok(flagsHere(unified).size <= flagsMax + 1);
});
