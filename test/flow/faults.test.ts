import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Catalog } from '../../src/catalog/catalog.js';
import { createCatalog } from '../../src/catalog/open.js';
import type { Session } from '../../src/flow/session.js';
import { syncWith } from '../../src/flow/sync.js';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory.js';
import { troublesOf } from '../../src/terminal/troubles.js';
import { Crash, type Fault, faultyStore } from './faulty-store.js';

// Whatever goes wrong with a store, at whatever step: no text that its user did not expunge is lost, on any host, and in the end
// everything is everywhere.

type Faults = { readonly change: readonly Fault[]; readonly other: readonly Fault[] };

type Party = {
  readonly store: MemoryStore;
  readonly catalog: Catalog;
  /** Nothing can be done to it while it is set. */
  blocked: string | null;
};

/** Something a user does, or a run of each host, of which that of `who` goes wrong. `who` and `what` are taken modulo what there is. */
type Act = {
  readonly kind: 'deliver' | 'expunge' | 'flag' | 'delete' | 'rename' | 'block' | 'sync';
  readonly who: number;
  readonly what: number;
  readonly faults: Faults;
};

const mailboxes = ['INBOX', 'Work', 'Old', 'Lists/one'] as const;
const kinds = ['deliver', 'deliver', 'expunge', 'flag', 'delete', 'rename', 'block', 'sync', 'sync', 'sync'] as const;
const anyFault = fc.constantFrom<Fault>('refused', 'half', 'half and gone', 'crash before', 'crash after');
const faultsIn = (soundShare: number, maxLength: number): fc.Arbitrary<Fault[]> =>
  fc.array(
    fc.oneof({ weight: soundShare, arbitrary: fc.constant<Fault>('none') }, { weight: 1, arbitrary: anyFault }),
    {
      maxLength,
    },
  );
const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.nat(1),
  what: fc.nat(99),
  faults: fc.record({ change: faultsIn(1, 4), other: faultsIn(8, 12) }),
});

const options = { dryRun: false, full: false, texts: 'unseen', mailboxes: [], allowExpunge: true } as const;
const nowMs = 1_700_000_000_000;

async function sync(party: Party, stick: string, faults: Faults = { change: [], other: [] }): Promise<number> {
  const ahead = { change: [...faults.change], other: [...faults.other] };
  const next = (step: keyof Faults, mailbox: string): Fault =>
    mailbox === party.blocked ? 'refused' : (ahead[step].shift() ?? 'none');
  const session: Session = {
    catalog: party.catalog,
    store: faultyStore(party.store, next),
    nowMs: () => nowMs,
    listener: () => undefined,
    signal: new AbortController().signal,
    close: async () => undefined,
  };
  try {
    return (await syncWith(session, [stick], options)).flatMap(troublesOf).length;
  } catch (error) {
    if (error instanceof Crash) return 1;
    throw error;
  }
}

function textsOf({ store }: Party): string[] {
  const texts = mailboxes.flatMap((mailbox) =>
    store.user.messages(mailbox).map(({ text }) => Buffer.from(text).toString()),
  );
  return texts.sort();
}

test('nothing is lost, whatever a store refuses and wherever a run dies, and in the end all is everywhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 25 }), async (acts) => {
      const directory = mkdtempSync(join(tmpdir(), 'mrepl-faults-'));
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      const parties = await Promise.all([makeParty(directory, 'home', 1), makeParty(directory, 'cabin', 2)]);
      try {
        const delivered = new Set<string>();
        const expunged = new Set<string>();
        for (const { kind, who, what, faults } of acts) {
          const party = parties[who];
          assert.ok(party !== undefined);
          const { user } = party.store;
          const mailbox = mailboxes[what % mailboxes.length] ?? 'INBOX';
          const messages = user.messages(mailbox);
          const message = messages[what % Math.max(1, messages.length)];
          if (kind === 'deliver') {
            for (let copy = 0; copy <= what % 3; copy++) {
              const text = `Subject: ${delivered.size}\n\n`;
              delivered.add(text);
              user.deliver(mailbox, text);
            }
          } else if (kind === 'flag' && message !== undefined) user.setFlags(mailbox, message.ref, ['\\Seen']);
          else if (kind === 'expunge' && message !== undefined) {
            expunged.add(Buffer.from(message.text).toString());
            user.expunge(mailbox, message.ref);
          } else if (kind === 'delete' && mailbox !== 'INBOX') {
            for (const { text } of messages) expunged.add(Buffer.from(text).toString());
            user.delete(mailbox);
          } else if (kind === 'rename' && mailbox !== 'INBOX') {
            for (const { text, flags } of messages) user.deliver('INBOX', Buffer.from(text).toString(), flags);
            user.delete(mailbox);
          } else if (kind === 'block') party.blocked = party.blocked === null ? mailbox : null;
          else if (kind === 'sync') {
            for (const one of parties) await sync(one, stick, one === party ? faults : undefined);
          }
          const there = new Set(parties.flatMap(textsOf));
          for (const text of delivered) assert.ok(there.has(text) || expunged.has(text), `lost after ${kind}: ${text}`);
        }
        for (const party of parties) party.blocked = null;
        let troubles = 0;
        for (let round = 0; round < 4; round++) {
          troubles = 0;
          for (const party of parties) troubles += await sync(party, stick);
        }
        assert.equal(troubles, 0);
        const [home = [], cabin] = parties.map(textsOf);
        assert.deepEqual(cabin, home);
        for (const text of delivered) assert.ok(home.includes(text) || expunged.has(text), `lost: ${text}`);
      } finally {
        for (const { catalog } of parties) catalog.close();
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: Number(process.env.MREPL_TEST_RUNS ?? 60), includeErrorInReport: true },
  );
});

async function makeParty(directory: string, name: string, id: number): Promise<Party> {
  const identity = { hostId: `a${id}`.repeat(16), hostName: name, account: 'alice', store: 'memory' };
  const catalog = await createCatalog(join(directory, name, 'catalog.db'), identity);
  return { store: createMemoryStore({ firstUidValidity: id * 1000 }), catalog, blocked: null };
}
