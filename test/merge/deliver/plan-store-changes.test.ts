import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { plan } from '../../../src/merge/deliver/plan-store-changes.js';
import { applied } from '../../../src/merge/deliver/record-applied-change.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { observe } from '../../../src/merge/observe/observe-mailbox.js';
import { diff } from '../../../src/merge/send/news-since.js';
import { type KnownMailbox, unknownMailbox, unstored } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import { cabin, first, home, nowS, scanOf, seen, sources, stateLines } from '../one-mailbox.js';

const letters = first(['1 one \\Seen', '4 two work']);

/** What a host that has nothing yet knows after hearing of the letters. */
function heard(): KnownMailbox {
  return join(unknownMailbox(inbox), [diff(letters.state, emptyClock, home)], cabin).known;
}

const clean = { troubles: [], unstorable: [] };

test('a mailbox that is not there is made with its UIDs, and its deliveries are announced by name', () => {
  const { change, announced, waiting, remove, subscribe } = plan(heard(), sources);
  assert.deepEqual(
    { ...change, deliver: change?.deliver.map(({ ref, uid, text }) => [ref, uid, text]) },
    {
      expected: 'absent',
      uidValidity: 100,
      uidNext: 5,
      expunge: [],
      setFlags: [],
      renumber: [],
      deliver: [
        ['one', 1, 'spool'],
        ['two', 4, 'spool'],
      ],
    },
  );
  assert.deepEqual(
    [...announced.holdings.values()].map(({ ref, uid }) => [ref, uid]),
    [
      ['one', null],
      ['two', null],
    ],
  );
  assert.deepEqual([waiting, remove, subscribe], [[], false, null]);
});

test('planned again, a delivery keeps the name it was announced under', () => {
  const { announced } = plan(heard(), { ...sources, chooseRef: (hint) => `${hint}-announced` });
  const again = plan(announced, sources);
  assert.deepEqual(
    again.change?.deliver.map(({ ref }) => ref),
    ['one-announced', 'two-announced'],
  );
  assert.equal(again.announced, announced);
});

test('a text that lies in some mailbox here is taken from there; one that is nowhere is waited for, and its UID kept', () => {
  const copy = { mailbox: 'Work', ref: 'a-copy' };
  const held = { ...copy, guid: 'one', sizeBytes: 3 };
  const known = heard();
  const { change, waiting } = plan(known, {
    ...sources,
    copyOf: ({ guid }) => (guid === 'one' ? held : null),
    spooled: { find: () => null },
  });
  assert.deepEqual(
    change?.deliver.map(({ guid, text }) => [guid, text]),
    [['one', copy]],
  );
  assert.deepEqual(waiting, ['two']);
  assert.equal(change?.uidNext, 5, 'nobody else gets UID 4');
});

test('a copy of the mail with other stamped lines is delivered as what it is, and another one under a name of its own', () => {
  const copy = { guid: 'one~2', same: 'one', sizeBytes: 7 };
  const known = heard();
  const chosen: unknown[] = [];
  const choosing = {
    ...sources,
    spooled: { find: ({ guid }: { guid: string }) => (guid === 'one' ? copy : null) },
    chooseRef: (hint: string, taken: { has(ref: string): boolean }, text: unknown) => {
      chosen.push(text);
      return sources.chooseRef(hint, taken, { guid: '', sizeBytes: 0 });
    },
  };
  const first = plan(known, choosing);
  assert.deepEqual(
    first.change?.deliver.map(({ ref, guid, text }) => [ref, guid, text]),
    [['one', 'one~2', 'spool']],
  );
  assert.deepEqual(chosen, [{ guid: 'one~2', sizeBytes: 7, isCopy: true }], 'names say the size of what lies there');
  const { guid, same, sizeBytes } = first.announced.holdings.get('one') ?? {};
  assert.deepEqual({ guid, same, sizeBytes }, copy);
  assert.equal(plan(first.announced, choosing).announced, first.announced);
  const another = plan(first.announced, { ...choosing, spooled: { find: () => ({ guid: 'one', sizeBytes: 3 }) } });
  assert.equal(another.announced.holdings.get('one')?.guid, 'one');
});

test('what was done is no work any more, and not a change by the user either', () => {
  const { change, announced } = plan(heard(), sources);
  assert.ok(change !== null);
  const noted = applied(announced, change, clean);
  const { scan, digests } = scanOf({ uidValidity: 100, uidNext: 5 }, ['1 one \\Seen', '4 two work']);
  const { known } = observe(noted, scan, { self: cabin, nowS, digests, subscribed: false });
  assert.equal(known.state, announced.state);
  assert.equal(plan(known, sources).change, null);
});

test('UIDNEXT raised for messages that wait is not taken for UIDs that the store gave out', () => {
  const { change, announced } = plan(heard(), { ...sources, spooled: { find: () => null } });
  assert.ok(change !== null);
  const { scan, digests } = scanOf({ uidValidity: 100, uidNext: 5 }, []);
  const context = { self: cabin, nowS, digests, subscribed: false };
  const { known } = observe(applied(announced, change, clean), scan, context);
  assert.equal(known.state, announced.state);
  assert.equal(plan(known, { ...sources, spooled: { find: () => null } }).change, null);
});

