import type { Bench } from '../../apply/context/run-context.js';
import { settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { forgetBundles } from '../../catalog/facts/bundles/manifests-by-bundle-number.js';
import { forgetRefusals } from '../../catalog/facts/bundles/refused-bundles.js';
import { writeUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { rememberFormerSelf, rememberOriginal } from '../../catalog/facts/own-host/previous-identity.js';
import { rememberEra } from '../../catalog/facts/own-host/uidvalidity-chosen-at-rejoin.js';
import { forgetStrangers } from '../../catalog/facts/peers/hosts-vouched-for-by-peers.js';
import type { ExportCatalog } from '../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { Identity, IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHost, PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { readersIn } from '../../catalog/interface/recipients-and-permissions.js';
import type { TakenBundleCatalog } from '../../catalog/interface/taken-bundle-catalog.js';
import { Failure, isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Scan } from '../../mail/mailbox-scan.js';
import { indexTexts, sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import { beginAgain, eraAfter, withKeptUids, yielding } from '../../merge/change/start-empty-as-new-host.js';
import type { HostId } from '../../replica/host-id.js';
import { type KnownMailbox, unknownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { adoptHostKeys, type HostKeys, prepareHostKeys } from '../../trust/identity/host-key-file.js';
import { signSuccession } from '../../trust/identity/sign-succession.js';
import { rememberStated } from '../peers/equivocation/hosts-that-told-two-stories.js';
import { departuresBetween } from '../run/gone-here-still-at-peers.js';
import { survey } from '../run/survey-store.js';
import { benchFor, type Session } from '../session/account-session.js';

export type RejoinOptions = {
  readonly dryRun: boolean;
  /** What this host, being a copy, is called from now on; null where it is the only one of its name. */
  readonly newName: string | null;
  /** UIDs go on to hold: nothing that a mail client has seen of this host is missing in its store. */
  readonly keepUids: boolean;
  /** No message need be in the store: all come from the others. */
  readonly allowEmpty: boolean;
  readonly randomHostId: () => HostId;
  /** Asked before anything is changed; not in a dry run. */
  readonly accept: (report: RejoinReport) => Promise<boolean>;
};

export type RejoinReport = {
  readonly kind: 'rejoin';
  readonly dryRun: boolean;
  /** False where the answer was no. In a dry run true: it would be. */
  readonly done: boolean;
  readonly account: string;
  readonly before: { readonly hostId: HostId; readonly name: string };
  readonly host: { readonly hostId: HostId; readonly name: string };
  readonly mailboxes: number;
  readonly messages: number;
  /** Messages that the catalog knows and the store does not have: they come back from the others. */
  readonly missing: number;
  /** Mailboxes whose UIDVALIDITY was raised. */
  readonly renumbered: number;
  /** Names of the hosts that have to pair with this one anew. */
  readonly peers: readonly string[];
  readonly troubles: readonly Trouble[];
};

/**
 * Begins again as another host with the mail that is in the store, for a host whose catalog or store come from a
 * backup, or are those of another one. What the others know of it under its old id, it did not do; by merge rule 4 its
 * messages become one with what they have. The one instant at which it is the new host is the catalog's commit: a run
 * that dies before it has changed nothing, one that dies after it is finished by the next.
 */
export async function rejoin(session: Session, options: RejoinOptions): Promise<RejoinReport> {
  const { catalog, store } = session;
  refuseTakenName(catalog, options.newName);
  const formerKeys = keysIfAny(session);
  session.listener({ kind: 'stage', stage: 'scan', subject: store.description });
  const bench = benchFor(session);
  const report = await catalog.transaction(() => become(session, bench, { options, formerKeys }), {
    keep: ({ dryRun, done }) => done && !dryRun,
  });
  if (options.dryRun || !report.done) return report;
  adoptHostKeys(session.keysPath, catalog.identity);
  session.listener({ kind: 'stage', stage: 'apply', subject: store.description });
  await session.spool.drop(new Set());
  const settled = await settle(
    bench,
    catalog.summaries().map(({ state }) => state.name),
    indexTexts([]),
  );
  const troubles = [...settled.values()].flatMap((each) => each.troubles);
  return { ...report, troubles: [...report.troubles, ...troubles] };
}

/**
 * Makes this host another one in the catalog, in a transaction which is kept only if the report says that it is to be
 * done.
 */
async function become(
  session: Session,
  bench: Bench,
  { options, formerKeys }: { readonly options: RejoinOptions; readonly formerKeys: HostKeys | null },
): Promise<RejoinReport> {
  const { catalog } = session;
  const before = catalog.identity;
  const remembered = catalog.summaries().map(({ state }) => bench.copy.get(state.name));
  const identity = { ...before, hostId: options.randomHostId(), hostName: options.newName ?? before.hostName };
  catalog.putIdentity(identity);
  const found = await lookAnew(bench, remembered, options);
  // Who has met nobody yet may be no copy, but a host that was set up under the name of another one.
  const isKnownToNobody = catalog.lastNumber() === 0 && catalog.pairedHosts().length === 0;
  forgetExchanges(catalog);
  if (options.newName !== null && formerKeys !== null && !isKnownToNobody)
    pairWithOriginal(session, before, formerKeys);
  const report = reportOf(session, { before, remembered, found, options });
  if (options.dryRun) return report;
  if (!(await options.accept(report))) return { ...report, done: false };
  writeUnsettled(
    catalog,
    catalog.summaries().map(({ state }) => state.name),
  );
  const atS = bench.nowS();
  catalog.log({
    atS,
    what: 'rejoin',
    details: { from: before.hostId, to: identity.hostId, name: identity.hostName },
  });
  const { signingKey, ageIdentity } = prepareHostKeys(session.keysPath, identity);
  const succession =
    formerKeys &&
    signSuccession({ ...identity, signingKey: signingKey.publicKey, ageRecipient: ageIdentity.recipient }, formerKeys);
  rememberOriginal(catalog, options.newName === null ? null : { hostId: before.hostId, isCardOurs: isKnownToNobody });
  rememberFormerSelf(catalog, options.newName !== null ? null : { hostId: before.hostId, succession });
  return report;
}

type Found = {
  readonly messages: number;
  readonly mailboxes: number;
  readonly renumbered: number;
  readonly troubles: readonly Trouble[];
};

/** Puts into the catalog what is in the store, and nothing else. */
async function lookAnew(bench: Bench, remembered: readonly KnownMailbox[], options: RejoinOptions): Promise<Found> {
  const { catalog, copy } = bench;
  const self = catalog.identity.hostId;
  const stores = await uidsInStore(bench);
  const all = new Map(remembered.map((known) => [known.state.name, known]));
  for (const name of stores.keys()) if (!all.has(name)) all.set(name, unknownMailbox(name));
  if (options.keepUids) for (const known of remembered) refuseFallen(known, stores.get(known.state.name));
  const era = eraAfter(all.values(), [...stores.values()], { nowS: bench.nowS(), self });
  rememberEra(catalog, era);
  for (const [name, known] of all) {
    const store = stores.has(name) ? (stores.get(name) ?? null) : 'absent';
    copy.put(beginAgain(known, { self, era, store, keepUids: options.keepUids }));
  }
  const adjust = (name: MailboxName, scan: Scan): Scan => {
    const known = all.get(name);
    return options.keepUids && known !== undefined ? withKeptUids(scan, known) : scan;
  };
  const { messages, mailboxes, troubles } = await survey(bench, {
    // A list that comes from a backup would give out UIDs for the second time: what has none yet gets one under the new
    // UIDVALIDITY.
    unnumbered: !options.keepUids ? 'leave' : options.dryRun ? 'foresee' : 'assign',
    allowExpunge: true, // nothing is known, so nothing is missed
    adjust,
  });
  let renumbered = 0;
  for (const [name, known] of all) {
    const seen = yielding(copy.get(name), self);
    const store = stores.get(name) ?? null;
    copy.put(store === null ? { ...seen, storeUids: null } : seen);
    if (known.state.instances.size > 0) catalog.addDeparted(departuresBetween(known.state, seen.state, self));
    if (known.state.validity !== null && known.state.validity.uidValidity !== seen.state.validity?.uidValidity)
      renumbered += 1;
  }
  const held = remembered.reduce((sum, { holdings }) => sum + holdings.size, 0);
  if (messages === 0 && held > 0 && !options.allowEmpty) throw emptyStore(bench.store.description, held);
  return { messages, mailboxes, renumbered, troubles };
}

/** What every mailbox in the store has of UIDs now; null where the store has none. */
async function uidsInStore({ store }: Pick<Bench, 'store'>): Promise<Map<MailboxName, Scan['uids']>> {
  const { mailboxes } = await store.list();
  const found = new Map<MailboxName, Scan['uids']>();
  for (const { name } of mailboxes) {
    const scan = await store.scan(name, { known: null, assignUids: false });
    if (scan !== null && scan !== 'unchanged') found.set(name, scan.uids);
  }
  return found;
}

/**
 * None of our bundles counts as written or heard any more, and those of the others are wanted again. What they said
 * they have, they have.
 */
function forgetExchanges(catalog: PeerCatalog & ExportCatalog & TakenBundleCatalog & FactCatalog): void {
  for (const number of catalog.exportNumbers()) catalog.dropExport(number);
  const forgotten = {
    heard: [],
    taken: [],
    told: new Map(),
    heardOfUs: new Map(),
    unheard: new Set<HostId>(),
  } as const;
  for (const peer of catalog.peers()) catalog.putPeer({ ...peer, ...forgotten });
  catalog.forgetTaken();
  forgetRefusals(catalog);
  forgetBundles(catalog);
  forgetStrangers(catalog);
  rememberStated(catalog, null);
}

/** A copy goes on beside the host that it was copied from, and exchanges with it as with any other. */
function pairWithOriginal(
  { catalog, nowMs }: Pick<Session, 'catalog' | 'nowMs'>,
  before: Identity,
  { signingKey, ageIdentity }: HostKeys,
): void {
  const original: PairedHost = {
    hostId: before.hostId,
    name: before.hostName,
    signingKey: signingKey.publicKey,
    ageRecipient: ageIdentity.recipient,
    right: 'full',
    isRevoked: false,
    isRetired: false,
    pairedAtS: Math.floor(nowMs() / 1000),
  };
  catalog.putPairedHost(original);
}

/** The keys may be of another time than the catalog, or not have been in the backup: they are replaced in any case. */
function keysIfAny(session: Session): HostKeys | null {
  try {
    return session.keys();
  } catch (cause) {
    if (isOfOneThing(cause, 'config')) return null;
    throw cause;
  }
}

function reportOf(
  { catalog }: Pick<Session, 'catalog'>,
  {
    before,
    remembered,
    found: { messages, mailboxes, renumbered, troubles },
    options,
  }: {
    readonly before: Identity;
    readonly remembered: readonly KnownMailbox[];
    readonly found: Found;
    readonly options: RejoinOptions;
  },
): RejoinReport {
  const { account, hostId, hostName } = catalog.identity;
  return {
    kind: 'rejoin',
    dryRun: options.dryRun,
    done: true,
    account,
    before: { hostId: before.hostId, name: before.hostName },
    host: { hostId, name: hostName },
    mailboxes,
    messages,
    missing: remembered.reduce((sum, known) => sum + missingFrom(known, catalog.load(known.state.name)), 0),
    renumbered,
    peers: readersIn(catalog).map(({ name }) => name),
    troubles,
  };
}

/** How many of the messages known before are not among those found. */
function missingFrom({ state }: KnownMailbox, found: KnownMailbox | null): number {
  const counts = new Map<string, number>();
  for (const instance of found?.state.instances.values() ?? []) {
    counts.set(sameOf(instance), (counts.get(sameOf(instance)) ?? 0) + 1);
  }
  let missing = 0;
  for (const instance of state.instances.values()) {
    const left = counts.get(sameOf(instance)) ?? 0;
    if (left === 0) missing += 1;
    else counts.set(sameOf(instance), left - 1);
  }
  return missing;
}

function refuseTakenName(catalog: IdentityCatalog & PairedHostCatalog, newName: string | null): void {
  if (newName === null) return;
  const isOwn = newName === catalog.identity.hostName;
  if (!isOwn && !catalog.pairedHosts().some(({ name }) => name === newName)) return;
  const whose = isOwn ? 'the name that this host has, and its original goes on under' : 'the name of a peer';
  throw new Failure('usage', `rejoining as ${newName}: that is ${whose}; nothing was changed`, {
    hint: 'Choose a name that no host of the account has.',
  });
}

/** UIDNEXT only ever rises. Where it fell, the store is older than what mail clients have seen of it. */
function refuseFallen({ state, storeUids }: KnownMailbox, uids: Scan['uids'] | undefined): void {
  if (storeUids !== null && uids === null) {
    throw new Failure(
      'usage',
      `rejoining with --keep-uids: the UID list of ${state.name} is gone or not understood; nothing was changed`,
      { hint: 'Nobody can tell which UIDs its messages had: leave --keep-uids out.' },
    );
  }
  const isFallen =
    storeUids !== null && uids?.uidValidity === storeUids.uidValidity && uids.uidNext < storeUids.uidNext;
  if (!isFallen) return;
  throw new Failure(
    'usage',
    `rejoining with --keep-uids: UIDNEXT of ${state.name} was ${storeUids.uidNext} at the last run and is ${uids.uidNext} now; nothing was changed`,
    { hint: 'The mail comes from a backup, so its UIDs may be given out twice: leave --keep-uids out.' },
  );
}

function emptyStore(store: string, held: number): Failure {
  return new Failure(
    'guard',
    `rejoining with ${store}: no message is there, but ${held} ${held === 1 ? 'was' : 'were'} at the last run; nothing was changed`,
    {
      hint: 'Is the disk mounted, and is this the right directory? If all of the mail is to come from the other hosts, add --allow-empty.',
    },
  );
}
