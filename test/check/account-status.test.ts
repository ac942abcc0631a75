import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Catalog } from '../../src/catalog/interface/catalog.js';
import type { Peer } from '../../src/catalog/interface/peer-catalog.js';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { statusOf } from '../../src/check/account-status.js';
import { unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import type { Clock } from '../../src/replica/version-vector.js';
import { cabin, guidOf, holdingOf, home, identity, instanceOf, mailboxOf, pairedHostOf } from '../catalog/sample.js';

const ship = 'c2'.repeat(16);
const attic = 'd3'.repeat(16);

async function emptyCatalog(t: { after(clean: () => void): void }): Promise<Catalog> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-status-'));
  const catalog = await createCatalog(join(directory, 'catalog.db'), identity, { waitMs: 0 });
  t.after(() => {
    catalog.close();
    rmSync(directory, { recursive: true });
  });
  return catalog;
}

function peerOf(hostId: string, hostName: string, clocks: Record<string, Clock>, wanted: readonly string[] = []): Peer {
  return {
    hostId,
    hostName,
    lastNumber: 3,
    lastHeardS: 1_700_000_000,
    taken: [],
    heard: [],
    clocks: new Map(Object.entries(clocks)),
    heardOfUs: new Map(),
    told: new Map(),
    wanted: new Set(wanted),
    unheard: new Set(),
    statements: new Map(),
    isDirect: true,
  };
}

it('a catalog that nothing has happened to has nothing to say', async (t) => {
  const catalog = await emptyCatalog(t);
  assert.deepEqual(statusOf(catalog), {
    kind: 'status',
    account: 'alice',
    host: { hostId: home, name: 'home' },
    store: 'maildir:/home/alice/Maildir',
    serverUids: false,
    mailboxes: [],
    peers: [],
    unconfirmed: [],
    textsLeft: 0,
    lastExport: null,
    next: [{ step: 'pair' }],
  });
});

it('a peer is up to date with a mailbox when its own clock covers ours, and it wants no text of it', async (t) => {
  const catalog = await emptyCatalog(t);
  const [one, two, three] = [instanceOf(1), instanceOf(2), instanceOf(3)];
  catalog.save(null, mailboxOf('INBOX', [one, two, three], [holdingOf(one), holdingOf(two, { uid: null })]));
  const gone = mailboxOf('Gone', []);
  catalog.save(null, { ...gone, state: { ...gone.state, exists: { on: false, modseq: 6, host: home } } });
  catalog.save(null, unknownMailbox('Untouched'));
  // In INBOX the births are known to all three but one change is not: 5 is our modseq.
  const all = new Map([
    [home, { serial: 3, modseq: 5 }],
    [ship, { serial: 9, modseq: 9 }],
  ]);
  const allButFlags = new Map([[home, { serial: 3, modseq: 4 }]]);
  const gonesClock = new Map([[home, { serial: 0, modseq: 5 }]]);
  for (const [hostId, name] of [
    [ship, 'ship'],
    [cabin, 'cabin'],
    [attic, 'attic'],
  ] as const) {
    catalog.putPairedHost({ ...pairedHostOf(hostId, name), isRevoked: hostId === attic });
  }
  catalog.putPeer(peerOf(attic, 'attic', {}));
  catalog.putPeer(peerOf(ship, 'ship', { INBOX: all }, [guidOf(1), guidOf(2)]));
  catalog.putPeer(peerOf(cabin, 'cabin', { INBOX: allButFlags, Gone: gonesClock }));

  const status = statusOf(catalog);
  assert.deepEqual(status.mailboxes, [
    {
      mailbox: 'Gone',
      present: false,
      stored: true,
      messages: 0,
      waiting: 0,
      damaged: 0,
      uidValidity: 1_600_000_000,
      uidNext: 1,
      highestModseq: 5,
      upToDate: ['cabin'],
      behind: ['ship'],
    },
    {
      mailbox: 'INBOX',
      present: true,
      stored: true,
      messages: 3,
      waiting: 2,
      damaged: 0,
      uidValidity: 1_600_000_000,
      uidNext: 4,
      highestModseq: 5,
      upToDate: [],
      behind: ['cabin', 'ship'],
    },
    {
      mailbox: 'Untouched',
      present: false,
      stored: false,
      messages: 0,
      waiting: 0,
      damaged: 0,
      uidValidity: null,
      uidNext: 1,
      highestModseq: 0,
      upToDate: ['cabin', 'ship'],
      behind: [],
    },
  ]);
  const heard = { lastHeardS: 1_700_000_000, lastNumber: 3 };
  assert.deepEqual(status.peers, [
    {
      ...{
        ...heard,
        hostId: cabin,
        name: 'cabin',
        mailboxesBehind: 1,
        wantedTexts: 0,
        inStep: false,
        inStepSinceS: null,
      },
      ...{ lacks: { messages: 0, mailboxes: 1 }, unwritten: { messages: 0, mailboxes: 1 } },
    },
    {
      ...{
        ...heard,
        hostId: ship,
        name: 'ship',
        mailboxesBehind: 2,
        wantedTexts: 2,
        inStep: false,
        inStepSinceS: null,
      },
      ...{ lacks: { messages: 0, mailboxes: 1 }, unwritten: { messages: 0, mailboxes: 1 } },
    },
  ]);
});

it('a mailbox that was deleted is present while living mail is in it', async (t) => {
  const catalog = await emptyCatalog(t);
  const kept = mailboxOf('Kept', [instanceOf(1)]);
  catalog.save(null, { ...kept, state: { ...kept.state, exists: { on: false, modseq: 6, host: cabin } } });
  assert.equal(statusOf(catalog).mailboxes[0]?.present, true);
});

it('the last export stays known when its bundle is superseded', async (t) => {
  const catalog = await emptyCatalog(t);
  const none = {
    base: new Map(),
    carried: new Map(),
    clocks: new Map(),
    wanted: new Set<string>(),
    answered: new Set<string>(),
    unheard: new Set<string>(),
    relayed: new Map<string, string>(),
    lastSeen: 7,
  };
  catalog.putExport({
    number: 7,
    fileName: 'f',
    sizeBytes: 1,
    imprint: 's',
    madeAtS: 1_700_000_007,
    recipients: new Set(),
    ...none,
  });
  catalog.dropExport(7);
  assert.deepEqual(statusOf(catalog).lastExport, { number: 7, madeAtS: 1_700_000_007 });
});

it('a paired host of which nothing ever came lacks everything', async (t) => {
  const catalog = await emptyCatalog(t);
  catalog.save(null, mailboxOf('INBOX', [instanceOf(1)]));
  catalog.putPairedHost(pairedHostOf(ship, 'ship'));
  const status = statusOf(catalog);
  assert.deepEqual(status.peers, [
    {
      ...{ hostId: ship, name: 'ship', lastHeardS: null, lastNumber: 0, mailboxesBehind: 1, wantedTexts: 0 },
      ...{ inStep: false, inStepSinceS: null },
      ...{ lacks: { messages: 1, mailboxes: 1 }, unwritten: { messages: 1, mailboxes: 1 } },
    },
  ]);
  assert.deepEqual(status.mailboxes[0]?.behind, ['ship']);
});
