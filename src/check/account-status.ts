import { textsToSendLater } from '../catalog/facts/bundles/texts-to-send-later.js';
import { peersInStepSince } from '../catalog/facts/runs/peers-in-step-since.js';
import { placesOfBundles } from '../catalog/facts/runs/where-bundles-were-written.js';
import type { Catalog } from '../catalog/interface/catalog.js';
import type { Exported } from '../catalog/interface/export-catalog.js';
import type { MailboxSummary } from '../catalog/interface/mailbox-catalog.js';
import type { Peer } from '../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../catalog/interface/recipients-and-permissions.js';
import type { TextCatalog } from '../catalog/interface/text-catalog.js';
import type { Guid } from '../mail/text/text-guid.js';
import type { HostId } from '../replica/host-id.js';
import { inRanges } from '../replica/number-ranges.js';
import { type Clock, covers, emptyClock, joinClocks } from '../replica/version-vector.js';
import { serverAccountOf, shownStore } from '../store/paths-and-settings-of-store.js';
import { nextSteps } from './next-steps.js';
import type { Lack, MailboxStatus, PeerStatus, StatusReport, UnconfirmedBundle } from './reports/check-report-types.js';

/**
 * What this host knows, and what each peer is known to have of it: only what the peer itself has said in a bundle that
 * was taken in here counts, so a peer may have more. Reads summaries, changes nothing. Mailboxes and peers are ordered
 * by name.
 */
export function statusOf(catalog: Catalog): StatusReport {
  const { hostId, hostName, account, store } = catalog.identity;
  const peers = recipientsOf(catalog);
  const flawed = catalog.flawedTexts();
  const damagedIn = (mailbox: string): number =>
    flawed.filter((flaw) => flaw.mailbox === mailbox && flaw.kind === 'damaged').length;
  const summaries = [...catalog.summaries()].sort((a, b) => compareTexts(a.state.name, b.state.name));
  const hasAll = knowledgeIn(catalog, peers);
  const exports = catalog.exports();
  const mailboxes = summaries.map((summary) => {
    const names = (wanted: boolean): string[] =>
      peers.filter((peer) => hasAll(peer, summary) === wanted).map((peer) => peer.hostName);
    const damaged = damagedIn(summary.state.name);
    return { ...mailboxStatus(summary, damaged), upToDate: names(true), behind: names(false) };
  });
  const since = peersInStepSince(catalog);
  // Whoever knows everything needs none of what was written, whether it came or not.
  const behind = peers.filter((peer) => !isInStep(peer) || !summaries.every((summary) => hasAll(peer, summary)));
  const status = {
    account,
    host: { hostId, name: hostName },
    store: shownStore(store),
    serverUids: serverAccountOf(store) !== null,
    mailboxes,
    peers: peers.map((peer) => peerStatus(catalog, peer, { summaries, exports, hasAll, since })),
    unconfirmed: unconfirmedBundles(catalog, behind, exports),
    textsLeft: textsToSendLater(catalog).noRoom.length,
    lastExport: catalog.lastExport(),
  };
  return { kind: 'status', ...status, next: nextSteps(status) };
}

/** The peers that are known to have everything. */
export function peersInStep(catalog: Catalog): ReadonlySet<HostId> {
  const peers = recipientsOf(catalog);
  const hasAll = knowledgeIn(catalog, peers);
  const summaries = catalog.summaries();
  const inStep = peers.filter((peer) => isInStep(peer) && summaries.every((summary) => hasAll(peer, summary)));
  return new Set(inStep.map((peer) => peer.hostId));
}

/** Has it said anything, and does it ask for nothing? */
function isInStep({ lastHeardS, wanted }: Peer): boolean {
  return lastHeardS !== null && wanted.size === 0;
}

type Knowledge = (peer: Peer, summary: MailboxSummary) => boolean;

/** Who has all of a mailbox. One that nobody ever did anything to (an empty clock) is no news to anybody. */
function knowledgeIn(catalog: TextCatalog, peers: readonly Peer[]): Knowledge {
  const askedFor = new Map(peers.map((peer) => [peer.hostId, mailboxesOf(catalog, peer.wanted)]));
  return (peer, { state }) =>
    covers(peer.clocks.get(state.name) ?? emptyClock, state.clock) &&
    askedFor.get(peer.hostId)?.has(state.name) !== true;
}

