import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Digest, Scan } from '../../src/mail/mailbox-scan.js';
import { plan } from '../../src/merge/deliver/plan-store-changes.js';
import { applied } from '../../src/merge/deliver/record-applied-change.js';
import { join } from '../../src/merge/join/join-news-of-all-bundles.js';
import { carryMovedFlags, linkMoves } from '../../src/merge/observe/detect-moves.js';
import type { Observation } from '../../src/merge/observe/observation.js';
import { observe } from '../../src/merge/observe/observe-mailbox.js';
import { joinByRight } from '../../src/merge/permission/join-by-permission.js';
import { diff } from '../../src/merge/send/news-since.js';
import { renumber } from '../../src/merge/uids/renumber-uid-conflicts.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { Right } from '../../src/replica/peer-permission.js';
import { emptyClock } from '../../src/replica/version-vector.js';
import { cabin, first, home, nowS, scanOf, seen, sources } from './one-mailbox.js';

// More mail in one mailbox than an argument list has room for, and so much that whatever is done for each pair of messages would not end.

const many = 200_000;
const lines = Array.from({ length: many }, (_, n) => `${n + 1} letter-${n}`);
const everyText = { has: () => true };

/** The scan as the first look at another mailbox. */
function seenAs(mailbox: string, scan: Scan, digests: ReadonlyMap<string, Digest>): Observation {
  return observe(unknownMailbox(mailbox), scan, { self: home, nowS, digests, subscribed: false });
}

/** Every message as this host's user has flagged it. */
function flaggedHere({ state, ...known }: KnownMailbox): KnownMailbox {
  const register = { on: true, modseq: state.highestModseq + 1, host: cabin };
  const flags = new Map([['\\Flagged', register]]);
  const instances = new Map([...state.instances].map(([birth, instance]) => [birth, { ...instance, flags }]));
  return { ...known, state: { ...state, highestModseq: register.modseq, instances } };
}

describe('200,000 messages', () => {
  let full: KnownMailbox;
  let news: MailboxNews;

  before(() => {
    full = first(lines);
    news = diff(full.state, emptyClock, home);
  });

  test('arrive, are given UIDs, planned and noted as delivered', () => {
    const { known, decisions } = join(unknownMailbox(inbox), [news], cabin);
    assert.equal(decisions.filter(({ kind }) => kind === 'new').length, many);
    const numbered = renumber(known, cabin, everyText).known;
    const { change, announced } = plan(numbered, sources);
    assert.ok(change !== null);
    assert.equal(change.deliver.length, many);
    const after = applied(announced, change, { troubles: [], unstorable: [] });
    assert.equal(after.holdings.size, many);
  });

  for (const right of ['append', 'read'] as const) {
    test(`arrive from a peer with the right ${right}`, () => {
      const rightOf = (): Right => right;
      const outcome = joinByRight(unknownMailbox(inbox), [news], {
        self: cabin,
        nowS,
        rightOf,
        toldBy: () => emptyClock,
        vouched: () => 'word',
      });
      assert.equal(outcome.known.state.instances.size, right === 'append' ? many : 0);
    });
  }
});

// Work is counted by how often the name of the mailbox is asked for: once for each message is right, once for each pair is not.

const moved = 20_000;

function countingNames(observation: Observation): { readonly observation: Observation; count(): number } {
  let count = 0;
  const { state } = observation.known;
  const { name } = state;
  const counted = {
    ...state,
    get name() {
      count += 1;
      return name;
    },
  };
  return { observation: { ...observation, known: { ...observation.known, state: counted } }, count: () => count };
}

for (const [what, text] of [
  ['different texts', (n: number) => `text-${n}`],
  ['one text', () => 'text'],
] as const) {
  test(`20,000 messages of ${what} are moved, each in one step, and their flags follow`, () => {
    const some = Array.from({ length: moved }, (_, n) => `${n + 1} letter-${n}=${text(n)}`);
    const uids = { uidValidity: 100, uidNext: moved + 1 };
    const full = first(some);
    const { scan, digests } = scanOf(uids, some);
    const into = countingNames(seenAs('Archive', scan, digests));
    const [from, archive] = linkMoves([seen(full, [], { uids }), into.observation]);
    assert.ok(from !== undefined && archive !== undefined);
    const sources = [...archive.state.instances.values()].map(({ movedFrom }) => movedFrom?.birth.serial);
    assert.equal(new Set(sources).size, moved);
    assert.ok(into.count() <= 2 * moved, `${into.count()} for ${moved} messages`);

    const there = flaggedHere(join(unknownMailbox(inbox), [diff(full.state, emptyClock, home)], cabin).known);
    const before = unknownMailbox('Archive');
    const joined = [
      { before: there, joined: join(there, [diff(from.state, full.state.clock, home)], cabin) },
      { before, joined: join(before, [diff(archive.state, emptyClock, home)], cabin) },
    ];
    const carried = carryMovedFlags(joined, { self: cabin, load: unknownMailbox, placesOf: () => [] });
    assert.equal(carried[0]?.decisions.length, moved);
  });
}

test('messages that came back under low UIDs are looked at in one pass', () => {
  const low = 5000;
  const known = first([`${2 * low} last`]);
  let passes = 0;
  const instances = new Map(known.state.instances);
  const values = instances.values.bind(instances);
  instances.values = () => {
    passes += 1;
    return values();
  };
  const back = Array.from({ length: low }, (_, n) => `${n + 1} letter-${n}`);
  const counted = { ...known, state: { ...known.state, instances } };
  const { changes } = seen(counted, [...back, `${2 * low} last`]);
  assert.equal(changes.born, low);
  assert.ok(passes < 10, `${passes} passes over the mailbox`);
});
