import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { formerSelf } from '../../catalog/facts/own-host/previous-identity.js';
import { eraOf } from '../../catalog/facts/own-host/uidvalidity-chosen-at-rejoin.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import { fileSystemRoom } from '../../fs/file-system-room.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { emptyClock } from '../../replica/version-vector.js';
import { hearFed, sayFed } from '../peers/hosts-fetching-mail.js';
import { type StatementsTaken, takeStatements } from '../peers/signed-statements/keep-signed-statements.js';
import { giveWay } from '../peers/signed-statements/retract-unsigned-changes-in-all-mailboxes.js';
import type { Room } from '../peers/vouched-hosts/intake-limits.js';
import type { Fed } from '../reports/fetched-mail-report.js';
import type { Run } from '../run/begin-run.js';
import { type EarlierStatements, earlierStatements } from '../run/server-modseqs.js';
import type { Session } from '../session/account-session.js';
import { namesIn } from '../session/name-of-host-id.js';
import { refuseEquivocal } from './authorise-sender.js';
import { sizesHere } from './correct-claimed-text-sizes.js';
import { vouchingIn } from './how-far-bundles-are-believed.js';
import type { ImportOptions } from './import-options.js';
import { hearOfHosts } from './note-hosts-vouched-for.js';
import type { Arrivals } from './open-incoming-bundles.js';
import { partStories } from './part-from-hosts-that-told-two-stories.js';
import type { MergeSituation } from './plan-merge-of-bundles.js';

/** What is the case before an import decides anything: what has come, who vouches for what of it, and what is here. */
export type ImportSituation = MergeSituation & {
  /** What the bundles say of their senders, and pass on of others. */
  readonly statements: StatementsTaken;
  /** What was kept of hosts before these bundles; null where no mail server is to be told of them. */
  readonly earlier: EarlierStatements | null;
  readonly room: Room;
  /** Of texts that the bundles tell of: they may be known only by messages that the merge expunges. */
  readonly sizesHere: ReadonlyMap<Guid, number>;
  /** Programs fetch mail into this host's store and into those of these peers: what of that was not said yet. */
  readonly fed: Fed | null;
  /** Bytes that are free where the store is; null where nobody knows. */
  readonly freeBytes: number | null;
  /** What of the bundles is not used. */
  readonly troubles: readonly Trouble[];
};

/**
 * Takes up, in the open transaction, what the bundles say of hosts, which decides what else of them is believed
 * (mrepl-sync(7), Who vouches for what, Two stories of one host): what was believed of hosts without their word gives
 * way first; then nothing of a host is taken beyond what it is shown to have signed. Bundles that turn out not to be
 * used are closed. Throws `identity` where this host told two stories itself.
 */
export async function assessImport(
  session: Session,
  { bench, scan }: Run,
  opened: Arrivals,
  { room, options }: { readonly room: Room; readonly options: ImportOptions },
): Promise<ImportSituation> {
  const { catalog, copy } = bench;
  const ownKey = (): string => session.keys().signingKey.publicKey;
  const earlier = options.dryRun ? null : await earlierStatements(bench);
  const parted = partStories(bench, opened.arrivals, { ownKey, formerSelf: formerSelf(catalog)?.hostId ?? null });
  const arrivals = await refuseEquivocal(catalog, opened.arrivals);
  const statements = takeStatements(catalog, arrivals, { room, ownKey });
  const leftOut = hearOfHosts(bench, arrivals, { room, shown: statements.shown });
  const sizes = sizesHere(catalog, arrivals);
  const gaveWay = giveWay(bench, statements.givingWay, namesIn(catalog));
  hearFed(catalog, arrivals);
  const told = new Map(catalog.peers().map((peer) => [peer.hostId, peer.told]));
  const nowS = bench.nowS();
  const [directory] = session.store.capabilities.directories;
  return {
    self: catalog.identity.hostId,
    arrivals,
    takes: mailboxFilter(options.mailboxes),
    unseen: new Set(scan.unseen),
    rightOf: rightsIn(catalog),
    vouching: vouchingIn(catalog, statements, ownKey),
    toldBy: (host, mailbox) => told.get(host)?.get(mailbox) ?? emptyClock,
    mailboxOf: (mailbox) => copy.get(mailbox),
    placesOf: (mail) => catalog.birthsOf(mail),
    era: eraOf(catalog),
    nowS,
    seenS: timeSeen(catalog, nowS),
    ...{ statements, earlier, room, sizesHere: sizes },
    fed: sayFed(catalog),
    freeBytes: directory === undefined ? null : (fileSystemRoom(directory)?.freeBytes ?? null),
    troubles: [...opened.troubles, ...parted, ...leftOut, ...statements.troubles, ...gaveWay],
  };
}
