import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { inbox, type MailboxName } from '../../../src/mail/mailbox-name.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { joinByRight } from '../../../src/merge/permission/join-by-permission.js';
import type { MailboxNews } from '../../../src/replica/mailbox-news.js';
import { unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import type { Right } from '../../../src/replica/peer-permission.js';
import { emptyClock, tickOf } from '../../../src/replica/version-vector.js';
import { deliver, exported, expunge, message, shown } from '../model-deeds.js';
import type { ModelHost } from '../model-host.js';
import { limited, newsOf, reconcile, tell } from './limited-hosts.js';

/** What home makes of news of one mailbox. */
function joined(home: ModelHost, news: readonly MailboxNews[], right: Right, mailbox: MailboxName = inbox) {
  return joinByRight(home.known(mailbox), news, {
    self: home.id,
    nowS: 100,
    rightOf: () => right,
    toldBy: () => emptyClock,
    vouched: () => 'word',
  });
}

/** Everything a peer can do to a mailbox at once. */
function doEverything(cabin: ModelHost): void {
  expunge(cabin, 'one');
  message(cabin, 'two').flags.add('\\Flagged');
  deliver(cabin, 'four');
  message(cabin, 'four').flags.add('\\Seen');
  cabin.store.subscribed.add(inbox);
}

describe('full', () => {
  test('is what join does', () => {
    const [home, cabin] = limited('full');
    doEverything(cabin);
    const news = [newsOf(cabin, home)];
    const { known, decisions, withheld, untaken } = joined(home, news, 'full');
    const plain = join(home.known(inbox), news, home.id);
    assert.deepEqual({ known, decisions }, { known: plain.known, decisions: plain.decisions });
    assert.deepEqual([withheld, untaken], [[], []]);
  });
});

describe('read', () => {
  test('nothing is taken, and it is counted what', () => {
    const [home, cabin] = limited('read');
    doEverything(cabin);
    const news = [newsOf(cabin, home)];
    const { known, decisions, withheld, untaken } = joined(home, news, 'read');
    assert.equal(known, home.known(inbox));
    assert.deepEqual(decisions, []);
    assert.deepEqual(withheld, [
      { from: cabin.id, counts: { messages: 1, flags: 1, expunges: 1, others: 1 }, told: news[0]?.clock },
    ]);
    assert.deepEqual(untaken, news);
  });

  test('it gets our mail, says so, and is not told again', () => {
    const [home, cabin] = limited('read');
    deliver(home, 'four');
    tell(home, cabin);
    tell(cabin, home);
    assert.deepEqual(shown(cabin), ['1 one', '2 two', '3 three', '4 four']);
    assert.deepEqual(exported(home, [home, cabin]).news, []);
  });

  test('no text is taken from it', () => {
    const [home, cabin, ship] = limited('read');
    deliver(ship, 'four');
    const bundle = ship.export({ to: [], base: 'nothing', withholds: () => true });
    home.import([bundle]);
    tell(ship, cabin);
    tell(home, cabin);
    tell(cabin, home);
    assert.deepEqual(home.waitingGuids(), ['four']);
  });

  test('given every right again, all of it comes', () => {
    const [home, cabin] = limited('read');
    doEverything(cabin);
    tell(cabin, home);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three']);
    reconcile([home, cabin]);
    assert.deepEqual(
      shown(home).map((line) => line.slice(2)),
      ['two \\Flagged', 'three', 'four \\Seen'],
    );
  });
});

describe('append', () => {
  test('new mail comes with its flags, and nothing else does', () => {
    const [home, cabin] = limited('append');
    doEverything(cabin);
    const news = [newsOf(cabin, home)];
    const { decisions, withheld, untaken } = joined(home, news, 'append');
    assert.deepEqual(
      decisions.map(({ kind }) => kind),
      ['new'],
    );
    assert.deepEqual(withheld, [
      { from: cabin.id, counts: { messages: 0, flags: 1, expunges: 1, others: 1 }, told: news[0]?.clock },
    ]);
    assert.deepEqual(untaken, news);
    tell(cabin, home);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 four \\Seen']);
    assert.equal(home.store.subscribed.has(inbox), false);
    reconcile([home, cabin]);
    assert.deepEqual(
      shown(home).map((line) => line.slice(2)),
      ['two \\Flagged', 'three', 'four \\Seen'],
    );
  });

  test('only what was taken is claimed to be known: the births, not the changes', () => {
    const [home, cabin] = limited('append');
    doEverything(cabin);
    const before = home.known(inbox).state;
    const news = newsOf(cabin, home);
    const { state } = joined(home, [news], 'append').known;
    assert.deepEqual(tickOf(state.clock, cabin.id), {
      serial: tickOf(news.clock, cabin.id).serial,
      modseq: tickOf(before.clock, cabin.id).modseq,
    });
    assert.equal(state.highestModseq, news.highestModseq); // so that what is changed here from now on is later
    assert.equal(state.ledger, before.ledger);
  });

  test('news without new mail changes nothing at all', () => {
    const [home, cabin] = limited('append');
    expunge(cabin, 'one');
    message(cabin, 'two').flags.add('\\Flagged');
    assert.equal(joined(home, [newsOf(cabin, home)], 'append').known, home.known(inbox));
  });

  test('UIDs that it claims are nobody else’s trouble', () => {
    const [home, cabin] = limited('append');
    for (let n = 0; n < 5; n++) cabin.store.deliverFleeting(inbox, 'spam', 100);
    deliver(cabin, 'from-bob');
    deliver(home, 'from-alice');
    tell(cabin, home);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 from-alice', '5 from-bob']);
    reconcile([home, cabin]);
  });

  test('it cannot reset the UIDVALIDITY', () => {
    const [home, cabin] = limited('append');
    cabin.store.reset(inbox, 500);
    deliver(cabin, 'four');
    tell(cabin, home);
    assert.equal(home.store.mailboxes.get(inbox)?.uidValidity, 100);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 four']);
    reconcile([home, cabin]);
    assert.equal(home.store.mailboxes.get(inbox)?.uidValidity, 500);
  });

  test('mail of others that it passes on is not its own, and comes from them, or later', () => {
    const [home, cabin, ship] = limited('append');
    deliver(ship, 'four');
    tell(ship, cabin);
    const { withheld } = joined(home, [newsOf(cabin, home)], 'append');
    assert.equal(withheld[0]?.counts.messages, 1);
    tell(cabin, home);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three']);
    tell(ship, home);
    assert.equal(shown(home).length, 4);
    reconcile([home, cabin, ship]);
  });

  test('what a peer with every right passes on of it is that peer’s word', () => {
    const [home, cabin, ship] = limited('append');
    doEverything(cabin);
    tell(cabin, home);
    tell(home, ship);
    tell(cabin, ship);
    tell(ship, home);
    assert.deepEqual(shown(home), shown(ship));
    assert.equal(shown(home).length, 3);
  });

  test('mail that came and went there before anybody here heard of it does not come', () => {
    const [home, cabin] = limited('append');
    const to = { to: [home.id], withholds: () => false };
    deliver(cabin, 'four', 'five');
    const older = cabin.export({ ...to, base: 'heard' });
    expunge(cabin, 'four');
    const newer = cabin.export({ ...to, base: 'sent' });
    home.import([newer, older]);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 five']);
    deliver(cabin, 'six');
    home.import([cabin.export({ ...to, base: 'sent' }), newer, older]);
    assert.deepEqual(shown(home), ['1 one', '2 two', '3 three', '4 five', '5 six']);
    reconcile([home, cabin]);
  });

  test('news that builds upon what never came is refused, and so is what cannot be true', () => {
    const [home, cabin] = limited('append');
    deliver(cabin, 'four');
    const sound = newsOf(cabin, home);
    const strange = { ...sound, base: new Map([[cabin.id, { serial: 0, modseq: 99 }]]) };
    const damaged = { ...sound, saves: [] };
    const { known, refused, untaken } = joined(home, [strange, damaged], 'append');
    assert.equal(known, home.known(inbox));
    assert.deepEqual(
      refused.map(({ failure }) => failure.code),
      ['bundle-damaged', 'bundle-not-for-us'],
    );
    assert.deepEqual(untaken, []);
  });

  test('news that calls a message here another one says nothing of its host, and brings what else is in it', () => {
    const [home, cabin] = limited('append');
    deliver(cabin, 'four');
    const news = exported(cabin, []).news.find(({ name }) => name === inbox);
    const [known, ...others] = news?.saves.filter(({ guid }) => guid !== 'four') ?? [];
    assert.ok(news !== undefined && known !== undefined);
    const lies = {
      ...news,
      saves: [{ ...known, guid: 'five' }, ...others, ...news.saves.filter((s) => s.guid === 'four')],
    };
    const { known: after, refused, doubted } = joined(home, [lies], 'append');
    assert.deepEqual([refused.length, doubted.map(({ apart }) => apart)], [0, [[known.birth.host]]]);
    const texts = [...after.state.instances.values()].map(({ guid }) => guid);
    assert.deepEqual([texts.includes('four'), texts.includes('five')], [true, false]);
  });

  test('a peer that knows more of this host than it does itself stops everything, whatever its right', () => {
    const [home, cabin] = limited('append');
    deliver(home, 'four');
    tell(home, cabin);
    const news = exported(cabin, []).news.filter(({ name }) => name === inbox);
    const older = unknownMailbox(inbox);
    for (const right of ['read', 'append', 'full'] as const) {
      assert.throws(
        () =>
          joinByRight(older, news, {
            self: home.id,
            nowS: 100,
            rightOf: () => right,
            toldBy: () => emptyClock,
            vouched: () => 'word',
          }),
        (error) => error instanceof Failure && error.code === 'identity',
      );
    }
  });

  test('the order of news makes no difference', () => {
    const [home, cabin, ship] = limited('append');
    home.limit(ship.id, 'append');
    deliver(cabin, 'four', 'twin');
    deliver(ship, 'twin', 'five');
    const news = [newsOf(cabin, home), newsOf(ship, home)];
    assert.deepEqual(joined(home, news, 'append').known, joined(home, news.reverse(), 'append').known);
  });
});
