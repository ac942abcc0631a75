import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MergeSituation, planMerge } from '../../../src/flow/import/plan-merge-of-bundles.js';
import { type Arrival, unused } from '../../../src/flow/peers/incoming-bundle.js';
import { inbox, type MailboxName } from '../../../src/mail/mailbox-name.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { linkMoves } from '../../../src/merge/observe/detect-moves.js';
import { diff } from '../../../src/merge/send/news-since.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import { cabin, first, home, nowS, seen, stateLines } from '../../merge/one-mailbox.js';

// The plan of a merge is made of values: whatever it is asked for is asked of these, and nothing is changed by it.

const kept: MailboxName = 'Kept';

function bundleWith(...news: readonly MailboxNews[]): Arrival {
  return { ...unused({ fileName: 'home-000001.tar.zst', imprint: null, sizeBytes: null, failure: null }), news };
}

/** What the cabin finds to be the case that knows these mailboxes. */
function situationOf(known: readonly KnownMailbox[], arrivals: readonly Arrival[]): MergeSituation {
  const all = new Map(known.map((one) => [one.state.name, one]));
  return {
    self: cabin,
    arrivals,
    takes: () => true,
    unseen: new Set(),
    rightOf: () => 'full',
    vouching: () => 'word',
    toldBy: () => emptyClock,
    mailboxOf: (mailbox) => all.get(mailbox) ?? unknownMailbox(mailbox),
    placesOf: ({ guid }) =>
      known.flatMap(({ state }) =>
        [...state.instances].flatMap(([birth, one]) => (one.guid === guid ? [{ mailbox: state.name, birth }] : [])),
      ),
    era: null,
    nowS,
    seenS: 0,
  };
}

/** Two hosts that both have these messages in their stores, and know it of one another. */
function bothWith(lines: readonly string[]): { readonly there: KnownMailbox; readonly here: KnownMailbox } {
  const [there, here] = [first(lines), first(lines, { self: cabin })];
  return {
    there: join(there, [diff(here.state, emptyClock, cabin)], home).known,
    here: join(here, [diff(there.state, emptyClock, home)], cabin).known,
  };
}

/** What home says that has moved the second of its messages. */
function moveOfTwo(): { readonly here: KnownMailbox; readonly left: MailboxNews; readonly arrived: MailboxNews } {
  const { there, here } = bothWith(['1 one', '2 two']);
  const [left, arrived] = linkMoves([seen(there, ['1 one']), seen(unknownMailbox(kept), ['1 two'])]);
  assert.ok(left !== undefined && arrived !== undefined);
  const since = (known: KnownMailbox, clock = emptyClock): MailboxNews => diff(known.state, clock, home);
  return { here, left: since(left, here.state.clock), arrived: since(arrived) };
}

test('what is merged is decided, and what is known stays as it was', () => {
  const { there, here } = bothWith(['1 one', '2 two']);
  const later = seen(there, ['1 one \\Seen', '2 two', '3 three']).known;
  const arrival = bundleWith(diff(later.state, here.state.clock, home));
  const situation = situationOf([here], [arrival]);
  const plan = planMerge(situation);
  assert.deepEqual(
    plan.mailboxes.map(({ known }) => stateLines(known)),
    [['1 one \\Seen', '2 two', '3 three']],
  );
  assert.deepEqual(
    plan.mailboxes.flatMap(({ decisions }) => decisions.map(({ kind }) => kind)),
    ['flags', 'new'],
  );
  assert.deepEqual(stateLines(situation.mailboxOf(inbox)), ['1 one', '2 two']);
  assert.deepEqual(planMerge(situation), plan);
});

test('what peers expunged is to go into the trash', () => {
  const { there, here } = bothWith(['1 one', '2 two']);
  const later = seen(there, ['1 one']).known;
  const plan = planMerge(situationOf([here], [bundleWith(diff(later.state, here.state.clock, home))]));
  assert.deepEqual(
    plan.mailboxes.flatMap(({ trashed }) => trashed.map(({ mailbox, guid, by }) => [mailbox, guid, by])),
    [[inbox, 'two', home]],
  );
});

test('what they moved is not, where the same bundles bring it to its new place', () => {
  const { here, left, arrived } = moveOfTwo();
  const plan = planMerge(situationOf([here], [bundleWith(left, arrived)]));
  assert.deepEqual(
    plan.mailboxes.map(({ mailbox, known, trashed }) => [mailbox, stateLines(known), trashed]),
    [
      [inbox, ['1 one'], []],
      [kept, ['1 two'], []],
    ],
  );
});

test('nor where it came to its new place before', () => {
  const { here, left, arrived } = moveOfTwo();
  const before = join(unknownMailbox(kept), [arrived], cabin).known;
  const plan = planMerge(situationOf([here, before], [bundleWith(left)]));
  assert.deepEqual(
    plan.mailboxes.map(({ mailbox, trashed }) => [mailbox, trashed]),
    [[inbox, []]],
  );
});

test('what was moved and is not where it went is', () => {
  const { here, left } = moveOfTwo();
  const plan = planMerge(situationOf([here], [bundleWith(left)]));
  assert.deepEqual(
    plan.mailboxes.flatMap(({ trashed }) => trashed.map(({ guid }) => guid)),
    ['two'],
  );
});

test('nothing is merged with a mailbox that could not be looked at, and the bundle is wanted again', () => {
  const { there, here } = bothWith(['1 one']);
  const arrival = bundleWith(diff(seen(there, ['1 one', '2 two']).known.state, here.state.clock, home));
  const plan = planMerge({ ...situationOf([here], [arrival]), unseen: new Set([inbox]) });
  assert.deepEqual(plan.mailboxes, []);
  assert.deepEqual(
    plan.unusedParts.map((part) => [part.arrival === arrival, part.why]),
    [[true, 'missed']],
  );
});
