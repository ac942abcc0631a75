import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../../src/merge/send/news-since.js';
import { plausibleFromS } from '../../../src/merge/uids/make-new-uidvalidity.js';
import { calmRoundsMax, renumber } from '../../../src/merge/uids/renumber-uid-conflicts.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { counterLeapMax, counterMax, uidNextMax } from '../../../src/replica/replica-limits.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import { cabin, first, home, seen, stateLines } from '../one-mailbox.js';

const ship = 'c'.repeat(32);
const nothing = { has: () => false };

function newsOf({ state }: KnownMailbox, base = emptyClock): MailboxNews {
  return diff(state, base, home);
}

const letters = first(['1 one \\Seen', '2 two']);

describe('joining', () => {
  test('everything new is taken, and the second time the very object comes back', () => {
    const once = join(unknownMailbox(inbox), [newsOf(letters)], cabin);
    assert.deepEqual(stateLines(once.known), ['1 one \\Seen', '2 two']);
    assert.deepEqual(
      once.decisions.map(({ kind }) => kind),
      ['new', 'new', 'created'],
    );
    assert.equal(join(once.known, [newsOf(letters)], cabin).known, once.known);
  });

  test('what did not change keeps its identity', () => {
    const { known } = join(unknownMailbox(inbox), [newsOf(letters)], cabin);
    const later = seen(letters, ['1 one', '2 two']).known;
    const after = join(known, [newsOf(later, letters.state.clock)], cabin).known;
    const [oneBefore, twoBefore] = known.state.instances.values();
    const [one, two] = after.state.instances.values();
    assert.notEqual(one, oneBefore);
    assert.equal(two, twoBefore);
    assert.equal(after.state.ledger, known.state.ledger);
    assert.equal(after.holdings, known.holdings);
  });

  test('news that builds upon what this host does not know is refused, and the rest is used', () => {
    const later = seen(letters, ['1 one', '2 two', '3 three']).known;
    const ahead = newsOf(seen(later, ['1 one', '2 two', '3 three', '4 four']).known, later.state.clock);
    const { known, refused } = join(unknownMailbox(inbox), [ahead, newsOf(letters)], cabin);
    assert.deepEqual(stateLines(known), ['1 one \\Seen', '2 two']);
    assert.deepEqual(
      refused.map(({ news, failure }) => [news === ahead, failure.code]),
      [[true, 'bundle-not-for-us']],
    );
  });

  test('a chain is followed in its own order, whatever order it is given in', () => {
    const later = seen(letters, ['1 one', '2 two', '3 three']).known;
    const chain = [newsOf(later, letters.state.clock), newsOf(letters)];
    const { known, refused } = join(unknownMailbox(inbox), chain, cabin);
    assert.deepEqual(stateLines(known), ['1 one', '2 two', '3 three']);
    assert.deepEqual(refused, []);
  });

  test('what is expunged is named by the UID it had here, also where UIDVALIDITY changes with it', () => {
    const { known } = join(unknownMailbox(inbox), [newsOf(letters)], cabin);
    const later = seen(letters, ['1 one \\Seen'], { uids: { uidValidity: 200, uidNext: 2 } }).known;
    const { decisions } = join(known, [newsOf(later, letters.state.clock)], cabin);
    assert.deepEqual(
      decisions.map((decision) => [decision.kind, decision.kind === 'expunged' ? decision.uid : null]),
      [
        ['uidvalidity', null],
        ['expunged', 2],
      ],
    );
  });

  test('flags that change where the same mail meets are told, of whichever copy stays', () => {
    const flagged = first(['1 one \\Flagged', '2 two \\Seen', '3 three']);
    const other = first(['1 one \\Seen', '2 two \\Seen', '3 three \\Answered'], { self: cabin });
    const flagsIn = (known: KnownMailbox, told: KnownMailbox, here: string, there: string): unknown =>
      join(known, [diff(told.state, emptyClock, there)], here).decisions.flatMap((decision) =>
        decision.kind === 'flags'
          ? [[decision.uid, ...decision.set, ...decision.cleared.map((flag) => `-${flag}`)]]
          : [],
      );
    assert.deepEqual(flagsIn(flagged, other, home, cabin), [
      [1, '\\Seen'],
      [3, '\\Answered'],
    ]);
    assert.deepEqual(flagsIn(other, flagged, cabin, home), [[1, '\\Flagged']]);
  });

  test('a peer that knows more of this host than it does itself stops everything', () => {
    const { known } = join(unknownMailbox(inbox), [newsOf(letters)], cabin);
    const back = diff(known.state, emptyClock, cabin);
    assert.throws(
      () => join(unknownMailbox(inbox), [back], home),
      (error) => error instanceof Failure && error.code === 'identity',
    );
  });
});

test('news of a mailbox that its user would take for the inbox is refused, whatever else it says', () => {
  for (const name of ['INB\u200bOX', 'INBOX\u200d/Work']) {
    const { known, refused } = join(unknownMailbox(name), [{ ...newsOf(letters), name }], cabin);
    assert.deepEqual(
      refused.map(({ failure }) => failure.code),
      ['bundle-damaged'],
    );
    assert.match(refused[0]?.failure.message ?? '', /but for what nobody sees its name is INBOX, or begins so/);
    assert.deepEqual(stateLines(known), []);
  }
});

