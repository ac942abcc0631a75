import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plan } from '../../src/merge/deliver/plan-store-changes.js';
import { plausibleFromS } from '../../src/merge/uids/make-new-uidvalidity.js';
import { claimLines, first, seen, sources, stateLines } from './one-mailbox.js';

// What a store does not know any more, though nobody changed it.

const list = { uidValidity: 100, uidNext: 4 };

describe('a UID list that was lost', () => {
  const before = first(['1 one', '3 two'], { uids: list });
  const lost = (above: number) =>
    seen(before, ['- one', '- two', '- new'], { uids: null, scan: { uidsWanted: { above } } });

  test('is made again from what is known, and new mail gets the next UID', () => {
    const { known, changes } = lost(0);
    assert.deepEqual(changes.lost, ['uids']);
    assert.deepEqual([changes.born, changes.expunged, changes.renumbered], [1, 0, 0]);
    assert.deepEqual(stateLines(known), ['1 one', '3 two', '4 new']);
    const { change } = plan(known, sources);
    assert.deepEqual([change?.uidValidity, change?.uidNext], [100, 5]);
    assert.deepEqual(
      change?.renumber.map(({ ref, uid }) => `${uid} ${ref}`),
      ['1 one', '3 two', '4 new'],
    );
  });

  test('shows what it gave out since: that is claimed, and not given again', () => {
    const { known } = lost(7);
    assert.deepEqual(stateLines(known), ['1 one', '3 two', '8 new']);
    assert.deepEqual(claimLines(known), ['100 home 1:8']);
  });

  test('is not believed to have used up the UIDs of the mailbox', () => {
    assert.deepEqual(stateLines(lost(4_000_000_000).known), ['1 one', '3 two', '4 new']);
  });
});

describe('names of keywords that were lost', () => {
  test('take no keyword away, and are given again', () => {
    const before = first(['1 one \\Seen Work']);
    const shown = seen(before, ['1 one \\Seen \\Flagged']);
    const scan = {
      messages: [{ ref: 'one', uid: 1, flags: new Set(['\\Seen', '\\Flagged']), keywordsLost: true as const }],
    };
    const { known, changes } = seen(before, ['1 one'], { scan });
    assert.deepEqual(stateLines(shown.known), ['1 one \\Flagged \\Seen'], 'where they are known, it was taken away');
    assert.deepEqual(stateLines(known), ['1 one Work \\Flagged \\Seen']);
    assert.deepEqual(changes.lost, ['keywords']);
    assert.deepEqual([...(plan(known, sources).change?.setFlags[0]?.flags ?? [])].sort(), [
      'Work',
      '\\Flagged',
      '\\Seen',
    ]);
  });
});

describe('a list of subscriptions that was lost', () => {
  test('unsubscribes from nothing', () => {
    const before = first(['1 one'], { subscribed: true });
    const { known, changes } = seen(before, ['1 one'], { subscribed: null });
    assert.deepEqual(changes.lost, ['subscription']);
    assert.equal(known.state.subscribed.on, true);
    assert.equal(plan(known, sources).subscribe, true);
    assert.equal(seen(before, ['1 one'], { subscribed: false }).known.state.subscribed.on, false);
  });
});

describe('mail out of sight', () => {
  test('is not gone where a part of the mailbox is missing', () => {
    const before = first(['1 one', '2 two']);
    const { known, changes } = seen(before, ['1 one'], {
      uids: { uidValidity: 100, uidNext: 3 },
      scan: { isPartial: true },
    });
    assert.equal(changes.expunged, 0);
    assert.deepEqual(stateLines(known), ['1 one', '2 two']);
  });
});

describe('another mailbox under the name, with the same UIDVALIDITY', () => {
  const ids = { mine: { scan: { mailboxId: 'mine' } }, other: { scan: { mailboxId: 'other' } } };

  test('gets another one where nothing in it was known', () => {
    const { known } = seen(first(['1 one'], ids.mine), ['1 strange'], ids.other);
    assert.deepEqual(known.state.validity, { resets: 1, uidValidity: plausibleFromS });
    assert.equal(plan(known, sources).change?.uidValidity, plausibleFromS);
  });

  test('keeps it where the mail is the same: its list was made anew', () => {
    const { known } = seen(first(['1 one'], ids.mine), ['1 one', '2 new'], ids.other);
    assert.deepEqual(known.state.validity, { resets: 0, uidValidity: 100 });
  });
});
