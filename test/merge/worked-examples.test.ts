import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flag } from '../../src/mail/flags.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import {
  agree,
  deliver,
  dovecot,
  exported,
  expunge,
  hostsOf,
  inAgreement,
  message,
  plainMaildir,
  shown,
  swap,
} from './model-deeds.js';
import type { ModelHost } from './model-host.js';
import type { HostTraits } from './model-schedule.js';

// The worked conflicts of man/mrepl-sync.7, each as it stands there.

test('two hosts give UID 4 to different letters: both letters move, and one swap does it', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  deliver(home, 'from-alice');
  deliver(cabin, 'from-bob');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '5 from-bob', '6 from-alice']);
});

test('the letter that took UID 4 was expunged before anybody else heard of it: the other one moves all the same', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  home.store.deliverFleeting(inbox, 'spam', 100);
  deliver(cabin, 'from-bob');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(cabin), ['1 one', '2 two', '3 three', '5 from-bob']);
});

test('three hosts in a ring, each with as many changes as the others, agree', () => {
  const hosts = inAgreement(dovecot, dovecot, dovecot);
  for (const [n, host] of hosts.entries()) {
    deliver(host, `letter${n}`);
    message(host, ['one', 'two', 'three'][n] as string).flags.add('\\Seen');
  }
  for (let lap = 0; lap < 2; lap++) {
    for (const [n, host] of hosts.entries()) {
      const next = hosts[(n + 1) % hosts.length] as ModelHost;
      next.import([exported(host, [host, next])]);
    }
  }
  swap(hosts);
  agree(hosts);
  const lines = shown(hosts[0] as ModelHost);
  assert.deepEqual([lines.length, lines.filter((line) => line.endsWith('\\Seen')).length], [6, 3]);
});

test('the same mail on both hosts at first contact is there once, with both sets of flags', () => {
  const [home, cabin] = hostsOf(dovecot, dovecot) as [ModelHost, ModelHost];
  home.store.create(inbox, 100);
  cabin.store.create(inbox, 200);
  home.store.deliver(inbox, 'one', ['\\Seen'], 100);
  home.store.deliver(inbox, 'two', [], 100);
  deliver(cabin, 'only-here', 'two');
  cabin.store.deliver(inbox, 'one', ['\\Flagged'], 100);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.equal(cabin.store.mailboxes.get(inbox)?.uidValidity, 100, 'the older UIDVALIDITY stays');
  assert.deepEqual(shown(cabin), ['1 one \\Flagged \\Seen', '2 two', '3 only-here']);
  assert.equal(cabin.store.tally.delivered, 0, 'nothing was written again');
});

test('what one host expunged and two others bring back is there once, and also with a host that heard of nothing', () => {
  const hosts = inAgreement(dovecot, dovecot, dovecot, plainMaildir) as [ModelHost, ModelHost, ModelHost, ModelHost];
  const [home, cabin, ship, island] = hosts;
  expunge(home, 'two');
  const told = [exported(home, hosts)];
  for (const host of [cabin, ship]) {
    host.import(told);
    assert.deepEqual(shown(host), ['1 one', '3 three']);
    host.restore(inbox, 'two');
    assert.deepEqual(shown(host), ['1 one', '3 three', '4 two \\Seen']);
  }
  swap(hosts);
  agree(hosts);
  assert.deepEqual(shown(home), ['1 one', '3 three', '4 two \\Seen']);
  assert.equal(island.store.tally.delivered, 3, 'the file that was there is kept');
});

test('an expunge beats a flag that was set meanwhile', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  expunge(home, 'two');
  message(cabin, 'two').flags.add('\\Flagged');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(cabin), ['1 one', '3 three']);
});

test('changes to different flags of a letter never conflict; of one flag the change that knew of more wins', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  message(home, 'one').flags.add('\\Seen');
  message(cabin, 'one').flags.add('\\Answered');
  swap([home, cabin]);
  assert.deepEqual(shown(home), ['1 one \\Answered \\Seen', '2 two', '3 three']);
  message(home, 'one').flags.delete('\\Seen');
  home.survey();
  message(home, 'one').flags.add('\\Seen');
  home.survey();
  message(cabin, 'one').flags.delete('\\Seen');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.equal(message(cabin, 'one').flags.has('\\Seen'), true, 'two changes at home, one in the cabin');
});

test('a mailbox deleted on one host stays where another has new mail in it, with just that mail', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  home.store.deliver('Lists', 'old', [], 100);
  swap([home, cabin]);
  home.store.mailboxes.delete('Lists');
  cabin.store.deliver('Lists', 'new', [], 100);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(
    shown(home, 'Lists').map((line) => line.split(' ')[1]),
    ['new'],
  );
});

test('a letter moved on one host and flagged on the other is moved and flagged', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  expunge(home, 'two');
  home.store.deliver('Kept', 'two', [], 100);
  message(cabin, 'two').flags.add('\\Flagged');
  swap([home, cabin]);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(home, 'Kept'), ['1 two \\Flagged']);
  assert.deepEqual(shown(home), ['1 one', '3 three']);
});

test('flags follow a moved letter also where the news of its move comes in two parts', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  expunge(home, 'two');
  home.store.deliver('Kept', 'two', [], 100);
  const bundle = exported(home, [home, cabin]);
  cabin.import([{ ...bundle, news: bundle.news.filter(({ name }) => name === 'Kept') }]);
  message(cabin, 'two').flags.add('\\Flagged');
  cabin.import([bundle]);
  assert.deepEqual(shown(cabin, 'Kept'), ['1 two \\Flagged']);
  swap([home, cabin]);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(home), ['1 one', '3 three']);
});

