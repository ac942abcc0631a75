import { isProvisionalRef } from '../../mail/delivery-ref-until-store-names-it.js';
import type { Digest, Scan, ScannedMessage } from '../../mail/mailbox-scan.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { Holding, KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Rules } from '../rules-tests-can-switch-off.js';

/** A file of a message known before. */
export type FamiliarFile = {
  readonly message: ScannedMessage;
  /** With the ref that it had then. */
  readonly holding: Holding;
  /** Where the file was read just now, what it holds. */
  readonly digest?: Digest;
};

/** The files of a scan, sorted by what is known of them. */
export type MatchedFiles = {
  readonly familiar: readonly FamiliarFile[];
  /** In the order in which they get serials and, where the store gives out none, UIDs. */
  readonly born: readonly { readonly message: ScannedMessage; readonly digest: Digest }[];
  /** Holdings without a file. */
  readonly gone: readonly Holding[];
  /** New files that could not be read, and are left alone until they can. */
  readonly unread: number;
};

/** Has the text to be read before it is known what this file is? */
export function isToBeRead({ holdings }: KnownMailbox, ref: string): boolean {
  return (holdings.get(ref)?.uid ?? null) === null;
}

/**
 * Matches files by ref, and what is left by guid: a file that vanished while another one with the same text appeared
 * was renamed (mail programs do that, and rebuilt UID lists). Last by the mail that it is: a program may have fetched
 * it anew, and stamped another line into it. A delivery that was only announced is recognised by both: under the name
 * chosen for it somebody else may have put other mail meanwhile; in a store that gives refs itself by its text alone,
 * the n-th of one text as the n-th that was to be delivered. A ref the scan had trouble with counts as neither there
 * nor gone; in a partial scan nothing is gone.
 */
export function matchFiles(
  known: KnownMailbox,
  scan: Scan,
  { digests, rules }: { readonly digests: ReadonlyMap<string, Digest>; readonly rules: Pick<Rules, 'followStamped'> },
): MatchedFiles {
  const familiar: FamiliarFile[] = [];
  const strangers: Stranger[] = [];
  const seen = new Set<string>();
  let unread = 0;
  for (const message of scan.messages) {
    const holding = known.holdings.get(message.ref);
    const digest = digests.get(message.ref);
    if (holding !== undefined && (holding.uid !== null || holding.guid === digest?.guid)) {
      seen.add(message.ref);
      familiar.push(digest === undefined ? { message, holding } : { message, holding, digest });
      continue;
    }
    if (digest === undefined) unread += 1;
    else strangers.push({ message, digest });
  }
  const isComplete = scan.sinceSeen === undefined && seen.size === known.holdings.size;
  if (isComplete) return { familiar, born: strangers.sort(byArrival), gone: [], unread };

  const troubled = new Set(scan.troubles.map(({ subject }) => subject));
  const isMissing = ({ ref }: Holding): boolean => !seen.has(ref) && !troubled.has(ref);
  const missing = unmatchedHoldings(known, scan).filter(isMissing);
  const renamable =
    strangers.length === 0 ? [] : missing.filter(({ uid, birth }) => uid !== null && known.state.instances.has(birth));
  const isAnnounced = ({ ref, guid, uid, birth }: Holding): boolean =>
    uid === null && isProvisionalRef(ref, guid) && known.state.instances.has(birth);
  const announced = strangers.length === 0 ? [] : missing.filter(isAnnounced).sort(byDelivery(known));
  const renamed = new Set<Holding>();
  const unmatched = (
    files: readonly Stranger[],
    candidates: readonly Holding[],
    keyOf: (text: TextId) => Guid,
  ): Stranger[] => {
    const left = groupBy(
      candidates.filter((holding) => !renamed.has(holding)),
      keyOf,
    );
    // The first is taken from the end: of one text there may be very many.
    for (const list of left.values()) list.reverse();
    return files.filter(({ message, digest }) => {
      const holding = left.get(keyOf(digest))?.pop();
      if (holding === undefined) return true;
      renamed.add(holding);
      familiar.push({ message, holding, digest });
      return false;
    });
  };
  const others = unmatched(strangers.sort(byArrival), renamable, ({ guid }) => guid);
  const undelivered = unmatched(others, announced, ({ guid }) => guid);
  const born = rules.followStamped ? unmatched(undelivered, renamable, sameOf) : undelivered;
  const gone = scan.isPartial === true ? [] : missing.filter((holding) => !renamed.has(holding));
  return { familiar, born, gone, unread };
}

/** The holdings that may have no file; of those that a scan found as they were it is known that they have. */
function unmatchedHoldings(known: KnownMailbox, { messages, sinceSeen }: Scan): Holding[] {
  if (sinceSeen === undefined) return [...known.holdings.values()];
  const refs = [...sinceSeen.absent, ...messages.map(({ ref }) => ref)];
  return refs.flatMap((ref) => known.holdings.get(ref) ?? []);
}

type Stranger = { readonly message: ScannedMessage; readonly digest: Digest };

function groupBy(holdings: readonly Holding[], keyOf: (text: TextId) => Guid): Map<Guid, Holding[]> {
  const groups = new Map<Guid, Holding[]>();
  for (const holding of holdings) {
    const list = groups.get(keyOf(holding));
    if (list === undefined) groups.set(keyOf(holding), [holding]);
    else list.push(holding);
  }
  return groups;
}

/** In the order in which a plan delivers them. */
function byDelivery({ state }: KnownMailbox): (a: Holding, b: Holding) => number {
  const uidOf = ({ birth }: Holding): number => state.instances.get(birth)?.uid.uid ?? Infinity;
  return (a, b) => {
    const [x, y] = [uidOf(a), uidOf(b)];
    return x === y ? 0 : x - y;
  };
}

/**
 * By UID; what has none comes last, by received date. Two stores that are copies of one another give the same order.
 */
function byArrival(
  a: { readonly message: ScannedMessage; readonly digest: Digest },
  b: { readonly message: ScannedMessage; readonly digest: Digest },
): number {
  const x = a.message.uid ?? a.message.givenUid ?? Infinity;
  const y = b.message.uid ?? b.message.givenUid ?? Infinity;
  if (x !== y) return x - y;
  if (a.digest.receivedS !== b.digest.receivedS) return a.digest.receivedS - b.digest.receivedS;
  if (a.message.ref === b.message.ref) return 0;
  return a.message.ref < b.message.ref ? -1 : 1;
}
