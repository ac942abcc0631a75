import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { dumpCatalog } from '../../src/catalog/dump-catalog.js';
import type { Catalog } from '../../src/catalog/interface/catalog.js';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { onEachBackend, scratch } from './backends.js';
import { cabin, guidOf, holdingOf, home, identity, instanceOf, mailboxOf, trashedOf } from './sample.js';

const one = instanceOf(1, { hint: 'line\nbreak\x9b' });
const two = instanceOf(2, {
  birth: { host: cabin, serial: 2 },
  anew: 3,
  movedFrom: { mailbox: 'Lists', birth: { host: home, serial: 4 }, clock: new Map() },
});

const notes = ['b', 'a'];
const clocks = new Map([
  ['INBOX', new Map([[home, { serial: 1, modseq: 2 }]])],
  [
    'Archive',
    new Map([
      [cabin, { serial: 3, modseq: 4 }],
      [home, { serial: 5, modseq: 6 }],
    ]),
  ],
]);

/** The same content, put in in one order or the other. */
function fill(catalog: Catalog, turned: boolean): void {
  const order = <T>(items: readonly T[]): T[] => (turned ? items.toReversed() : [...items]);
  const instances = order([one, two]);
  const holdings = order([holdingOf(two, { uid: null, flags: new Set(order(['\\Seen', 'a'])) }), holdingOf(one)]);
  for (const name of order(['INBOX', 'Archive'])) catalog.save(null, mailboxOf(name, instances, holdings));
  for (const key of order(notes)) catalog.setNote(key, `note ${key}`);
  for (const imprint of order(['s1', 's2'])) catalog.markTaken(imprint, 3, home);
  for (const serial of order([1, 2])) {
    catalog.addDeparted([
      {
        mailbox: 'INBOX',
        birth: `${[home, cabin][serial % 2]}/1`,
        guid: guidOf(serial),
        modseq: 2,
        told: serial === 1,
      },
    ]);
  }
  catalog.addTrash(order([cabin, home]).map((host) => trashedOf(`${host}/4`)));
  const guids = new Set(order([guidOf(1), guidOf(2)]));
  const told = new Map(order([...clocks]));
  const peer = {
    hostName: 'p',
    lastNumber: 1,
    lastHeardS: 2,
    taken: [[1, 2]],
    heard: [],
    clocks: told,
    heardOfUs: told,
    told,
    wanted: guids,
    unheard: new Set(order([home, cabin])),
    statements: new Map(order([home, cabin]).map((host) => [host, { number: 7, digest: 'd'.repeat(32) }] as const)),
    isDirect: true,
  } as const;
  for (const hostId of order([home, cabin])) catalog.putPeer({ ...peer, hostId });
  catalog.putExport({
    number: 1,
    fileName: 'home-000001.tar.zst',
    sizeBytes: 9,
    imprint: 's',
    madeAtS: 8,
    recipients: new Set(),
    base: told,
    carried: told,
    clocks: told,
    wanted: guids,
    answered: guids,
    unheard: new Set(order([home, cabin])),
    relayed: new Map(
      order([
        [home, 'x'],
        [cabin, 'y'],
      ]),
    ),
    lastSeen: 1,
  });
  catalog.log({ atS: 1, what: 'export', details: { number: 1 } });
}

onEachBackend('dump', (backend) => {
  it('is the same text for the same content, with nothing in it that a terminal would obey', async (t) => {
    const dumps: string[][] = [];
    for (const turned of [false, true]) {
      const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, { waitMs: 0, backend });
      fill(catalog, turned);
      dumps.push([...dumpCatalog(catalog)]);
      catalog.close();
    }
    assert.deepEqual(dumps[0], dumps[1]);
    assert.doesNotMatch(dumps[0]?.join('') ?? '', /[\x00-\x1f\x7f-\x9f]/);
  });

  it('names every part of what the catalog holds', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, { waitMs: 0, backend });
    fill(catalog, false);
    const text = [...dumpCatalog(catalog)].join('\n');
    catalog.close();
    for (const line of [
      `identity ${home} "home" account "alice" store "maildir:/home/alice/Maildir"`,
      'mailbox "INBOX": 2 messages, 1 waiting, 0 leftovers',
      `  clock ${home} 2/5; highest modseq 5`,
      '  uids 1600000000 (0 resets) next 3',
      `  exists on 1@${home}, subscribed off 0@-`,
      `  claim 1600000000 1:2 "${home}"`,
      '  store uids 1600000000 next 3',
      `  instance ${home}/1 modseq 5 guid ${guidOf(1)} 1001 bytes, received 1700000001, hint "line\\nbreak\\u009b"; uid 1600000000:1 round 0 5@${home}; flags "\\\\Seen" off 5@${home}`,
      `from "Lists" ${home}/4 clock -`,
      `  holding "line\\nbreak\\u009b" of ${home}/1 uid 1 guid ${guidOf(1)} flags "\\\\Seen"`,
      `of ${cabin}/2 uid not seen yet guid ${guidOf(2)} flags "\\\\Seen" "a"`,
      `peer ${cabin} "p" last 1 heard at 2`,
      '  taken 1:2; heard ; direct true',
      `  unheard ${home}`,
      `  clock of "Archive" ${home} 5/6, ${cabin} 3/4`,
      `  wanted ${guidOf(2)}`,
      'export 1 "home-000001.tar.zst" 9 bytes, imprint "s", made at 8',
      `  base of "INBOX" ${home} 1/2`,
      `  answered ${guidOf(1)}`,
      `  relayed ${cabin} y`,
      'last export 1 at 8',
      'taken "s2" at 3',
      `departed "INBOX" ${home}/1 ${guidOf(2)} 2`,
      `trash "INBOX" ${home}/4 guid ${guidOf(4)} 44 bytes, received 1500000000, hint "1700004.M4P12.home"; uid 1600000000:4 flags "\\\\Seen"; expunged at 1700000004 (4 seen) by ${cabin}, bundle 9 "cabin-000009.tar.zst"`,
      'note "a" "note a"',
      'log 1 export {"number":1}',
    ]) {
      assert.ok(text.includes(line), `${line}\nis not in\n${text}`);
    }
  });

  it('shows a statement with the highest number that there is', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, { waitMs: 0, backend });
    catalog.putSigned(cabin, { number: Number.MAX_SAFE_INTEGER, ticks: new Map() });
    const lines = [...dumpCatalog(catalog)];
    catalog.close();
    assert.ok(lines.includes(`signed ${Number.MAX_SAFE_INTEGER} of ${cabin}`));
  });
});