/** Those with a message whose text is among these. */
function mailboxesOf(catalog: TextCatalog, guids: ReadonlySet<Guid>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const guid of guids) for (const { mailbox } of catalog.birthsOf({ guid })) found.add(mailbox);
  return found;
}

type PeerFacts = {
  readonly summaries: readonly MailboxSummary[];
  readonly exports: readonly Exported[];
  readonly hasAll: Knowledge;
  readonly since: ReadonlyMap<HostId, number>;
};

function peerStatus(catalog: Catalog, peer: Peer, { summaries, exports, hasAll, since }: PeerFacts): PeerStatus {
  const behind = summaries.filter((summary) => !hasAll(peer, summary));
  const onTheWay = exports.filter((exported) => isUnconfirmed(exported, peer));
  const inStep = behind.length === 0 && isInStep(peer);
  return {
    hostId: peer.hostId,
    name: peer.hostName,
    lastHeardS: peer.lastHeardS,
    lastNumber: peer.lastNumber,
    mailboxesBehind: behind.length,
    wantedTexts: peer.wanted.size,
    inStep,
    inStepSinceS: inStep ? (since.get(peer.hostId) ?? peer.lastHeardS) : null,
    lacks: lackOf(catalog, behind, (name) => peer.clocks.get(name) ?? emptyClock),
    unwritten: lackOf(catalog, behind, (name) => clockAfter(peer, name, onTheWay)),
  };
}

/** What of these mailboxes goes beyond the clocks that somebody has of them. */
function lackOf(catalog: Catalog, summaries: readonly MailboxSummary[], clockOf: (mailbox: string) => Clock): Lack {
  const lacking = summaries.filter(({ state }) => !covers(clockOf(state.name), state.clock));
  const messages = lacking.reduce((sum, { state }) => sum + catalog.countBeyond(state.name, clockOf(state.name)), 0);
  return { messages, mailboxes: lacking.length };
}

/** What a peer will know of a mailbox when it has taken in these bundles, in their order. */
function clockAfter(peer: Peer, mailbox: string, bundles: readonly Exported[]): Clock {
  return bundles.reduce((clock, { base, carried }) => {
    const told = carried.get(mailbox);
    return told !== undefined && covers(clock, base.get(mailbox) ?? emptyClock) ? joinClocks(clock, told) : clock;
  }, peer.clocks.get(mailbox) ?? emptyClock);
}

/** Is the bundle for this peer, and not known to have got there? */
function isUnconfirmed({ number, recipients }: Exported, { hostId, heard }: Peer): boolean {
  return (recipients.size === 0 || recipients.has(hostId)) && !inRanges(heard, number);
}

/** Does it say more than what was received? A receipt is confirmed only by the next news, and waits for nothing. */
function isNews({ carried, answered, wanted }: Exported): boolean {
  return carried.size + answered.size + wanted.size > 0;
}

function unconfirmedBundles(
  catalog: Catalog,
  peers: readonly Peer[],
  exports: readonly Exported[],
): UnconfirmedBundle[] {
  const places = placesOfBundles(catalog);
  return exports.filter(isNews).flatMap((exported) => {
    const { number, fileName, sizeBytes, madeAtS } = exported;
    const by = peers.filter((peer) => isUnconfirmed(exported, peer)).map(({ hostName }) => hostName);
    if (by.length === 0) return [];
    const { directory = null, medium = null } = places.get(number) ?? {};
    return [{ number, fileName, sizeBytes, madeAtS, directory, medium, by }];
  });
}

function mailboxStatus(
  { state, stored, messages, waiting }: MailboxSummary,
  damaged: number,
): Omit<MailboxStatus, 'upToDate' | 'behind'> {
  return {
    mailbox: state.name,
    // As `isPresent` has it: a mailbox is there while a living message is in it.
    present: state.exists.on || messages > 0,
    stored,
    messages,
    waiting,
    damaged,
    uidValidity: state.validity?.uidValidity ?? null,
    uidNext: state.uidNext,
    highestModseq: state.highestModseq,
  };
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
