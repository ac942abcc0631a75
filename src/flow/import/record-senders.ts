import type { Said } from '../../bundle/format/bundle-contents.js';
import { rememberDamaged } from '../../catalog/facts/bundles/damaged-bundles-to-report.js';
import { boundBundles, rememberBundle } from '../../catalog/facts/bundles/manifests-by-bundle-number.js';
import { boundRefusals, rememberLimited, rememberRefusal } from '../../catalog/facts/bundles/refused-bundles.js';
import { rememberDisownedBy } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { clockOf } from '../../merge/permission/news-without-unknown-hosts.js';
import type { HostId } from '../../replica/host-id.js';
import { normaliseRanges, type Ranges } from '../../replica/number-ranges.js';
import { heardOfUs } from '../peers/acknowledge-limited-peers.js';
import { withinDemands } from '../peers/bound-demands-of-peers-that-read.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { Heard } from '../peers/signed-statements/keep-signed-statements.js';

export type Circumstances = {
  readonly nowS: number;
  /** Were all mailboxes taken? */
  readonly complete: boolean;
  /** By what the medium is known again; null for files and pipes. */
  readonly medium: string | null;
  /** What the bundles passed on of other hosts. */
  readonly heard: readonly Heard[];
  /** Of other hosts nothing is kept: anybody could make them up. */
  readonly isKnown: (host: HostId) => boolean;
};

/** Texts that a host asks for and of which nothing is known here are remembered up to so many. Inclusive. */
const strangeWantedMax = 10_000;

/**
 * Remembers what the bundles said of their senders, whatever their rights; and what they passed on of other hosts,
 * where those have signed it or the senders have every right: who believes that a host has everything tells it nothing
 * more. A bundle that was used only for some mailboxes is not marked as taken: what was left of it may be wanted later,
 * and others may build upon it. One that was used as far as its sender's right goes is acknowledged like any other, and
 * read again only under another right.
 */
export function rememberSenders(
  catalog: Catalog,
  arrivals: readonly Arrival[],
  { nowS, complete, medium, heard: passedOn, isKnown }: Circumstances,
): void {
  boundRefusals(catalog);
  boundBundles(catalog);
  const self = catalog.identity.hostId;
  const rightOf = rightsIn(catalog);
  const exports = catalog.exports(); // nothing in here changes them
  const peers = new Map(catalog.peers().map((peer) => [peer.hostId, peer]));
  const mailboxes = new Set(catalog.summaries().map(({ state }) => state.name));
  const isMailbox = (mailbox: MailboxName): boolean => mailboxes.has(mailbox);
  const put = (peer: Peer): void => {
    const kept = keptOf(catalog, peer, { isKnown, isMailbox });
    peers.set(peer.hostId, kept);
    catalog.putPeer(kept);
  };
  const found = arrivals.filter(isDamaged).flatMap(({ imprint }) => imprint ?? []);
  const isAll = medium !== null && arrivals.every(({ imprint }) => imprint !== null);
  rememberDamaged(catalog, medium ?? '', { found, isAll });
  for (const arrival of arrivals) {
    if (arrival.preamble === null) {
      const { failure } = arrival.imported();
      if (failure !== null && arrival.imprint !== null) rememberRefusal(catalog, arrival.imprint, failure.code);
      continue;
    }
    const { from, number, heard, statements, disowned } = arrival.preamble;
    const before = peers.get(from.hostId);
    const whole = complete && !arrival.isMissed();
    const isHeard = whole && !arrival.isDoubted();
    const taken = bounded([...(before?.taken ?? []), ...(isHeard ? [[number, number] as const] : [])]);
    if (whole && arrival.imprint !== null) {
      if (arrival.isWithheld()) rememberLimited(catalog, arrival.imprint);
      else catalog.markTaken(arrival.imprint, nowS, from.hostId);
    }
    rememberBundle(catalog, from.hostId, { number, manifestSha256: arrival.manifestSha256 });
    if (number >= (before?.lastNumber ?? 0)) rememberDisownedBy(catalog, from.hostId, disowned);
    const isNews = before === undefined || !before.isDirect || number > before.lastNumber;
    const said = { lastHeardS: nowS, ...statementIn(arrival.preamble) };
    const reading = { ...said, heard: upTo(heard.get(self) ?? [], catalog.lastNumber()) };
    const isBounded = isNews && before?.isDirect === true && rightOf(from.hostId) === 'read';
    const { heard: ours, ...within } = isBounded ? withinDemands(catalog, { before, said: reading, nowS }) : reading;
    const own = { hostId: from.hostId, hostName: from.name, lastNumber: number, heard: ours, statements };
    const heardMore = heardOfUs(before, { heard: ours, clocks: within.clocks }, exports);
    const told = before?.told ?? new Map();
    put({ ...(isNews ? { ...own, ...said, ...within, heardOfUs: heardMore } : before), taken, told, isDirect: true });
  }
  for (const { statement, isVerified, saidBy } of passedOn) {
    if (!isVerified && rightOf(saidBy) !== 'full') continue;
    const { from, number } = statement;
    if (!isKnown(from.hostId)) continue;
    const known = peers.get(from.hostId) ?? { ...nothingHeard, isDirect: false, lastNumber: 0 };
    // What came from a host itself says more than this: which bundles it has heard.
    if (known.isDirect || number <= known.lastNumber) continue;
    put({
      ...known,
      hostId: from.hostId,
      hostName: from.name,
      lastNumber: number,
      lastHeardS: nowS,
      ...statementIn(statement),
    });
  }
}