test('a text that arrives late is added at the end, under a new UID on every host', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  deliver(home, 'long-letter');
  cabin.import([exported(home, [home, cabin], false)]);
  assert.deepEqual(cabin.waitingGuids(), ['long-letter']);
  deliver(cabin, 'short-note');
  swap([home, cabin]);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(cabin), ['1 one', '2 two', '3 three', '5 short-note', '6 long-letter']);
});

test('a mailbox that comes in two parts keeps its UIDs, but for one that was given out here meanwhile', () => {
  const [home, cabin, boat] = hostsOf(dovecot, dovecot, dovecot) as [ModelHost, ModelHost, ModelHost];
  deliver(home, 'one', 'two', 'three', 'four');
  const part = home.export({ to: [cabin.id], base: 'heard', withholds: () => false, messagesMax: 2 });
  for (const host of [cabin, boat]) {
    host.import([part]);
    assert.deepEqual(shown(host), ['1 one', '2 two']);
  }
  deliver(cabin, 'note');
  swap([home, boat]);
  assert.deepEqual(shown(boat), ['1 one', '2 two', '3 three', '4 four']);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(cabin), ['1 one', '2 two', '4 four', '5 note', '6 three']);
});

test('a UIDVALIDITY that the store was given anew wins everywhere', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  expunge(home, 'one');
  home.store.reset(inbox, 300);
  deliver(cabin, 'from-bob');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.equal(cabin.store.mailboxes.get(inbox)?.uidValidity, 300);
  assert.deepEqual(shown(cabin), ['1 two', '2 three', '3 from-bob']);
});

test('an old UID list that turns up in a store is put right, and peers hear nothing of it', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  const number = home.store.mailboxes.get(inbox)?.uidValidity;
  home.store.lower(inbox, () => false);
  deliver(home, 'new');
  swap([home, cabin]);
  agree([home, cabin]);
  assert.equal(home.store.mailboxes.get(inbox)?.uidValidity, number);
  assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 new']);
});

test('mail delivered between the look and the change keeps what it was given, or moves, but never shares a UID', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  deliver(home, 'from-alice');
  cabin.import([exported(home, [home, cabin])], {
    interruption: 'none',
    meanwhile: () => deliver(cabin, 'just-in-time'),
  });
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(home).slice(3), ['5 just-in-time', '6 from-alice']);
});

test('what is written anew between the look and the change gets the next UID, whatever UID its message was to get', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  home.survey();
  home.store.lower(inbox, () => false); // an old UID list turns up, and is put right
  home.import([exported(cabin, [home, cabin])], {
    interruption: 'none',
    meanwhile: () => home.store.rewrite(message(home, 'one'), inbox, 'one again'),
  });
  assert.deepEqual(shown(home), ['2 two', '3 three', '4 one again']);
  swap([home, cabin]);
  agree([home, cabin]);
  assert.deepEqual(shown(cabin), shown(home));
});

test('the power goes while messages are delivered: the next run recognises them by their names', () => {
  for (const interruption of ['before', 'files', 'after'] as const) {
    const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
    deliver(home, 'from-alice', 'from-carol');
    cabin.import([exported(home, [home, cabin])], { interruption, meanwhile: null });
    cabin.survey();
    swap([home, cabin]);
    agree([home, cabin]);
    assert.equal(shown(cabin).length, 5, interruption);
  }
});

test('a host without a server keeps the UIDs of the others for them', () => {
  const [home, boat, cabin] = inAgreement(dovecot, plainMaildir, dovecot) as [ModelHost, ModelHost, ModelHost];
  deliver(boat, 'from-the-boat');
  cabin.import([exported(boat, [boat, cabin])]);
  home.import([exported(cabin, [cabin, home])]);
  assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 from-the-boat']);
  assert.deepEqual(shown(cabin), shown(home));
});

test('a keyword that a store has no room for stays known, and travels on', () => {
  const narrow: HostTraits = { ...dovecot, isNarrow: true };
  const [home, boat, cabin] = inAgreement(dovecot, narrow, dovecot) as [ModelHost, ModelHost, ModelHost];
  const keyword: Flag = 'bulky';
  message(home, 'one').flags.add(keyword);
  boat.import([exported(home, [home, boat])]);
  boat.survey();
  boat.survey();
  assert.deepEqual([...message(boat, 'one').flags], []);
  cabin.import([exported(boat, [boat, cabin])]);
  assert.deepEqual([...message(cabin, 'one').flags], [keyword]);
  message(cabin, 'one').flags.delete(keyword);
  swap([home, boat, cabin]);
  agree([home, boat, cabin]);
  assert.deepEqual([...message(home, 'one').flags], []);
});

test('two hosts that decide the same from the same knowledge make the same claim, and then have nothing to say', () => {
  const [home, cabin] = inAgreement(dovecot, dovecot) as [ModelHost, ModelHost];
  deliver(home, 'from-alice');
  deliver(cabin, 'from-bob');
  swap([home, cabin]);
  const claims = [home, cabin].map((host) => host.known(inbox).state.ledger);
  assert.deepEqual(claims[0], claims[1]);
  // Each has to hear that the other heard; then nobody writes anything any more.
  swap([home, cabin]);
  swap([home, cabin]);
  for (const { news } of swap([home, cabin])) assert.deepEqual(news, []);
});
