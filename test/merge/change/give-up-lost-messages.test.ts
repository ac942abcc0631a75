import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { giveUp } from '../../../src/merge/change/give-up-lost-messages.js';
import { undelivered } from '../../../src/merge/stored-files-by-message.js';
import { tickOf } from '../../../src/replica/version-vector.js';
import { agree, deliver, dovecot, exported, inAgreement, message, shown, swap } from '../model-deeds.js';
import type { ModelHost } from '../model-host.js';

type Hosts = readonly [home: ModelHost, cabin: ModelHost, ship: ModelHost];

/** Of a letter that home got as UID 4 the others know, but only home has its text. */
function untold(): Hosts {
  const hosts = inAgreement(dovecot, dovecot, dovecot) as [ModelHost, ModelHost, ModelHost];
  deliver(hosts[0], 'letter');
  swap(hosts, { texts: false });
  for (const host of hosts.slice(1)) assert.deepEqual(waiting(host), ['letter']);
  return hosts;
}

function waiting(host: ModelHost): string[] {
  return undelivered(host.known(inbox)).map(({ guid }) => guid);
}

function forget(host: ModelHost): void {
  for (const instance of undelivered(host.known(inbox))) host.forget(inbox, instance);
}

test('what one host gives up is gone on all, nothing waits any more, and no UID changes or is given out again', () => {
  const [, cabin, ship] = untold();
  const before = tickOf(cabin.known(inbox).state.clock, cabin.id).modseq;
  forget(cabin);
  assert.ok(tickOf(cabin.known(inbox).state.clock, cabin.id).modseq > before, 'else nobody would be told');
  swap([cabin, ship]);
  agree([cabin, ship]);
  for (const host of [cabin, ship]) assert.deepEqual(waiting(host), []);
  deliver(ship, 'next');
  swap([cabin, ship]);
  agree([cabin, ship]);
  assert.deepEqual(shown(cabin), ['1 one', '2 two', '3 three', '5 next']);
});

test('a host that has the text after all takes it for expunged, whatever flag it set meanwhile, and keeps it in its trash', () => {
  const hosts = untold();
  const [home, cabin] = hosts;
  forget(cabin);
  message(home, 'letter').flags.add('\\Flagged');
  swap(hosts);
  agree(hosts);
  assert.deepEqual(shown(home), ['1 one', '2 two', '3 three']);
  assert.deepEqual(home.trash, [{ mailbox: inbox, guid: 'letter' }]);
});

test('a text that comes with the very next bundle brings nothing back', () => {
  const hosts = untold();
  const [home, cabin] = hosts;
  const late = exported(home, hosts);
  assert.ok(late.texts.has('letter'));
  forget(cabin);
  cabin.import([late]);
  assert.deepEqual([shown(cabin), waiting(cabin)], [['1 one', '2 two', '3 three'], []]);
});

test('a text that turns up again is new mail, on all hosts', () => {
  const [, cabin, ship] = untold();
  forget(cabin);
  deliver(ship, 'letter');
  swap([cabin, ship]);
  agree([cabin, ship]);
  assert.deepEqual(shown(cabin), ['1 one', '2 two', '3 three', '5 letter']);
});

test('where there is nothing to give up, the mailbox stays what it was', () => {
  const known = untold()[1].known(inbox);
  assert.equal(giveUp(known, new Set(['nobody']), 'c'.repeat(32)), known);
});