/**
 * What a peer said, without hosts and mailboxes of which nothing is known here: it says nothing that could be built
 * upon.
 */
function keptOf(
  catalog: TextCatalog,
  peer: Peer,
  {
    isKnown,
    isMailbox,
  }: { readonly isKnown: (host: HostId) => boolean; readonly isMailbox: (mailbox: MailboxName) => boolean },
): Peer {
  const clocksOf = (clocks: Peer['clocks']): Peer['clocks'] =>
    new Map(
      [...clocks].flatMap(([name, clock]) => (isMailbox(name) ? [[name, clockOf(clock, isKnown)] as const] : [])),
    );
  let strange = 0;
  const wanted = [...peer.wanted].filter((guid) => catalog.sizeOf(guid) !== null || ++strange <= strangeWantedMax);
  return {
    ...peer,
    clocks: clocksOf(peer.clocks),
    heardOfUs: clocksOf(peer.heardOfUs),
    wanted: wanted.length === peer.wanted.size ? peer.wanted : new Set(wanted),
    unheard: new Set([...peer.unheard].filter(isKnown)),
    statements: new Map([...peer.statements].filter(([host]) => isKnown(host))),
  };
}

/**
 * Is it not used because it is damaged, or has a mailbox whose records are? That leaves nothing here that could be
 * asked for.
 */
function isDamaged({ preamble, troubles, imported }: Arrival): boolean {
  const failures = preamble === null ? [imported().failure] : troubles.map(({ failure }) => failure);
  return failures.some((failure) => failure?.code === 'bundle-damaged');
}

const nothingHeard = { taken: [], heard: [], told: new Map(), heardOfUs: new Map(), statements: new Map() } as const;

/**
 * So many ranges of a peer's bundles are remembered as taken in, inclusive: a peer that leaves out every second number
 * could make the list of them, which goes into each bundle, as long as it likes. Beyond, the older half is forgotten:
 * what that said is in this host's own clocks.
 */
const takenRangesMax = 1024;

function bounded(ranges: Ranges): Ranges {
  const taken = normaliseRanges(ranges);
  return taken.length <= takenRangesMax ? taken : taken.slice(-takenRangesMax / 2);
}

/** What this host never wrote nobody can have heard. */
function upTo(ranges: Ranges, last: number): Ranges {
  return ranges.flatMap(([lo, hi]) => (lo > last ? [] : [[lo, Math.min(hi, last)] as const]));
}

function statementIn({
  clocks,
  wanted,
  unheard,
}: Pick<Said, 'clocks' | 'wanted' | 'unheard'>): Pick<Peer, 'clocks' | 'wanted' | 'unheard'> {
  return { clocks, wanted: new Set(wanted), unheard: new Set(unheard) };
}
