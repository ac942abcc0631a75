import type { BundleContents, Preamble, Receipt } from '../../bundle/format/bundle-contents.js';
import { fedMax } from '../../bundle/format/bundle-limits.js';
import { sizeBound } from '../../bundle/write/bundle-size-bound.js';
import type { WriteKeys } from '../../bundle/write/write-bundle.js';
import { rememberBegun, rememberBundle } from '../../catalog/facts/bundles/manifests-by-bundle-number.js';
import { addTextsToSendLater } from '../../catalog/facts/bundles/texts-to-send-later.js';
import { statedBefore } from '../../catalog/facts/own-host/own-statements.js';
import { disownedIn } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { GoneMessageCatalog } from '../../catalog/interface/gone-message-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { birthOf } from '../../replica/message-birth.js';
import { covers, coversBirth, emptyClock } from '../../replica/version-vector.js';
import { serverAccountId } from '../../store/paths-and-settings-of-store.js';
import { witnessedIn } from '../peers/equivocation/clone-detection.js';
import { equivocationsFor, rememberStated } from '../peers/equivocation/hosts-that-told-two-stories.js';
import { fedHere } from '../peers/hosts-fetching-mail.js';
import { deedsIn } from '../peers/read-signed-statement.js';
import { heldStatements, statementsFor } from '../peers/signed-statements/keep-signed-statements.js';
import { statedStrangers } from '../peers/vouched-hosts/hosts-known-by-word-of-peers.js';
import { logDetailsOf } from '../reports/logged-message.js';
import { totalOf } from '../run/count-deletions.js';
import type { Session } from '../session/account-session.js';
import type { Composition } from './compose-bundle.js';
import type { Outlet, Overflow } from './export-to-directory-or-pipe.js';
import { toldForLog } from './list-told-messages.js';
import { digestOf, type OwnStatement } from './what-recipients-know.js';

/** One bundle that is about to be written. */
export type Dispatch = {
  readonly number: number;
  readonly fileName: string;
  readonly contents: BundleContents;
  readonly composition: Composition;
  readonly statement: OwnStatement;
  readonly keys: WriteKeys;
};

export type Sender = {
  readonly statement: OwnStatement;
  readonly recipients: readonly Peer[];
  readonly keys: WriteKeys;
  /** What this host's mail server tells clients. */
  readonly served: Preamble['served'];
};

/** Makes ready what a bundle of this number says. */
export function dispatchOf(
  session: Session,
  { number, fileName }: { readonly number: number; readonly fileName: string },
  { composition, sender }: { readonly composition: Composition; readonly sender: Sender },
): Dispatch {
  const { account, hostId, hostName } = session.catalog.identity;
  const { statement, recipients, keys } = sender;
  const first = new Set(statement.relayed.map((each) => each.hostId));
  const held = heldStatements(session.catalog);
  const serverAccount = serverAccountId(session.catalog.identity.store);
  const preamble: Preamble = {
    account,
    from: { hostId, name: hostName },
    to: recipients.map((peer) => peer.hostId),
    number,
    madeAtS: Math.floor(session.nowMs() / 1000),
    heard: new Map(recipients.filter(({ isDirect }) => isDirect).map((peer) => [peer.hostId, peer.taken])),
    witnessed: witnessedIn(session.catalog),
    wanted: [...statement.wanted],
    answers: composition.announced,
    clocks: statement.clocks,
    unheard: [...statement.unheard],
    served: sender.served,
    strangers: statedStrangers(session.catalog, statement.clocks),
    relayed: statementsFor(session.catalog, recipients, { first, held, clocks: statement.clocks }),
    statements: held,
    before: statedBefore(session.catalog),
    disowned: [...disownedIn(session.catalog).keys()].sort(),
    equivocations: equivocationsFor(session.catalog, recipients),
    fed: fedHere(session.catalog).slice(0, fedMax),
    ...(serverAccount !== null && { serverAccount }),
  };
  const contents = { preamble, news: composition.news, texts: composition.texts };
  return { number, fileName, contents, composition, statement, keys };
}

