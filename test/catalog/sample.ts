import type { Catalog } from '../../src/catalog/interface/catalog.js';
import type { Identity } from '../../src/catalog/interface/host-identity.js';
import type { PairedHost } from '../../src/catalog/interface/paired-host-catalog.js';
import type { Trashed } from '../../src/catalog/interface/trash-catalog.js';
import type { Flag } from '../../src/mail/flags.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import { type Holding, type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../src/replica/message-birth.js';

export const home = 'a0'.repeat(16);
export const cabin = 'b1'.repeat(16);

export const identity: Identity = {
  hostId: home,
  hostName: 'home',
  account: 'alice',
  store: 'maildir:/home/alice/Maildir',
};

export function pairedHostOf(hostId: string, name: string): PairedHost {
  return {
    hostId,
    name,
    signingKey: hostId.repeat(2),
    ageRecipient: `age1${'q'.repeat(58)}`,
    right: 'full',
    isRevoked: false,
    isRetired: false,
    pairedAtS: 1_700_000_000,
  };
}

export function trashedOf(birth: string, changes: Partial<Trashed> = {}): Trashed {
  return {
    mailbox: 'INBOX',
    birth,
    guid: guidOf(4),
    sizeBytes: 44,
    uidValidity: 1_600_000_000,
    uid: 4,
    flags: new Set(['\\Seen']),
    receivedS: 1_500_000_000,
    hint: '1700004.M4P12.home',
    atS: 1_700_000_004,
    seenS: 4,
    by: cabin,
    bundle: { fileName: 'cabin-000009.tar.zst', number: 9 },
    ...changes,
  };
}

/** A guid that is told apart by `n`. */
export function guidOf(n: number): string {
  return n.toString(16).padStart(64, '0');
}

export function instanceOf(serial: number, changes: Partial<Instance> = {}): Instance {
  return {
    birth: { host: home, serial },
    modseq: 5,
    guid: guidOf(serial),
    sizeBytes: 1000 + serial,
    receivedS: 1_700_000_000 + serial,
    hint: `17000${serial}.M${serial}P12.home`,
    uid: { uidValidity: 1_600_000_000, uid: serial, round: 0, modseq: 5, host: home },
    flags: new Map([['\\Seen', { on: serial % 2 === 0, modseq: 5, host: home }]]),
    ...changes,
  };
}

export function holdingOf(instance: Instance, changes: Partial<Holding> = {}): Holding {
  return {
    ref: instance.hint || `nameless-${instance.birth.serial}`,
    birth: birthKey(instance.birth),
    uid: instance.uid.uid,
    flags: new Set<Flag>(['\\Seen']),
    guid: instance.guid,
    ...changes,
  };
}

/** A mailbox with these instances, all of them in the store unless `holdings` says otherwise. */
export function mailboxOf(
  name: string,
  instances: readonly Instance[],
  holdings: readonly Holding[] = instances.map((instance) => holdingOf(instance)),
): KnownMailbox {
  const blank = unknownMailbox(name);
  return {
    ...blank,
    stored: true,
    storeUids: { uidValidity: 1_600_000_000, uidNext: instances.length + 1 },
    fingerprint: '1-2-3',
    state: {
      ...blank.state,
      clock: new Map([[home, { serial: instances.length, modseq: 5 }]]),
      highestModseq: 5,
      validity: { resets: 0, uidValidity: 1_600_000_000 },
      uidNext: instances.length + 1,
      exists: { on: true, modseq: 1, host: home },
      instances: new Map(instances.map((instance) => [birthKey(instance.birth), instance])),
      ledger: {
        claims: [{ uidValidity: 1_600_000_000, label: home, lo: 1, hi: instances.length }],
        agreements: [],
      },
    },
    holdings: new Map(holdings.map((holding) => [holding.ref, holding])),
  };
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** With all of its messages and files in memory, to be compared. */
export function inFull(known: KnownMailbox | null): KnownMailbox | null {
  if (known === null) return null;
  const { state, holdings } = known;
  return { ...known, state: { ...state, instances: new Map(state.instances) }, holdings: new Map(holdings) };
}

/** What `load` gives, which must be there. */
export function loaded(catalog: Catalog, name: string): KnownMailbox {
  const known = catalog.load(name);
  if (known === null) throw new Error(`the catalog has no ${name}`);
  return known;
}
