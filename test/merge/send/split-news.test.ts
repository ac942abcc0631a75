import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../../src/merge/send/news-since.js';
import { partOf } from '../../../src/merge/send/split-news.js';
import { blankMailbox, type Instance, type MailboxState } from '../../../src/replica/mailbox-state.js';
import { unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { emptyClock, joinClocks } from '../../../src/replica/version-vector.js';

const home = '1'.repeat(32);
const ship = '2'.repeat(32);
const cabin = '3'.repeat(32);

function born(host: string, serial: number, uid: number, modseq = serial): Instance {
  const stamp = { modseq, host };
  return {
    birth: { host, serial },
    modseq,
    guid: `${host.slice(0, 1)}${serial}`.padEnd(64, '0'),
    sizeBytes: 10,
    receivedS: 0,
    hint: `${serial}`,
    uid: { uidValidity: 7, uid, round: 0, ...stamp },
    flags: new Map(),
  };
}

function mailbox(...instances: readonly Instance[]): MailboxState {
  const serialOf = (host: string): number =>
    Math.max(0, ...instances.filter(({ birth }) => birth.host === host).map(({ birth }) => birth.serial));
  const highestModseq = Math.max(...instances.map(({ modseq }) => modseq));
  const uidNext = Math.max(...instances.map(({ uid }) => uid.uid)) + 1;
  return {
    ...blankMailbox(inbox),
    clock: new Map([home, ship].map((host) => [host, { serial: serialOf(host), modseq: highestModseq }])),
    highestModseq,
    validity: { resets: 0, uidValidity: 7 },
    uidNext,
    exists: { on: true, modseq: 1, host: home },
    instances: new Map(instances.map((one) => [`${one.birth.host}/${one.birth.serial}`, one])),
    ledger: { claims: [{ uidValidity: 7, label: home, lo: 1, hi: uidNext - 1 }], agreements: [] },
  };
}

const nothingKnown = { base: emptyClock, givenUp: [] };

test('a part ends at a UID, and knows of nothing beyond it', () => {
  const state = mailbox(born(home, 1, 1), born(home, 2, 2), born(home, 3, 3), born(home, 4, 4));
  const part = partOf(state, { ...nothingKnown, through: 2 });
  assert.deepEqual([...(part?.instances.keys() ?? [])], [`${home}/1`, `${home}/2`]);
  assert.deepEqual(
    part?.clock,
    new Map([
      [home, { serial: 2, modseq: 2 }],
      [ship, { serial: 0, modseq: 2 }],
    ]),
  );
  assert.equal(part?.uidNext, 3);
  assert.deepEqual(part?.ledger.claims, [{ uidValidity: 7, label: home, lo: 1, hi: 2 }]);
  assert.equal(part?.highestModseq, 4);
  assert.equal(partOf(state, { ...nothingKnown, through: 4 }), state, 'all of it is no part');
});

test('where births and UIDs are in another order less is told, or nothing can be', () => {
  const crossed = mailbox(born(home, 1, 3), born(home, 2, 1), born(ship, 1, 2));
  assert.equal(partOf(crossed, { ...nothingKnown, through: 2 }), null);
  const mixed = mailbox(born(home, 1, 1), born(ship, 1, 2), born(ship, 2, 5), born(ship, 3, 3), born(home, 2, 4));
  assert.equal(partOf(mixed, { ...nothingKnown, through: 4 })?.instances.size, 2);
});

test('a part vouches for no modseq from which on something is held back, whoever did it', () => {
  const state = mailbox(born(home, 1, 1, 4), born(ship, 1, 2, 6), born(home, 2, 3, 9));
  const part = partOf(state, { ...nothingKnown, through: 1 });
  assert.deepEqual(
    part?.clock,
    new Map([
      [home, { serial: 1, modseq: 5 }],
      [ship, { serial: 0, modseq: 5 }],
    ]),
  );
});

test('a message given up for one that is held back is not told to be gone', () => {
  const state = mailbox(born(home, 1, 1), born(home, 2, 2), born(ship, 5, 3));
  const twin = state.instances.get(`${home}/2`);
  assert.ok(twin !== undefined);
  const givenUp = [{ birth: { host: ship, serial: 2 }, guid: twin.guid }];
  const base = new Map([[ship, { serial: 5, modseq: 0 }]]);
  const part = partOf(state, { base, through: 1, givenUp });
  assert.deepEqual(part?.clock.get(ship), { serial: 1, modseq: 0 });
  assert.equal(partOf(state, { base, through: 1, givenUp: [] })?.clock.get(ship)?.serial, 5);
});

test('the rest, told to somebody who knows the part, makes the whole, UIDs and all', () => {
  const state = mailbox(born(home, 1, 1), born(home, 2, 2), born(ship, 1, 3), born(home, 3, 4));
  let known = unknownMailbox(inbox);
  let base = emptyClock;
  for (let through = 1; through <= 4; through++) {
    const part = partOf(state, { base, through, givenUp: [] });
    assert.ok(part !== null);
    const outcome = join(known, [diff(part, base, home)], cabin);
    assert.deepEqual(outcome.refused, []);
    assert.equal(outcome.known.state.instances.size, through);
    known = outcome.known;
    base = joinClocks(base, part.clock);
  }
  assert.deepEqual(known.state.instances, state.instances);
  assert.deepEqual(
    [known.state.clock, known.state.uidNext, known.state.ledger],
    [state.clock, state.uidNext, state.ledger],
  );
});