/** Bytes that the bundle has at the most. */
export function boundOf({ contents, keys }: Dispatch): number {
  return sizeBound(contents, keys);
}

/**
 * Writes the bundle and remembers it, unless it comes to more than `bytesMax`, or than the medium takes: then nothing
 * is left of it.
 */
export async function send(
  session: Session,
  outlet: Outlet,
  {
    dispatch,
    behind,
    bytesMax,
  }: { readonly dispatch: Dispatch; readonly behind: Iterable<Guid>; readonly bytesMax: number },
): Promise<{ readonly exported: Exported; readonly receipt: Receipt } | { readonly overflow: Overflow }> {
  const { catalog } = session;
  const { number, fileName, contents, keys } = dispatch;
  rememberBegun(catalog, number);
  session.listener({ kind: 'stage', stage: 'write', subject: fileName });
  const outcome = await outlet.write(fileName, { contents, keys, bytesMax });
  if ('overflow' in outcome) return outcome;
  const { receipt } = outcome;
  const { madeAtS, from } = contents.preamble;
  const exported = exportedOf(dispatch, receipt);
  catalog.transaction(() => {
    // This run does not try again what could not be read; the next one does.
    const unread = new Set(receipt.left.map(({ subject }) => subject));
    catalog.putExport({
      ...exported,
      answered: new Set([...exported.answered].filter((guid) => !unread.has(dispatch.composition.sentAs(guid)))),
    });
    rememberBundle(catalog, from.hostId, { number, manifestSha256: receipt.manifestSha256 });
    rememberStated(catalog, { number, digest: receipt.statementDigest });
    const { served } = contents.preamble;
    catalog.noteStatedModseqs(new Map([...served].map(([mailbox, { highestModseq }]) => [mailbox, highestModseq])));
    rememberTold(catalog, dispatch);
    catalog.putSigned(from.hostId, deedsIn(contents.preamble));
    const unreadable = [...receipt.left.map(({ subject }) => subject), ...dispatch.composition.damaged];
    addTextsToSendLater(catalog, { unreadable, noRoom: behind });
    catalog.markTaken(receipt.imprint, madeAtS, from.hostId);
    catalog.log({
      atS: madeAtS,
      what: 'export',
      details: {
        ...{ target: outlet.name, fileName, number, texts: receipt.texts, sizeBytes: receipt.sizeBytes },
        expunged: totalOf([dispatch.composition.deletions]),
        ...logDetailsOf(toldForLog(dispatch.composition.news, dispatch.composition.base)),
      },
    });
  });
  return { exported, receipt };
}

/** As the catalog keeps it; before it is written with nothing to be found by. */
export function exportedOf(
  { number, fileName, contents, composition, statement }: Dispatch,
  { sizeBytes, imprint }: Pick<Receipt, 'sizeBytes' | 'imprint'>,
): Exported {
  return {
    number,
    fileName,
    sizeBytes,
    imprint,
    madeAtS: contents.preamble.madeAtS,
    recipients: new Set(contents.preamble.to),
    base: composition.base,
    carried: composition.carried,
    clocks: statement.clocks,
    wanted: statement.wanted,
    answered: new Set(composition.answers),
    unheard: statement.unheard,
    relayed: new Map(statement.relayed.map((peer) => [peer.hostId, digestOf(peer)])),
    lastSeen: number,
  };
}

/** Notes what a part of a mailbox has told to be gone: the clock of who reads it does not show that it knows. */
function rememberTold(catalog: GoneMessageCatalog, { composition, statement }: Dispatch): void {
  const parts = composition.news.filter(({ name, clock }) => !covers(clock, statement.clocks.get(name) ?? emptyClock));
  if (parts.length === 0) return;
  const clocks = new Map(parts.map(({ name, clock }) => [name, clock]));
  const told = catalog
    .departed()
    .filter(({ mailbox, birth }) => coversBirth(clocks.get(mailbox) ?? emptyClock, birthOf(birth)));
  catalog.addDeparted(told.map((row) => ({ ...row, told: true })));
}
