import type { Catalog } from '../catalog/interface/catalog.js';
import type { MailboxSummary } from '../catalog/interface/mailbox-catalog.js';
import type { Peer } from '../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../catalog/interface/recipients-and-permissions.js';
import type { TextCatalog } from '../catalog/interface/text-catalog.js';
import type { Guid } from '../mail/text/text-guid.js';
import { covers, emptyClock } from '../replica/version-vector.js';
import type { MailboxStatus, StatusReport } from './reports/check-report-types.js';

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
  const askedFor = new Map(peers.map((peer) => [peer.hostId, mailboxesOf(catalog, peer.wanted)]));
  // A mailbox that nobody ever did anything to (an empty clock) is no news to anybody.
  const hasAll = (peer: Peer, { state }: MailboxSummary): boolean =>
    covers(peer.clocks.get(state.name) ?? emptyClock, state.clock) &&
    askedFor.get(peer.hostId)?.has(state.name) !== true;
  const summaries = [...catalog.summaries()].sort((a, b) => compareTexts(a.state.name, b.state.name));
  return {
    kind: 'status',
    account,
    host: { hostId, name: hostName },
    store,
    mailboxes: summaries.map((summary) => {
      const names = (wanted: boolean): string[] =>
        peers.filter((peer) => hasAll(peer, summary) === wanted).map((peer) => peer.hostName);
      const damaged = damagedIn(summary.state.name);
      return { ...mailboxStatus(summary, damaged), upToDate: names(true), behind: names(false) };
    }),
    peers: peers.map((peer) => ({
      hostId: peer.hostId,
      name: peer.hostName,
      lastHeardS: peer.lastHeardS,
      lastNumber: peer.lastNumber,
      mailboxesBehind: summaries.filter((summary) => !hasAll(peer, summary)).length,
      wantedTexts: peer.wanted.size,
    })),
    lastExport: catalog.lastExport(),
  };
}

/** Those with a message whose text is among these. */
function mailboxesOf(catalog: TextCatalog, guids: ReadonlySet<Guid>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const guid of guids) for (const { mailbox } of catalog.birthsOf({ guid })) found.add(mailbox);
  return found;
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
