import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { plan } from '../../../src/merge/deliver/plan-store-changes.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { observe } from '../../../src/merge/observe/observe-mailbox.js';
import { diff } from '../../../src/merge/send/news-since.js';
import { plausibleFromS } from '../../../src/merge/uids/make-new-uidvalidity.js';
import { withFirstUids } from '../../../src/merge/uids/number-mailbox-without-uids.js';
import { renumber } from '../../../src/merge/uids/renumber-uid-conflicts.js';
import { unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { uidMax, uidNextMax } from '../../../src/replica/replica-limits.js';
import { emptyClock, tickOf } from '../../../src/replica/version-vector.js';
import { cabin, claimLines, first, home, nowS, scanOf, seen, sources, stateLines } from '../one-mailbox.js';

describe('what happened here', () => {
  test('births, expunges and flags of one scan share one modseq, and nothing else is touched', () => {
    const before = first(['1 one', '2 two \\Seen', '3 three']);
    assert.deepEqual(tickOf(before.state.clock, home), { serial: 3, modseq: 1 });
    const { known, changes } = seen(before, ['1 one', '2 two \\Flagged', '4 four']);
    assert.deepEqual(stateLines(known), ['1 one', '2 two \\Flagged', '4 four']);
    assert.deepEqual(tickOf(known.state.clock, home), { serial: 4, modseq: 2 });
    assert.deepEqual(
      { born: changes.born, expunged: changes.expunged, flagged: changes.flagged },
      { born: 1, expunged: 1, flagged: 1 },
    );
    const [one] = before.state.instances.values();
    assert.ok(one !== undefined && [...known.state.instances.values()].includes(one), 'the very same object');
  });

  test('a scan that shows nothing new gives back the very object', () => {
    const before = first(['1 one', '2 two \\Seen']);
    assert.equal(seen(before, ['1 one', '2 two \\Seen']).known, before);
  });

  test('an expunge alone advances the clock, else nobody would be told', () => {
    const { known } = seen(first(['1 one', '2 two']), ['2 two']);
    assert.equal(tickOf(known.state.clock, home).modseq, 2);
  });

  test('UIDs of messages that came and went are claimed', () => {
    const before = first(['1 one']);
    const { known } = seen(before, ['1 one'], { uids: { uidValidity: 100, uidNext: 5 } });
    assert.deepEqual(claimLines(known), ['100 home 1:4']);
    assert.equal(known.state.uidNext, 5);
    assert.equal(tickOf(known.state.clock, home).modseq, 2);
  });

  test('a new file that could not be read is left alone, and so is a known one the scan had trouble with', () => {
    const before = first(['1 one', '2 two']);
    const failure = new Failure('io', 'reading two');
    const { known, changes } = seen(before, ['1 one', '3 new'], {
      digests: new Map(),
      scan: { troubles: [{ subject: 'two', failure }] },
    });
    assert.deepEqual(stateLines(known), ['1 one', '2 two']);
    assert.deepEqual([changes.born, changes.expunged], [0, 0]);
    assert.equal(known.fingerprint, null, 'looked at again next time');
    const later = seen(known, ['1 one', '2 two', '3 new']);
    assert.deepEqual(stateLines(later.known), ['1 one', '2 two', '3 new'], 'with the UID it always had');
  });

  test('a file renamed by a mail program is the same message', () => {
    const { known, changes } = seen(first(['1 one \\Seen', '2 two']), ['2 two', '3 one.7=one']);
    assert.deepEqual([changes.born, changes.expunged, changes.renumbered], [0, 0, 1]);
    assert.deepEqual(stateLines(known), ['2 two', '3 one'], 'its flag was taken away with the renaming');
  });

  test('a mailbox that is gone from the store was deleted with what was in it, but not with what was still to be delivered', () => {
    const before = first(['1 one', '2 two']);
    const two = before.holdings.get('two');
    assert.ok(two !== undefined);
    const known = { ...before, holdings: new Map(before.holdings).set('two', { ...two, uid: null }) };
    const after = observe(known, null, { self: home, nowS, digests: new Map(), subscribed: false });
    assert.deepEqual([after.changes.deleted, after.changes.expunged], [true, 1]);
    assert.deepEqual(
      [...after.known.state.instances.values()].map(({ guid }) => guid),
      ['two'],
    );
    assert.equal(after.known.state.exists.on, false);
    assert.ok((after.known.state.validity?.resets ?? 0) > 0, 'should it return, it has another UIDVALIDITY');
  });

  test('the subscription of a deleted mailbox is left as it is', () => {
    const before = first(['1 one'], { subscribed: true });
    assert.equal(before.state.subscribed.on, true);
    const after = observe(before, null, { self: home, nowS, digests: new Map(), subscribed: false }).known;
    assert.equal(after.state.subscribed.on, true);
    assert.equal(after.storeSubscribed, false);
  });
});

describe('work half done is not a change', () => {
  test('a flag that is now as the register wants it', () => {
    const before = first(['1 one']);
    const flags = new Map([['\\Seen', { on: true, modseq: 7, host: cabin }]]);
    const instances = new Map([...before.state.instances].map(([key, one]) => [key, { ...one, flags }]));
    const wanted = { ...before, state: { ...before.state, instances } };
    const { known } = seen(wanted, ['1 one \\Seen']);
    assert.equal(known.state, wanted.state, 'nothing is stamped');
    assert.deepEqual([...(known.holdings.get('one')?.flags ?? [])], ['\\Seen']);
  });

  test('a delivery that was announced and is not there yet is no expunge; once there it is no birth', () => {
    const before = first(['1 one']);
    const emptied = { ...before, holdings: new Map() };
    const { announced, change } = plan({ ...emptied, storeUids: { uidValidity: 100, uidNext: 1 } }, sources);
    assert.deepEqual(
      change?.deliver.map(({ ref, uid }) => [ref, uid]),
      [['one', 1]],
    );
    assert.equal(announced.holdings.get('one')?.uid, null);
    const absent = seen(announced, [], { uids: { uidValidity: 100, uidNext: 1 } });
    assert.deepEqual([absent.changes.expunged, absent.known.state.instances.size], [0, 1]);
    const there = seen(absent.known, ['1 one']);
    assert.deepEqual([there.changes.born, there.known.holdings.get('one')?.uid], [0, 1]);
    assert.equal(there.known.state, absent.known.state);
  });

  test('a leftover whose file is gone is settled', () => {
    const before = first(['1 one', '2 two']);
    const instances = new Map([...before.state.instances].slice(1));
    const known = { ...before, state: { ...before.state, instances } };
    assert.deepEqual(plan(known, sources).change?.expunge, [{ ref: 'one', guid: 'one' }]);
    const after = seen(known, ['2 two']).known;
    assert.equal(after.state, known.state);
    assert.equal(plan(after, sources).change, null);
  });
});

describe('UIDs', () => {
  test('a UID that the store itself raised is a new register', () => {
    const { known, changes } = seen(first(['1 one', '2 two']), ['2 two', '3 one']);
    assert.equal(changes.renumbered, 1);
    assert.deepEqual(stateLines(known), ['2 two', '3 one']);
    assert.deepEqual(claimLines(known), ['100 home 1:3']);
  });

  test('a raised UIDVALIDITY is a reset: same messages, new registers, claims in the new number', () => {
    const before = first(['4 one \\Seen', '9 two']);
    const { known, changes } = seen(before, ['1 one \\Seen', '2 two'], { uids: { uidValidity: 200, uidNext: 3 } });
    assert.deepEqual(changes.uidValidity, { from: 100, to: 200 });
    assert.deepEqual([changes.born, changes.expunged], [0, 0]);
    assert.deepEqual(known.state.validity, { resets: 1, uidValidity: 200 });
    assert.deepEqual(stateLines(known), ['1 one \\Seen', '2 two']);
    assert.ok(claimLines(known).includes('200 home 1:2'));
  });

  test('a UIDVALIDITY that fell is put right, with the numbers the messages had; what is new goes above them', () => {
    const before = first(['4 one', '9 two']);
    const { known } = seen(before, ['1 one', '2 two', '3 new'], { uids: { uidValidity: 50, uidNext: 4 } });
    assert.deepEqual(known.state.validity, before.state.validity);
    assert.deepEqual(stateLines(known), ['4 one', '9 two', '10 new']);
    const { change } = plan(known, sources);
    assert.deepEqual(change?.expected, { uidValidity: 50, uidNext: 4 });
    assert.deepEqual([change?.uidValidity, change?.uidNext], [100, 11]);
    assert.deepEqual(
      change?.renumber.map(({ ref, uid }) => `${uid} ${ref}`),
      ['4 one', '9 two', '10 new'],
    );
  });

  test('a mailbox that gave out no UID is known by its UIDVALIDITY, too', () => {
    const { state } = first([], { uids: { uidValidity: 100, uidNext: 1 } });
    assert.deepEqual([state.validity, state.uidNext], [{ resets: 0, uidValidity: 100 }, 1]);
  });

  test('without a server there are none until others are told; then they are given upwards, under the time of day', () => {
    const before = first(['- one', '- two'], { uids: null });
    assert.equal(before.state.validity, null);
    const { known } = seen(before, ['- one', '- three'], { uids: null });
    assert.equal(known.storeUids, null);
    assert.equal(plan(known, sources).change, null);
    const told = withFirstUids(known, { self: home, nowS });
    assert.deepEqual(told.state.validity, { resets: 0, uidValidity: nowS });
    assert.deepEqual(stateLines(told), ['1 one', '2 three']);
    assert.deepEqual(claimLines(told), [`${nowS} home 1:2`]);
    assert.equal(withFirstUids(told, { self: home, nowS: nowS + 1 }), told);
    const { known: later } = seen(told, ['- one', '- three', '- four'], { uids: null });
    assert.deepEqual(stateLines(later), ['1 one', '2 three', '3 four']);
  });

  test('without a server those that a peer names are taken, by messages that nobody was told of', () => {
    const mine = first(['- one', '- two'], { uids: null });
    const theirs = first(['1 three'], { self: cabin });
    const { known } = join(mine, [diff(theirs.state, emptyClock, cabin)], home);
    const { known: numbered } = renumber(known, home, { has: () => true });
    assert.deepEqual(numbered.state.validity, { resets: 0, uidValidity: 100 });
    assert.deepEqual(stateLines(numbered), ['1 three', '2 one', '3 two']);
  });

  for (const [what, clockS] of [
    ['in 1970', 300],
    ['before the format was', plausibleFromS - 1],
    ['beyond 32 bits', 2 ** 32 + 5],
  ] as const) {
    test(`a clock ${what} makes a UIDVALIDITY that loses against those of right clocks`, () => {
      const { validity } = withFirstUids(first(['- one'], { uids: null }), { self: home, nowS: clockS }).state;
      assert.ok(validity !== null && validity.uidValidity > nowS && validity.uidValidity < 2 ** 31);
    });
  }

  test('a UIDVALIDITY from 1970 that a store itself shows is the store’s, and stays', () => {
    assert.deepEqual(first(['1 one'], { uids: { uidValidity: 300, uidNext: 2 } }).state.validity, {
      resets: 0,
      uidValidity: 300,
    });
  });

  for (const uidNext of [uidNextMax, uidMax, uidMax + 1]) {
    test(`a UIDNEXT of ${uidNext} leaves no room: the mailbox goes on under another UIDVALIDITY, and peers believe it`, () => {
      const before = first(['1 one \\Seen', '2 two']);
      const { known, changes } = seen(before, ['1 one \\Seen', '2 two', `${uidNext - 1} three`], {
        uids: { uidValidity: 100, uidNext },
      });
      assert.deepEqual(changes.uidValidity, { from: 100, to: plausibleFromS });
      assert.equal(changes.exhausted, uidNext);
      assert.deepEqual(stateLines(known), ['1 one \\Seen', '2 two', '3 three']);
      assert.deepEqual([plan(known, sources).change?.uidValidity, known.state.uidNext], [plausibleFromS, 4]);
      const { refused } = join(unknownMailbox(inbox), [diff(known.state, emptyClock, home)], cabin);
      assert.deepEqual(refused, []);
    });
  }

  test('a server that has no UIDs for a mailbox yet is given those of the catalog', () => {
    const before = withFirstUids(first(['- one', '- two'], { uids: null }), { self: home, nowS });
    const { known } = seen(before, ['- one', '- two'], { uids: null, scan: { uidsWanted: { above: 0 } } });
    const { change } = plan(known, sources);
    assert.deepEqual([change?.expected, change?.uidValidity, change?.uidNext], [null, nowS, 3]);
    assert.deepEqual(
      change?.renumber.map(({ ref, uid }) => `${uid} ${ref}`),
      ['1 one', '2 two'],
    );
    const after = seen(known, ['1 one', '2 two'], { uids: { uidValidity: nowS, uidNext: 3 } });
    assert.equal(after.known.state, known.state, 'nobody gave out anything');
    assert.equal(plan(after.known, sources).change, null);
  });

  test('a look that may not assign UIDs foresees the ones that will be given', () => {
    const before = first(['1 one']);
    const uids = { uidValidity: 100, uidNext: 2 };
    const foreseen = seen(before, ['1 one', '- two', '- three'], { uids });
    const real = seen(before, ['1 one', '2 two', '3 three']);
    assert.deepEqual(stateLines(foreseen.known), stateLines(real.known));
    assert.deepEqual(claimLines(foreseen.known), claimLines(real.known));
  });

  test('two messages under one UID do no harm: the later one moves', () => {
    const { scan, digests } = scanOf({ uidValidity: 100, uidNext: 2 }, ['1 one', '1 two']);
    const { known } = observe(first([]), scan, { self: home, nowS, digests, subscribed: false });
    assert.deepEqual(stateLines(renumber(known, home, { has: () => true }).known), ['1 one', '2 two']);
  });
});
