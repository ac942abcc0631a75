import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Exported } from '../../src/catalog/interface/export-catalog.js';
import type { Peer } from '../../src/catalog/interface/peer-catalog.js';
import { createCatalog, openCatalog } from '../../src/catalog/open-catalog.js';
import { Failure } from '../../src/failure.js';
import { birthKey } from '../../src/replica/message-birth.js';
import { onEachBackend, scratch } from './backends.js';
import {
  cabin,
  guidOf,
  holdingOf,
  home,
  identity,
  inFull,
  instanceOf,
  loaded,
  mailboxOf,
  pairedHostOf,
  range,
  trashedOf,
} from './sample.js';

onEachBackend('catalog', (backend) => {
  const options = { waitMs: 0, backend };

  it('gives back every mailbox as it was saved, also after closing', async (t) => {
    const path = join(scratch(t), 'alice', 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    const moved = instanceOf(2, {
      birth: { host: cabin, serial: 7 },
      receivedS: -12,
      hint: '',
      anew: 5,
      uid: { uidValidity: 4_294_967_295, uid: 4_294_967_294, round: 3, modseq: 2 ** 53 - 1, host: cabin },
      flags: new Map([
        ['$forwarded', { on: true, modseq: 3, host: cabin }],
        ['"ödd" \\key', { on: false, modseq: 4, host: home }],
      ]),
      movedFrom: {
        mailbox: 'Archive/2024',
        birth: { host: home, serial: 3 },
        clock: new Map([[cabin, { serial: 1, modseq: 2 }]]),
      },
    });
    const full = mailboxOf('INBOX', [instanceOf(1), moved, instanceOf(9, { flags: new Map() })]);
    const odd = {
      ...mailboxOf('__proto__/Entwürfe', []),
      storeUids: null,
      stored: false,
      storeSubscribed: true,
      fingerprint: null,
      mailboxId: 'd00d',
    };
    const agreed = {
      ...odd,
      state: {
        ...odd.state,
        validity: null,
        ledger: {
          claims: [{ uidValidity: 1, label: 'r:0123', lo: 1, hi: 9 }],
          agreements: [{ uidValidity: 1, lo: 2, hi: 3, a: cabin, b: home }],
        },
      },
    };
    catalog.save(null, full);
    catalog.save(null, agreed);
    assert.deepEqual(inFull(catalog.load('INBOX')), full);
    catalog.close();

    const again = await openCatalog(path, options);
    assert.deepEqual(again.identity, identity);
    assert.deepEqual(inFull(again.load('INBOX')), full);
    assert.deepEqual(inFull(again.load('__proto__/Entwürfe')), agreed);
    assert.equal(again.load('Nowhere'), null);
    again.close();
  });

  it('writes what differs: changed, new and gone instances and holdings', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    catalog.save(
      null,
      mailboxOf(
        'INBOX',
        range(1, 5).map((serial) => instanceOf(serial)),
      ),
    );
    const before = loaded(catalog, 'INBOX');
    const flagged = instanceOf(2, { flags: new Map([['\\Flagged', { on: true, modseq: 6, host: cabin }]]) });
    const after = mailboxOf('INBOX', [instanceOf(1), flagged, instanceOf(4), instanceOf(5), instanceOf(6)]);
    catalog.save(before, after);
    assert.deepEqual(inFull(catalog.load('INBOX')), after);
    // Saved objects serve as `before` just as loaded ones do.
    const emptied = mailboxOf('INBOX', []);
    catalog.save(after, emptied);
    assert.deepEqual(inFull(catalog.load('INBOX')), emptied);
    catalog.close();
  });

  it('refuses to save against anything but what it holds', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    catalog.save(null, mailboxOf('INBOX', [instanceOf(1)]));
    const stale = loaded(catalog, 'INBOX');
    catalog.save(loaded(catalog, 'INBOX'), mailboxOf('INBOX', [instanceOf(1), instanceOf(2)]));
    assert.throws(() => catalog.save(stale, mailboxOf('INBOX', [])), /does not hold/);
    assert.throws(() => catalog.save(null, mailboxOf('INBOX', [])), /does not hold/);
    assert.throws(() => catalog.save(mailboxOf('Other', []), mailboxOf('Other', [])), /does not hold/);

    const current = loaded(catalog, 'INBOX');
    const undone = mailboxOf('INBOX', [instanceOf(3)]);
    catalog.transaction(() => catalog.save(current, undone), { keep: false });
    assert.throws(() => catalog.save(undone, mailboxOf('INBOX', [])), /does not hold/);
    catalog.save(current, mailboxOf('INBOX', []));
    assert.equal(loaded(catalog, 'INBOX').holdings.size, 0);
    catalog.close();
  });

  it('counts messages, waiting texts and leftovers for the summaries', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    const [one, two, three, four] = [instanceOf(1), instanceOf(2), instanceOf(3), instanceOf(4)];
    // 1 is there; 2 is being delivered; 3 has not come; 4 was expunged and its file is still there; 1 is there twice.
    const holdings = [holdingOf(one), holdingOf(one, { ref: 'twice' }), holdingOf(two, { uid: null }), holdingOf(four)];
    const before = mailboxOf('INBOX', [one, two, three], holdings);
    catalog.save(null, before);
    const [summary] = catalog.summaries();
    const { instances: _, ledger: __, ...state } = before.state;
    const { holdings: ___, ...rest } = before;
    assert.deepEqual(summary, { ...rest, state, messages: 3, waiting: 2, leftovers: 1 });
    assert.deepEqual(catalog.waitingGuids(), [two.guid, three.guid]);
    assert.deepEqual(catalog.deliverableGuids(), [two.guid, three.guid]);
    const foreseen = catalog.transaction(
      () => {
        catalog.save(null, { ...mailboxOf('Unmade', [four], []), stored: false });
        return [catalog.waitingGuids(), catalog.deliverableGuids()];
      },
      { keep: false },
    );
    assert.deepEqual(
      foreseen,
      [
        [two.guid, three.guid, four.guid],
        [two.guid, three.guid],
      ],
      'what cannot be delivered is not asked for',
    );

    const after = mailboxOf('INBOX', [one, two, three], [holdingOf(one), holdingOf(two), holdingOf(three)]);
    catalog.save(loaded(catalog, 'INBOX'), after);
    assert.deepEqual(catalog.waitingGuids(), []);
    assert.deepEqual(
      catalog.summaries().map(({ messages, waiting, leftovers }) => [messages, waiting, leftovers]),
      [[3, 0, 0]],
    );
    catalog.close();
  });

  it('finds copies and births of a text across mailboxes', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    const text = guidOf(77);
    const announced = instanceOf(1, { guid: text, sizeBytes: 7 });
    const seen = instanceOf(2, { guid: text });
    catalog.save(null, mailboxOf('Archive', [announced], [holdingOf(announced, { uid: null })]));
    assert.deepEqual([catalog.copyOf({ guid: text }), catalog.sizeOf(text)], [null, null]);
    catalog.save(null, mailboxOf('INBOX', [seen, instanceOf(3)]));
    assert.equal(catalog.sizeOf(text), seen.sizeBytes);
    assert.deepEqual(catalog.copyOf({ guid: text }), {
      mailbox: 'INBOX',
      ref: seen.hint,
      guid: text,
      sizeBytes: seen.sizeBytes,
    });
    assert.deepEqual(catalog.birthsOf({ guid: text }), [
      { mailbox: 'Archive', birth: birthKey(announced.birth), guid: text },
      { mailbox: 'INBOX', birth: birthKey(seen.birth), guid: text },
    ]);
    assert.deepEqual(catalog.birthsOf({ guid: guidOf(78) }), []);
    catalog.save(loaded(catalog, 'INBOX'), mailboxOf('INBOX', [instanceOf(3)]));
    assert.equal(catalog.copyOf({ guid: text }), null);
    catalog.close();
  });

  it('finds other copies of a mail by its second digest, the very text before them, with what is known of each', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    const [mail, one, two, three] = [80, 81, 82, 83].map(guidOf) as [string, string, string, string];
    const born = instanceOf(1, { guid: one, same: mail, sizeBytes: 11 });
    const moved = instanceOf(2, { guid: two, same: mail, sizeBytes: 22 });
    const held = holdingOf(born, { ref: 'held', guid: three, same: mail, sizeBytes: 33 });
    const known = mailboxOf('INBOX', [born, moved], [held]);
    catalog.save(null, known);
    const copy = { mailbox: 'INBOX', ref: 'held', guid: three, same: mail, sizeBytes: 33 };
    for (const wanted of [{ guid: three, same: mail }, born, moved, { guid: mail }, { guid: three }]) {
      assert.deepEqual(catalog.copyOf(wanted), copy);
    }
    assert.equal(catalog.copyOf({ guid: one }), null, 'who asks for a guid alone is told what the guid is, first');
    assert.deepEqual(catalog.textNamed(one), { guid: one, same: mail });
    assert.deepEqual(catalog.textsNamed(catalog.waitingGuids()), [{ guid: two, same: mail }]);
    assert.deepEqual([catalog.sizeOf(three), catalog.sizeOf(one)], [33, null]);
    assert.equal(catalog.copyOf({ guid: three, same: guidOf(84) }), null, 'the second digest is another');
    assert.deepEqual(
      catalog.birthsOf({ guid: three, same: mail }).map(({ birth, guid }) => [birth, guid]),
      [born, moved].map(({ birth, guid }) => [birthKey(birth), guid]),
    );
    assert.deepEqual(catalog.filesOf(born), [{ mailbox: 'INBOX', ref: 'held' }]);
    catalog.putFlaw({ mailbox: 'INBOX', ref: 'held', kind: 'damaged', found: null });
    assert.equal(catalog.copyOf(born), null);
    assert.deepEqual(
      catalog.flawedTexts().map(({ guid, same, wanted }) => [guid, same, wanted]),
      [[three, mail, one]],
    );
    assert.deepEqual(catalog.waitingGuids().sort(), [one, two], 'others know the message by the guid it was born with');
    catalog.dropFlaw('INBOX', 'held');
    const plain = holdingOf(moved, { ref: 'plain', guid: mail, sizeBytes: 10 });
    catalog.save(loaded(catalog, 'INBOX'), mailboxOf('INBOX', [born, moved], [held, plain]));
    assert.equal(catalog.copyOf({ guid: mail })?.ref, 'plain', 'the very text before any other');
    assert.equal(catalog.copyOf({ guid: three, same: mail })?.ref, 'held');
    assert.deepEqual(loaded(catalog, 'INBOX').holdings.get('plain'), plain);
    assert.deepEqual(loaded(catalog, 'INBOX').state.instances.get(birthKey(born.birth)), born);
    catalog.close();
  });

  it('leaves nothing of a change that fails half-way, and goes on', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    const impossible = mailboxOf('INBOX', [instanceOf(1), instanceOf(2, { sizeBytes: 2 ** 60 })]);
    assert.throws(() => catalog.save(null, impossible), Failure);
    assert.equal(catalog.load('INBOX'), null);
    catalog.transaction(() => {
      catalog.setNote('a', '1');
      assert.throws(() => catalog.save(null, impossible), Failure);
      assert.throws(() => catalog.setNote('b', 'cut\0short'), /not well-formed/);
      assert.throws(() => catalog.setNote('b', 'half \ud83d'), /not well-formed/);
      catalog.setNote('b', 'whole \u{1f4a9}');
    });
    assert.deepEqual([catalog.note('a'), catalog.note('b'), catalog.load('INBOX')], ['1', 'whole \u{1f4a9}', null]);
    catalog.close();
  });

  it('keeps peers, exports, taken bundles, departures, notes and the log', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    const clocks = new Map([
      [
        'INBOX',
        new Map([
          [home, { serial: 3, modseq: 8 }],
          [cabin, { serial: 1, modseq: 9 }],
        ]),
      ],
      ['2024', new Map()],
    ]);
    const peer: Peer = {
      hostId: cabin,
      hostName: 'cabin',
      lastNumber: 4,
      lastHeardS: 1_700_000_000,
      taken: [[1, 4]],
      heard: [
        [1, 2],
        [5, 5],
      ],
      clocks,
      heardOfUs: new Map([...clocks].slice(0, 1)),
      told: new Map([...clocks].slice(1)),
      wanted: new Set([guidOf(1), guidOf(2)]),
      unheard: new Set([home]),
      statements: new Map([[home, { number: 7, digest: 'd'.repeat(32) }]]),
      isDirect: true,
    };
    const exported: Exported = {
      number: 1,
      fileName: 'home-000001.tar.zst',
      sizeBytes: 12,
      imprint: 's1',
      madeAtS: 1_700_000_001,
      recipients: new Set([cabin]),
      base: new Map(),
      carried: new Map(),
      clocks,
      wanted: new Set(),
      answered: new Set([guidOf(3)]),
      unheard: new Set([cabin]),
      relayed: new Map([[cabin, 'digest']]),
      lastSeen: 3,
    };
    const departed = { mailbox: 'INBOX', birth: `${cabin}/7`, guid: guidOf(7), modseq: 6, told: false };
    catalog.putPeer(peer);
    catalog.putPeer({ ...peer, lastNumber: 5, isDirect: false });
    catalog.putPairedHost(pairedHostOf(cabin, 'cabin'));
    catalog.putPairedHost({ ...pairedHostOf(cabin, 'chalet'), right: 'read', isRevoked: true });
    assert.equal(catalog.lastExport(), null);
    catalog.putExport({ ...exported, number: 2 });
    catalog.putExport(exported);
    catalog.markTaken('imprint', 1, home);
    catalog.markTaken('imprint', 2, home);
    catalog.addDeparted([departed, { ...departed, birth: `${home}/1` }]);
    catalog.addDeparted([departed]);
    catalog.dropDeparted([{ ...departed, birth: `${home}/1` }]);
    const trashed = [1, 2, 3].map((n) => trashedOf(`${home}/${n}`, { seenS: n, guid: guidOf(n) }));
    catalog.addTrash(trashed.toReversed());
    catalog.addTrash(trashed.slice(2));
    catalog.setNote('stick', 'x');
    catalog.setNote('gone', 'x');
    catalog.setNote('gone', null);
    for (const atS of range(1, 5)) catalog.log({ atS, what: 'scan', details: { deep: { list: [atS, null] } } });
    catalog.close();

    const again = await openCatalog(path, options);
    assert.deepEqual(again.peers(), [{ ...peer, lastNumber: 5, isDirect: false }]);
    assert.deepEqual(again.pairedHosts(), [{ ...pairedHostOf(cabin, 'chalet'), right: 'read', isRevoked: true }]);
    assert.throws(() => again.putPairedHost(pairedHostOf(home, 'chalet')), { code: 'internal' });
    assert.deepEqual(again.exports(), [exported, { ...exported, number: 2 }]);
    again.dropExport(1);
    again.dropExport(2);
    assert.deepEqual(again.exports(), []);
    assert.deepEqual(again.lastExport(), { number: 2, madeAtS: 1_700_000_001 });
    assert.deepEqual([again.isTaken('imprint'), again.isTaken('other')], [true, false]);
    assert.deepEqual(again.departed(), [departed]);
    assert.deepEqual(again.trash(), trashed);
    const gone = [departed, ...trashed].map(({ guid }) => guid);
    assert.deepEqual([...again.mailGoneFrom('INBOX')].sort(), gone.sort());
    assert.deepEqual(again.mailGoneFrom('Other'), new Set());
    assert.equal(again.trashBytes(), 3 * 44);
    again.dropTrash(trashed.slice(1, 2));
    assert.deepEqual(
      [again.dropTrashBefore(1), again.dropTrashBefore(2), again.dropTrashBefore(2)],
      [false, true, false],
    );
    assert.deepEqual(again.trash(), trashed.slice(2));
    assert.deepEqual([again.note('stick'), again.note('gone')], ['x', null]);
    assert.deepEqual(again.entries(2), [
      { atS: 4, what: 'scan', details: { deep: { list: [4, null] } } },
      { atS: 5, what: 'scan', details: { deep: { list: [5, null] } } },
    ]);
    again.close();
  });

  it('keeps the last ten thousand entries of the log', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    catalog.transaction(() => {
      for (const atS of range(1, 10_003)) catalog.log({ atS, what: 'scan', details: {} });
    });
    const kept = catalog.entries(20_000).map(({ atS }) => atS);
    assert.deepEqual([kept.length, kept[0], kept.at(-1)], [10_000, 4, 10_003]);
    catalog.close();
  });

  it('says so where it is used out of turn', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    catalog.close();
    catalog.close();
    assert.throws(() => catalog.note('a'), /after it was closed/);
  });

  it('never gives a number twice', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    assert.deepEqual([catalog.takeNumber(), catalog.takeNumber()], [1, 2]);
    catalog.close();
    const again = await openCatalog(path, options);
    assert.equal(again.takeNumber(), 3);
    again.close();
  });

  it('reads mailboxes of more messages than one chunk', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    const hosts = [cabin, home];
    const instances = range(1, 8000).map((serial) =>
      instanceOf(serial, { birth: { host: hosts[serial % 2] ?? home, serial } }),
    );
    const big = mailboxOf('INBOX', instances);
    catalog.save(null, big);
    catalog.save(null, mailboxOf('Other', [instanceOf(1)]));
    assert.deepEqual(inFull(catalog.load('INBOX')), big);
    catalog.close();
  });
});
