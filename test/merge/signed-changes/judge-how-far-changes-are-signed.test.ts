import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import {
  type HeldTicks,
  type SignedTicks,
  type VouchingContext,
  vouchedFor,
  whatToKeep,
} from '../../../src/merge/signed-changes/judge-how-far-changes-are-signed.js';
import { zeroTick } from '../../../src/replica/version-vector.js';
import { cabin, home } from '../one-mailbox.js';

const boat = 'c'.repeat(32);

function signed(serial: number, key = 'of the cabin', number = serial): SignedTicks {
  return { key, number, tickIn: () => ({ serial, modseq: serial }) };
}

/** What home believes of what the boat says about the cabin. */
function believed(changes: Partial<VouchingContext> = {}) {
  const context: VouchingContext = {
    ...{ self: home, from: boat },
    held: () => signed(9),
    shown: () => signed(5),
    paired: () => ({ key: 'of the cabin', isSilent: false }),
    isApart: () => false,
    before: () => zeroTick,
    ...changes,
  };
  const vouched = vouchedFor(cabin, inbox, context);
  return typeof vouched === 'string' ? vouched : vouched.serial;
}

const contextOfHome: VouchingContext = {
  ...{ self: home, from: boat },
  held: () => signed(3, 'of home'),
  shown: () => signed(5, 'of home'),
  paired: () => ({ key: 'of home', isSilent: false }),
  isApart: () => false,
  before: () => zeroTick,
};

describe('what a peer says of a host', () => {
  test('counts as far as it shows what that host has signed, whatever is known here', () => {
    assert.equal(believed(), 5);
  });

  test('counts for nothing where it shows nothing, or what is signed with another key', () => {
    assert.equal(believed({ shown: () => null }), 0);
    assert.equal(believed({ shown: () => signed(500, 'of a liar') }), 0);
  });

  test('counts as far as it was known in 0.1, when nobody signed anything', () => {
    const before = () => ({ serial: 3, modseq: 3 });
    assert.equal(believed({ before, shown: () => null }), 3);
    assert.equal(believed({ before, shown: () => null, held: () => null }), 3);
  });

  test('counts as its word where that host is not paired, was revoked or retired, and never signed anything', () => {
    assert.equal(believed({ held: () => null, shown: () => null, paired: () => null }), 'word');
    const silent = { key: 'of the cabin', isSilent: true };
    assert.equal(believed({ held: () => null, shown: () => null, paired: () => silent }), 'word');
  });

  test('counts for nothing where that host is paired and has not signed anything yet', () => {
    assert.equal(believed({ held: () => null, shown: () => null }), 0);
  });

  test('counts, of the very host that hears it, as far as that has signed it, and knows it where it has signed nothing', () => {
    assert.equal(vouchedFor(home, inbox, { ...contextOfHome, held: () => null }), 'known');
    assert.deepEqual(vouchedFor(home, inbox, contextOfHome), { serial: 5, modseq: 5 });
  });

  test('is its own word where it is itself that host', () => {
    assert.equal(believed({ from: cabin }), 'word');
  });
});

describe('a statement', () => {
  const held: HeldTicks = { ...signed(5), saidBy: boat };
  const ship = 'd'.repeat(32);
  const context = { from: ship, pairedKey: null, isBelieved: () => true };

  test('takes the place of an older one by the same key', () => {
    assert.equal(whatToKeep(signed(6), held, context), 'keep');
    assert.equal(whatToKeep(signed(5), held, context), null);
    assert.equal(whatToKeep(signed(4), held, context), null);
  });

  test('of a paired host counts with its key alone, and then begins anew', () => {
    const paired = { ...context, pairedKey: 'of the cabin' };
    assert.equal(whatToKeep(signed(2 ** 40, 'of a liar'), held, paired), null);
    assert.equal(whatToKeep(signed(1), { ...held, key: 'of a liar', number: 2 ** 40 }, paired), 'begin');
  });

  test('of another host holds with its first key until who showed that shows another, or is not believed', () => {
    const other = signed(2 ** 40, 'of a liar');
    assert.equal(whatToKeep(other, null, context), 'begin');
    assert.equal(whatToKeep(other, held, context), null);
    assert.equal(whatToKeep(other, held, { ...context, from: boat }), 'begin');
    assert.equal(whatToKeep(other, held, { ...context, isBelieved: () => false }), 'begin');
  });
});
