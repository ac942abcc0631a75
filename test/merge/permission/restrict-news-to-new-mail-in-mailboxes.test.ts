import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { whyInadmissible } from '../../../src/merge/join/check-news-against-state.js';
import { unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { deliver, dovecot, expunge, hostsOf, message, shown, swap } from '../model-deeds.js';
import type { ModelHost } from '../model-host.js';
import { limited, newsOf, reconcile, tell } from './limited-hosts.js';

// What a peer that may only append means for mailboxes, for the same mail on both sides, and for third hosts.

describe('append: mailboxes', () => {
  test('one that is not here is made for new mail, under a UIDVALIDITY of this host, and for nothing else', () => {
    const [home, cabin] = limited('append');
    cabin.store.create('Empty', 77);
    cabin.store.deliver('Lists', 'post', [], 77);
    cabin.store.subscribed.add('Lists');
    home.nowS = 1_800_000_000;
    tell(cabin, home);
    assert.deepEqual([...home.store.mailboxes.keys()], [inbox, 'Lists']);
    assert.deepEqual(shown(home, 'Lists'), ['1 post']);
    assert.equal(home.store.mailboxes.get('Lists')?.uidValidity, 1_800_000_000);
    assert.deepEqual([...home.store.subscribed], []);
    reconcile([home, cabin]);
  });

  test('it cannot delete one; new mail brings one back that was deleted here', () => {
    const [home, cabin] = limited('full');
    home.store.deliver('Lists', 'post', [], 100);
    swap([home, cabin]);
    home.limit(cabin.id, 'append');
    cabin.store.mailboxes.delete('Lists');
    tell(cabin, home);
    assert.deepEqual(shown(home, 'Lists'), ['1 post']);
    home.store.mailboxes.delete('Lists');
    home.survey();
    cabin.store.deliver('Lists', 'later-post', [], 200);
    tell(cabin, home);
    assert.deepEqual(shown(home, 'Lists'), ['1 later-post']);
    reconcile([home, cabin]);
    assert.deepEqual(
      shown(home, 'Lists').map((line) => line.slice(2)),
      ['later-post'],
    );
  });

  test('a move there adds a copy, and leaves the message where it is, with its flags', () => {
    const [home, cabin] = limited('append');
    expunge(cabin, 'two');
    cabin.store.deliver('Kept', 'two', [], 100);
    message(home, 'two').flags.add('\\Flagged');
    tell(cabin, home);
    assert.deepEqual(shown(home), ['1 one', '2 two \\Flagged', '3 three']);
    assert.deepEqual(shown(home, 'Kept'), ['1 two']);
    reconcile([home, cabin]);
    assert.deepEqual([shown(home), shown(home, 'Kept')], [['1 one', '3 three'], ['1 two']]);
  });
});

describe('append: the same mail on both sides', () => {
  for (const [who, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    test(`is one message, whose flags and UID stay as they are, whosever birth is the smaller (${who})`, () => {
      const hosts = hostsOf(dovecot, dovecot);
      const [self, peer] = [hosts[who], hosts[other]] as [ModelHost, ModelHost];
      self.limit(peer.id, 'append');
      deliver(self, 'one', 'two');
      message(self, 'one').flags.add('\\Answered');
      deliver(peer, 'new', 'two', 'one');
      message(peer, 'one').flags.add('\\Flagged');
      tell(peer, self);
      assert.deepEqual(shown(self), ['1 one \\Answered', '2 two', '3 new']);
      assert.equal(self.store.tally.delivered, 1);
      reconcile([self, peer]);
      assert.deepEqual(
        shown(self)
          .map((line) => line.slice(2))
          .sort(),
        ['new', 'one \\Answered \\Flagged', 'two'],
      );
    });
  }

  test('where both may only append, and hear of each other one after the other, there is one all the same', () => {
    const [home, cabin] = hostsOf(dovecot, dovecot) as [ModelHost, ModelHost];
    home.limit(cabin.id, 'append');
    cabin.limit(home.id, 'append');
    deliver(home, 'one', 'two');
    deliver(cabin, 'two', 'one');
    for (let round = 0; round < 2; round++) {
      tell(home, cabin);
      tell(cabin, home);
    }
    assert.deepEqual(
      [shown(home), shown(cabin)],
      [
        ['1 one', '2 two'],
        ['1 two', '2 one'],
      ],
    );
    reconcile([home, cabin]);
    assert.equal(shown(home).length, 2);
  });
});

describe('append: what it means for others', () => {
  test('a third host can use what this one says, and loses nothing by it', () => {
    const [home, cabin, ship] = limited('append');
    deliver(cabin, 'four');
    message(cabin, 'four').flags.add('\\Seen');
    tell(cabin, home);
    assert.equal(whyInadmissible(newsOf(home, ship), unknownMailbox(inbox).state, ship.id), null);
    tell(home, ship);
    assert.deepEqual(shown(ship), ['1 one', '2 two', '3 three', '4 four \\Seen']);
    // The cabin has expunged and flagged what the ship knows; what home has withheld of it must not undo that.
    expunge(cabin, 'one');
    message(cabin, 'two').flags.add('\\Flagged');
    tell(cabin, ship);
    deliver(cabin, 'five');
    tell(cabin, home);
    tell(home, ship);
    assert.deepEqual(
      shown(ship).map((line) => line.slice(2)),
      ['two \\Flagged', 'three', 'four \\Seen', 'five'],
    );
    reconcile([home, cabin, ship]);
  });

  test('a flag that mail came with gives way to what its sender made of it since', () => {
    const [home, cabin] = limited('append');
    deliver(cabin, 'four');
    message(cabin, 'four').flags.add('\\Flagged');
    for (let n = 0; n < 5; n++) {
      deliver(home, `note${n}`);
      home.survey(); // home's counters are far ahead
    }
    tell(cabin, home);
    message(cabin, 'four').flags.delete('\\Flagged');
    tell(home, cabin);
    assert.equal(message(cabin, 'four').flags.size, 0);
    reconcile([home, cabin]);
    assert.equal(message(home, 'four').flags.size, 0);
  });

  test('a flag changed here after it came is the later change', () => {
    const [home, cabin] = limited('append');
    for (let n = 0; n < 5; n++) {
      deliver(cabin, `note${n}`);
      cabin.survey(); // the cabin's counters are far ahead
    }
    message(cabin, 'note4').flags.add('\\Flagged');
    tell(cabin, home);
    message(home, 'note4').flags.delete('\\Flagged');
    home.survey();
    reconcile([home, cabin]);
    assert.equal(message(cabin, 'note4').flags.size, 0);
  });
});
