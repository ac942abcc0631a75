import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import type { Fault } from '../scenes/faulty-store.js';
import { type Faults, makeParty, type Party, pair, type StoreKind, sessionOf, sound, sync } from '../scenes/party.js';
import { casesTried } from '../thoroughness.js';

// Whatever goes wrong with a store, of whatever kind, at whatever step, and whatever becomes of what is in it: no text that its user did not expunge is lost, on any host, and in the end
// everything is everywhere.

/** Something a user does, or a run of each host, of which that of `who` goes wrong. `who` and `what` are taken modulo what there is. */
type Act = {
  readonly kind: 'deliver' | 'expunge' | 'flag' | 'delete' | 'rename' | 'damage' | 'block' | 'sync';
  readonly who: number;
  readonly what: number;
  readonly faults: Faults;
};

const mailboxes = ['INBOX', 'Work', 'Old', 'Lists/one'] as const;
const kinds = [
  ...(['deliver', 'deliver', 'expunge', 'flag', 'delete', 'rename', 'damage', 'block'] as const),
  ...(['sync', 'sync', 'sync'] as const),
];
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
  faults: fc.record({ change: faultsIn(1, 4), other: faultsIn(8, 12), lostAfter: fc.nat(40) }),
});

/** The text comes twice while nothing can be delivered: the first time it was sent, the second time it was asked for. */
const blockedWhileTextsCome: Act[] = (
  [
    ['deliver', 1],
    ['sync', 0],
    ['block', 0],
    ['sync', 0],
    ['sync', 0],
  ] as const
).map(([kind, who]) => ({ kind, who, what: 0, faults: sound }));

function textsOf({ store }: Party): string[] {
  const texts = mailboxes.flatMap((mailbox) =>
    store.user.messages(mailbox).map(({ text }) => Buffer.from(text).toString()),
  );
  return texts.sort();
}

const storeKind = fc.constantFrom<StoreKind>('told', 'remote');

test('nothing is lost, whatever a store refuses and wherever a run dies, and in the end all is everywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 3, maxLength: 25 }),
      storeKind,
      storeKind,
      async (acts, here, there) => {
        const directory = mkdtempSync(join(tmpdir(), 'mrepl-faults-'));
        const stick = join(directory, 'stick');
        mkdirSync(stick);
        const parties = await Promise.all([
          makeParty(directory, 'home', 1, here),
          makeParty(directory, 'cabin', 2, there),
        ]);
        try {
          await pair(parties, stick);
          const delivered = new Set<string>();
          const expunged = new Set<string>();
          /** What damaged texts were. */
          const originals = new Map<string, string>();
          const wasText = ({ text }: { readonly text: Uint8Array }): string => {
            const now = Buffer.from(text).toString();
            return originals.get(now) ?? now;
          };
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
              expunged.add(wasText(message));
              user.expunge(mailbox, message.ref);
            } else if (kind === 'delete' && mailbox !== 'INBOX') {
              for (const gone of messages) expunged.add(wasText(gone));
              user.delete(mailbox);
            } else if (kind === 'rename' && mailbox !== 'INBOX') {
              for (const moved of messages) {
                const text = Buffer.from(moved.text).toString();
                // What nobody knows to be damaged is, elsewhere, new mail; the message that it was is gone.
                if (originals.has(text)) expunged.add(wasText(moved));
                user.deliver('INBOX', text, moved.flags);
              }
              user.delete(mailbox);
            } else if (kind === 'damage' && message !== undefined) {
              const text = Buffer.from(message.text).toString();
              const isElsewhere = textsOf(parties[1 - who] ?? party).includes(text);
              if (isElsewhere && !originals.has(text)) {
                const damaged = `damaged ${originals.size}`;
                originals.set(damaged, text);
                user.overwrite(mailbox, message.ref, damaged);
              }
            } else if (kind === 'block') party.blocked = party.blocked === null ? mailbox : null;
            else if (kind === 'sync') {
              for (const one of parties) await sync(one, stick, one === party ? faults : undefined);
            }
            const present = new Set(parties.flatMap(textsOf));
            for (const text of delivered)
              assert.ok(present.has(text) || expunged.has(text), `lost after ${kind}: ${text}`);
          }
          for (const party of parties) party.blocked = null;
          for (const party of parties) await sync(party, stick);
          for (const party of parties) await examineAccount(sessionOf(party), { deep: true, found: [] });
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
      },
    ),
    {
      numRuns: Number(process.env.MREPL_TEST_RUNS ?? casesTried(30)),
      includeErrorInReport: true,
      examples: [
        [blockedWhileTextsCome, 'told', 'told'],
        [blockedWhileTextsCome, 'remote', 'remote'],
      ],
    },
  );
});
