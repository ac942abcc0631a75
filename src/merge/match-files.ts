import type { Guid } from '../mail/guid.js';
import type { Digest, Scan, ScannedMessage } from '../mail/mailbox-scan.js';
import type { Holding, KnownMailbox } from '../replica/known-mailbox.js';

/** The files of a scan, sorted by what is known of them. */
export type MatchedFiles = {
  /** Files of messages known before. `holding.ref` is the ref they had then. */
  readonly familiar: readonly { readonly message: ScannedMessage; readonly holding: Holding }[];
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
 * Matches files by ref, and what is left by guid: a file that vanished while another one with the same text appeared was
 * renamed (mail programs do that, and rebuilt UID lists). A delivery that was only announced is recognised by both: under the name chosen for
 * it somebody else may have put other mail meanwhile. A ref the scan had trouble with counts as neither there nor gone;
 * in a partial scan nothing is gone.
 */
export function matchFiles(known: KnownMailbox, scan: Scan, digests: ReadonlyMap<string, Digest>): MatchedFiles {
  const familiar: { message: ScannedMessage; holding: Holding }[] = [];
  const strangers: { message: ScannedMessage; digest: Digest }[] = [];
  const seen = new Set<string>();
  let unread = 0;
  for (const message of scan.messages) {
    const holding = known.holdings.get(message.ref);
    const digest = digests.get(message.ref);
    if (holding !== undefined && (holding.uid !== null || holding.guid === digest?.guid)) {
      seen.add(message.ref);
      familiar.push({ message, holding });
      continue;
    }
    if (digest === undefined) unread += 1;
    else strangers.push({ message, digest });
  }
  if (seen.size === known.holdings.size) return { familiar, born: strangers.sort(byArrival), gone: [], unread };

  const troubled = new Set(scan.troubles.map(({ subject }) => subject));
  const isMissing = ({ ref }: Holding): boolean => !seen.has(ref) && !troubled.has(ref);
  const missing = [...known.holdings.values()].filter(isMissing);
  const renamable = new Map<Guid, Holding[]>();
  for (const holding of strangers.length === 0 ? [] : missing) {
    if (holding.uid === null || !known.state.instances.has(holding.birth)) continue;
    const list = renamable.get(holding.guid);
    if (list === undefined) renamable.set(holding.guid, [holding]);
    else list.push(holding);
  }
  const renamed = new Set<Holding>();
  const born = strangers.sort(byArrival).filter(({ message, digest }) => {
    const holding = renamable.get(digest.guid)?.shift();
    if (holding === undefined) return true;
    renamed.add(holding);
    familiar.push({ message, holding });
    return false;
  });
  const gone = scan.isPartial === true ? [] : missing.filter((holding) => !renamed.has(holding));
  return { familiar, born, gone, unread };
}

/** By UID; what has none comes last, by received date. Two stores that are copies of one another give the same order. */
function byArrival(
  a: { readonly message: ScannedMessage; readonly digest: Digest },
  b: { readonly message: ScannedMessage; readonly digest: Digest },
): number {
  const x = a.message.uid ?? Infinity;
  const y = b.message.uid ?? Infinity;
  if (x !== y) return x - y;
  if (a.digest.receivedS !== b.digest.receivedS) return a.digest.receivedS - b.digest.receivedS;
  if (a.message.ref === b.message.ref) return 0;
  return a.message.ref < b.message.ref ? -1 : 1;
}
