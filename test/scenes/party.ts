import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog } from '../../src/catalog/interface/catalog.js';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { isOfOneThing } from '../../src/failure.js';
import { pairThrough } from '../../src/flow/identity/pair-hosts.js';
import type { Session } from '../../src/flow/session/account-session.js';
import { syncWith } from '../../src/flow/sync-with-directories.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory/memory-store.js';
import { createRemoteMemoryStore, unsteadyConnection } from '../../src/store/memory/remote-memory-store.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { createHostKeys, type HostKeys } from '../../src/trust/identity/host-key-file.js';
import { Crash, type Fault, faultyStore } from './faulty-store.js';

/** A host whose store is in memory, and the rest of it in a directory. */
export type Party = {
  readonly store: MemoryStore;
  readonly catalog: Catalog;
  readonly keys: HostKeys;
  readonly keysPath: string;
  /** Nothing can be done to this mailbox while it is set. */
  blocked: string | null;
  /** Turns of the connection to a remote store until it is lost; it never is where this is 0. */
  turnsUntilLost: number;
  nowMs: number;
};

/** What goes wrong with the store, step by step. */
export type Faults = {
  readonly change: readonly Fault[];
  readonly other: readonly Fault[];
  /** Turns until the connection to a remote store is lost. */
  readonly lostAfter?: number;
};

/** told: it is told UIDs and refs. remote: it gives them itself, beyond a connection. */
export type StoreKind = 'told' | 'remote';

export const sound: Faults = { change: [], other: [] };

export const options = {
  dryRun: false,
  full: false,
  texts: 'unseen',
  plain: true,
  mailboxes: [],
  allowExpunge: true,
} as const;

export async function makeParty(directory: string, name: string, id: number, kind: StoreKind = 'told'): Promise<Party> {
  const hostId = `a${id}`.repeat(16);
  const account = 'alice';
  const catalog = await createCatalog(join(directory, name, 'catalog.db'), {
    hostId,
    hostName: name,
    account,
    store: 'memory',
  });
  const keysPath = join(directory, name, 'keys');
  const keys = createHostKeys(keysPath, { account, hostId });
  const connection = unsteadyConnection(() => party.turnsUntilLost > 0 && --party.turnsUntilLost === 0);
  const firstUidValidity = id * 1000;
  const store =
    kind === 'told'
      ? createMemoryStore({ firstUidValidity })
      : createRemoteMemoryStore({ firstUidValidity, connection });
  const party: Party = {
    store,
    catalog,
    keys,
    keysPath,
    blocked: null,
    turnsUntilLost: 0,
    nowMs: 1_700_000_000_000,
  };
  return party;
}

export function sessionOf(party: Party, faults: Faults = sound): Session {
  const { catalog, store, keys, keysPath } = party;
  const ahead = { change: [...faults.change], other: [...faults.other] };
  return {
    catalog,
    store: faultyStore(store, (step, mailbox) =>
      mailbox === party.blocked ? 'refused' : (ahead[step].shift() ?? 'none'),
    ),
    ...{ spool: store.spool, trash: store.trash },
    keys: () => keys,
    keysPath,
    nowMs: () => party.nowMs,
    listener: () => undefined,
    signal: new AbortController().signal,
    close: async () => undefined,
  };
}

/** Two hosts that know each other, with stores of these kinds, and a directory that is carried between them. */
export async function makePair(
  t: { after(clean: () => void): void },
  directory: string,
  [here, there]: readonly [StoreKind, StoreKind] = ['told', 'told'],
): Promise<{ readonly home: Party; readonly cabin: Party; readonly stick: string }> {
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const [home, cabin] = [await makeParty(directory, 'home', 1, here), await makeParty(directory, 'cabin', 2, there)];
  t.after(() => [home, cabin].forEach(({ catalog }) => void catalog.close()));
  await pair([home, cabin], stick);
  return { home, cabin, stick };
}

/** How many things went wrong; a crash is one, and so is a connection that is lost for good. */
export async function sync(party: Party, stick: string, faults: Faults = sound): Promise<number> {
  party.turnsUntilLost = faults.lostAfter ?? 0;
  try {
    return (await syncWith(sessionOf(party, faults), [stick], options)).flatMap(troublesOf).length;
  } catch (error) {
    if (error instanceof Crash) return 1;
    if (faults.lostAfter !== undefined && isOfOneThing(error, 'io')) return 1;
    throw error;
  } finally {
    party.turnsUntilLost = 0;
  }
}

export async function pair([one, other]: readonly [Party, Party], stick: string): Promise<void> {
  const acceptAll = { fingerprints: new Set<never>(), accept: async () => true };
  for (const party of [one, other, one]) await pairThrough(sessionOf(party), stick, acceptAll);
}

/** What is in the inbox. */
export function textsIn({ store }: Party): string[] {
  return store.user
    .messages(inbox)
    .map(({ text }) => Buffer.from(text).toString().trim())
    .sort();
}