test('a keyword the store has no room for is asked for once, and is not a change when it is missing', () => {
  const { change, announced } = plan(heard(), sources);
  assert.ok(change !== null);
  const noted = applied(announced, change, { troubles: [], unstorable: ['work'] });
  assert.deepEqual([...(noted.holdings.get('two')?.flags ?? [])], [unstored('work')]);
  const { scan, digests } = scanOf({ uidValidity: 100, uidNext: 5 }, ['1 one \\Seen', '4 two']);
  const context = { self: cabin, nowS, digests, subscribed: false };
  const { known } = observe(noted, scan, context);
  assert.deepEqual(stateLines(known), ['1 one \\Seen', '4 two work']);
  assert.equal(plan(known, sources).change, null);
  // The same where nobody noted what was done, but the store says what it has no room for.
  const { known: unnoted } = observe(announced, scan, { ...context, unstorable: ['work'] });
  assert.deepEqual(stateLines(unnoted), ['1 one \\Seen', '4 two work']);
  assert.equal(plan(unnoted, sources).change, null);
  // And once the store shows it, it is an ordinary keyword.
  const { scan: shown } = scanOf({ uidValidity: 100, uidNext: 5 }, ['1 one \\Seen', '4 two work']);
  const roomy = observe(known, shown, context).known;
  assert.equal(roomy.state, known.state);
  const { known: cleared } = observe(roomy, scan, context);
  assert.deepEqual(stateLines(cleared), ['1 one \\Seen', '4 two']);
});

test('a delivery there was trouble with is still to be done', () => {
  const { change, announced } = plan(heard(), sources);
  assert.ok(change !== null);
  const noted = applied(announced, change, { troubles: [{ subject: 'two' }], unstorable: [] });
  const { scan, digests } = scanOf({ uidValidity: 100, uidNext: 5 }, ['1 one \\Seen']);
  const { known } = observe(noted, scan, { self: cabin, nowS, digests, subscribed: false });
  assert.deepEqual(stateLines(known), ['1 one \\Seen', '4 two work']);
});

test('under the name of an announced delivery somebody else put other mail: it is other mail', () => {
  const { announced } = plan(heard(), sources);
  const shown = scanOf({ uidValidity: 100, uidNext: 3 }, ['1 one \\Seen', '2 two=strange']);
  const { known, born } = observe(announced, shown.scan, { self: cabin, nowS, ...shown, subscribed: false });
  assert.deepEqual(
    born.map(({ guid }) => guid),
    ['strange'],
  );
  assert.deepEqual(stateLines(known), ['1 one \\Seen', '2 strange', '4 two work']);
  const again = plan(known, sources);
  assert.deepEqual(
    again.change?.deliver.map(({ ref, guid }) => [ref, guid]),
    [['two-2', 'two']],
  );
  // Nor is it known to be the message while it cannot be read.
  const { known: unread } = observe(announced, shown.scan, {
    self: cabin,
    nowS,
    digests: new Map(),
    subscribed: false,
  });
  assert.ok([...unread.holdings.values()].every(({ uid }) => uid === null));
});

test('a mailbox that nobody wants any more is emptied and removed; INBOX never is', () => {
  const work = seen(unknownMailbox('Work'), ['1 one']).known;
  const gone = { ...work.state, exists: { ...work.state.exists, on: false }, instances: new Map() };
  const { change, remove } = plan({ ...work, state: gone }, sources);
  assert.deepEqual([change?.expunge.map(({ ref }) => ref), remove], [['one'], true]);
  assert.equal(plan({ ...work, state: { ...gone, name: inbox } }, sources).remove, false);
});

test('a mailbox made elsewhere that never gave out a UID is made here under the UIDVALIDITY that it has there', () => {
  const empty = first([], { uids: { uidValidity: 100, uidNext: 1 } });
  const { known } = join(unknownMailbox('Work'), [{ ...diff(empty.state, emptyClock, home), name: 'Work' }], cabin);
  const { change } = plan(known, sources);
  assert.deepEqual([change?.expected, change?.uidValidity, change?.uidNext], ['absent', 100, 1]);
});

test('a mailbox for which nobody has named a UIDVALIDITY is made with the time as one', () => {
  const { known } = join(unknownMailbox(inbox), [diff(first([], { uids: null }).state, emptyClock, home)], cabin);
  const { change } = plan(known, sources);
  assert.deepEqual([change?.expected, change?.uidValidity, change?.uidNext], ['absent', nowS, 1]);
});

test('a subscription made elsewhere is made here', () => {
  const subscribed = first(['1 one'], { subscribed: true });
  const { known } = join(unknownMailbox(inbox), [diff(subscribed.state, emptyClock, home)], cabin);
  assert.equal(plan(known, sources).subscribe, true);
});