describe('news that cannot be true is refused, and changes nothing', () => {
  const sound = newsOf(letters);
  const [one] = sound.saves;
  assert.ok(one !== undefined);
  const cases: Readonly<Record<string, Partial<MailboxNews>>> = {
    'a modseq far beyond anything seen': { highestModseq: counterLeapMax + 1 },
    'a clock far beyond anything seen': { clock: new Map([[home, { serial: 2, modseq: counterLeapMax + 1 }]]) },
    'serials far beyond anything seen': { clock: new Map([[home, { serial: counterLeapMax + 1, modseq: 1 }]]) },
    'numbers that are not exact': { clock: new Map([[home, { serial: 2 ** 53, modseq: 1 }]]) },
    'a UIDNEXT that leaves no UIDs': { uidNext: uidNextMax + 1 },
    'a UIDVALIDITY of more than 32 bits': { validity: { resets: 0, uidValidity: 2 ** 32 } },
    'resets that leave no others': { validity: { resets: 2 ** 53, uidValidity: 5 } },
    'a claim beyond 32 bits': {
      ledger: { claims: [{ uidValidity: 100, label: home, lo: 1, hi: 2 ** 33 }], agreements: [] },
    },
    'a claim that ends before it begins': {
      ledger: { claims: [{ uidValidity: 100, label: home, lo: 3, hi: 2 }], agreements: [] },
    },
    'a message its clock does not know': { saves: [...sound.saves, { ...one, birth: { host: home, serial: 9 } }] },
    'a flag its clock does not know': {
      saves: [{ ...one, flags: new Map([['\\Seen', { on: true, modseq: 9, host: home }]]) }, ...sound.saves.slice(1)],
    },
    'a message that lives and is not in it': { saves: [one] },
    'more messages alive than its clock knows': { living: new Map([[home, [[1, 3]]]]) },
    'a change its clock does not know': {
      updates: [{ birth: one.birth, flags: new Map([['\\Seen', { on: true, modseq: 2, host: cabin }]]) }],
    },
  };
  const heard = unknownMailbox(inbox);
  const before = { ...heard, state: { ...heard.state, clock: new Map([[ship, { serial: 1, modseq: 0 }]]) } };
  for (const [title, lie] of Object.entries(cases)) {
    test(title, () => {
      const { known, refused } = join(before, [{ ...sound, ...lie }], cabin);
      assert.deepEqual(
        refused.map(({ failure }) => failure.code),
        ['bundle-damaged'],
      );
      assert.equal(known, before);
    });
  }

  test('who has heard of nobody yet believes high counts, but not the highest', () => {
    const at = (modseq: number): MailboxNews => ({
      ...sound,
      highestModseq: modseq,
      clock: new Map([[home, { serial: 2, modseq }]]),
    });
    assert.deepEqual(join(unknownMailbox(inbox), [at(counterMax)], cabin).refused, []);
    assert.equal(join(unknownMailbox(inbox), [at(counterMax + 1)], cabin).refused.length, 1);
  });
});

describe('renumbering', () => {
  const other = first(['1 three'], { self: cabin });
  const joined = join(other, [newsOf(letters)], cabin).known;

  test('a disputed UID goes to neither side, and is not given again', () => {
    const { known, decisions } = renumber(joined, cabin, nothing);
    assert.deepEqual(stateLines(known), ['2 two', '3 one \\Seen', '4 three']);
    assert.deepEqual(
      decisions.map((decision) => decision.kind === 'renumbered' && [decision.from, decision.to, decision.why]),
      [
        [1, 3, 'conflict'],
        [1, 4, 'conflict'],
      ],
    );
  });

  test('both sides decide the same, and what is decided is decided', () => {
    const there = join(letters, [diff(other.state, emptyClock, cabin)], home).known;
    const [mine, theirs] = [renumber(joined, cabin, nothing), renumber(there, home, nothing)];
    assert.deepEqual(mine.known.state.ledger, theirs.known.state.ledger);
    assert.equal(renumber(mine.known, cabin, nothing).known, mine.known);
  });

  test('a message that was renumbered too often makes room: the block is set apart, under a claim of this host alone', () => {
    const instances = new Map(
      [...joined.state.instances].map(([key, each]) => [key, { ...each, uid: { ...each.uid, round: calmRoundsMax } }]),
    );
    const tired = { ...joined, state: { ...joined.state, instances } };
    const labels = [home, cabin].map((host) => {
      const { ledger } = renumber(tired, host, nothing).known.state;
      return ledger.claims.map(({ label }) => label).filter((label) => label !== home && label !== cabin);
    });
    assert.notDeepEqual(labels[0], labels[1]);
  });

  test('a mailbox that runs out of UIDs goes on under another UIDVALIDITY', () => {
    const full = { ...joined, state: { ...joined.state, uidNext: uidNextMax - 5 } };
    const { known } = renumber(full, cabin, nothing);
    assert.deepEqual(known.state.validity, { resets: 1, uidValidity: plausibleFromS });
    assert.deepEqual(stateLines(known), ['1 one \\Seen', '2 three', '3 two']);
  });
});
