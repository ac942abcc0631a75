import type { Bench } from '../../apply/context/run-context.js';
import { mendTexts, noteFlaws } from '../../apply/mend/mend-damaged-texts.js';
import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { WriteKeys } from '../../bundle/write/write-bundle.js';
import { putTextsToSendLater } from '../../catalog/facts/texts-to-send-later.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import { readersIn, recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { notReadableIn, type Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { withFirstUids } from '../../merge/uids/assign-first-uids.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { countRanges } from '../../replica/number-ranges.js';
import { askBeforeNewMedium, type NewMediumPolicy } from '../medium/ask-before-new-medium.js';
import { seeTarget } from '../medium/check-medium-is-mounted.js';
import { otherAccountsAt } from '../medium/find-waiting-bundles.js';
import { keysOfHost } from '../peers/paired-host-keys.js';
import { refuseUnpaired } from '../peers/refuse-unpaired-export.js';
import type { ExportedBundle, ExportReport, OutgoingMailbox } from '../reports/run-report-types.js';
import { beginRun, performRun, type Run, scanReportOf } from '../run/begin-run.js';
import { isServedNews, nothingServed, servedHere } from '../run/server-modseqs.js';
import type { Session } from '../session/account-session.js';
import { unmatchedPatterns } from '../session/unmatched-patterns.js';
import { spooledTexts } from '../trash/spooled-texts.js';
import { startAllowance } from './byte-budget.js';
import { lastingPart } from './compact-bundle-chain.js';
import { type ComposeRequest, type Composition, outstandingFor, type TextPolicy } from './compose-bundle.js';
import { behindTroubles, leftForLater, leftTrouble } from './deferred-report.js';
import { type LeftOut, leftOutTexts, nothingLeftOut, placed } from './deferred-texts.js';
import { type ExportTarget, openOutlet } from './export-to-directory-or-pipe.js';
import { forgetExports } from './forget-old-exports.js';
import { type PlacedText, textCollector } from './outgoing-texts.js';
import { acknowledgesMore, isAcknowledged, isStated, reaches, statementOf } from './what-recipients-know.js';
import type { Series } from './write-bundle-series.js';

export type ExportOptions = {
  readonly dryRun: boolean;
  /** Say everything, whatever the peers are known to have. */
  readonly full: boolean;
  readonly texts: TextPolicy;
  /** Not sealed: whoever has the bundle can read it. */
  readonly plain: boolean;
  /** Patterns of mailbox names; none takes all. */
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
  /** Bytes that all bundles of this run together may have; left out, as many as there is room for. */
  readonly maxBytes?: number;
  /** Left out, any directory becomes a medium. */
  readonly newMedium?: NewMediumPolicy;
};

/** Writes what the peers lack, as one bundle or as many as it takes, and removes those of ours that everybody has taken in. */
export async function exportTo(session: Session, target: ExportTarget, options: ExportOptions): Promise<ExportReport> {
  const place = 'sink' in target ? target : { ...target, seen: seeTarget(session, target.directory) };
  const otherAccounts = 'sink' in target ? [] : await otherAccountsAt(session, target.directory);
  const where = { target: 'sink' in target ? '-' : target.directory, plain: options.plain };
  refuseUnpaired(session.catalog, { ...where, others: otherAccounts });
  if ('seen' in place) await askBeforeNewMedium(session, place.seen, options.newMedium);
  const report = await performRun(session, options, async () =>
    exportFrom(session, await beginRun(session, options), place, options),
  );
  return { ...report, otherAccounts };
}

/** The export proper, after `beginRun`, and within the same `performRun`. */
export async function exportFrom(
  session: Session,
  run: Run,
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportReport> {
  const { catalog } = session;
  const { bench } = run;
  const { dryRun, full, texts } = options;
  const outlet = await openOutlet(session, target);
  const recipients = recipientsOf(catalog);
  const hasReaders = recipients.length > 0 || catalog.pairedHosts().length === 0;
  if (hasReaders) catalog.transaction(() => nameUids(bench));
  const exports = catalog.exports();
  const chain = await outlet.intact(exports);
  const leftOut: LeftOut = texts === 'never' ? nothingLeftOut : await leftOutTexts(bench);
  const reachesAll = (bundle: Exported): boolean => recipients.every((peer) => reaches(bundle, peer));
  const request = { recipients, full, texts, leftOut, takes: mailboxFilter(options.mailboxes) };
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  const allowance = startAllowance({ maxBytes, room: () => outlet.room() });
  const mayFold = texts !== 'never' && !full && options.mailboxes.length === 0;
  const lasting = mayFold ? lastingPart(chain, allowance.fileBytes()) : chain;
  const folded = chain.slice(lasting.length);
  const requestAfter = (more: readonly Exported[]): ComposeRequest =>
    full ? { ...request, chain: more } : { ...request, chain: [...lasting, ...more] };
  const lacked = outstandingFor(bench, full ? requestAfter([]) : { ...request, chain });
  const outstanding = folded.length === 0 ? lacked : outstandingFor(bench, requestAfter([]));
  const statement = statementOf(catalog);
  const heardByAll = exports.filter((bundle) =>
    recipients.every((peer) => isAcknowledged(bundle, peer) || !reaches(bundle, peer)),
  );
  const isToldNothing = lacked.tellings.length === 0 && lacked.asked.length === 0;
  const stating = [...chain, ...heardByAll].filter(reachesAll);
  const isQuiet = isToldNothing && !full && isStated(statement, stating);
  const asks = hasReaders && !dryRun && (!isQuiet || run.scan.isTouched);
  const { served, troubles: unasked } = asks ? await servedHere(session) : nothingServed;
  const hasServedMore = isServedNews(session, served);
  const isIdle = !hasReaders || (isQuiet && !hasServedMore && !outlet.isAwaited);
  const mustState = hasServedMore || acknowledgesMore(statement, stating, catalog.identity.hostId);
  const isHeard = new Set(heardByAll);
  const superseded = chain.filter((bundle) => recipients.length > 0 && isHeard.has(bundle));
  const removed = [...superseded.map(({ fileName }) => fileName), ...(await outlet.worthless(exports))];
  const isSealed = recipients.length > 0 && !options.plain;
  const sender = { statement, recipients, served, keys: writeKeys(session, isSealed) };
  const makesRoom = { fileNames: removed, bytes: outlet.sizeOf(removed) };
  const series = isIdle
    ? { bundles: [], behind: new Set<Guid>(), rest: null }
    : await (await import('./write-bundle-series.js')).writeSeries(session, outlet, {
        ...{ bench, outstanding, sender, allowance, dryRun, makesRoom, mustState },
        outstandingAfter: (more) => outstandingFor(bench, requestAfter(more)),
      });
  const isSent = new Set(series.bundles.flatMap(({ composition }) => composition.answers));
  const noRoom = new Set([...leftOut.ready.filter((guid) => !isSent.has(guid)), ...series.behind]);
  const later = series.rest && leftForLater(series.rest, noRoom);
  const tooMuch = later && leftTrouble(later, outlet.name);
  if (tooMuch !== null && series.bundles.length === 0) throw tooMuch.failure;
  const left = series.bundles.flatMap(({ receipt }) => receipt?.left ?? []);
  const unreadable: Trouble[] = [];
  let unsent: readonly Trouble[] = [...leftOut.left, ...left];
  if (!dryRun) {
    if (texts !== 'never') {
      const damaged = series.bundles.flatMap(({ composition }) => composition.damaged);
      putTextsToSendLater(catalog, {
        unreadable: new Set([...leftOut.still, ...left.map(({ subject }) => subject), ...damaged]),
        noRoom,
      });
    }
    const explained = await mendUnsent(
      session,
      run,
      unsent.map(({ subject }) => subject),
    );
    unsent = unsent.filter(({ subject }) => !explained.guids.has(subject));
    for (const trouble of explained.troubles) unreadable.push(trouble);
    if (!isIdle && saysAll(series, [...leftOut.left, ...left])) {
      for (const { fileName } of folded) if (!removed.includes(fileName)) removed.push(fileName);
      for (const { number } of folded) catalog.dropExport(number);
    }
    await outlet.remove(removed);
    forgetExports(catalog, { superseded: recipients.length > 0 ? heardByAll : [], chain });
  }
  const composed = series.bundles.flatMap(({ composition }) => composition.texts);
  const told = { to: recipients.map((peer) => peer.hostName), sealed: isSealed };
  return {
    kind: 'export',
    dryRun,
    target: outlet.name,
    scan: scanReportOf(run),
    bundles: series.bundles.map(({ fileName, number, composition, receipt }, index) => ({
      ...{ fileName, number, ...told },
      ...amountsOf(composition, receipt),
      buildsOn: (full ? 0 : lasting.filter((bundle) => !superseded.includes(bundle)).length) + index,
    })),
    newMedium: 'directory' in target && target.seen?.id === null && series.bundles.length > 0,
    left: later,
    removed,
    hasReaders,
    otherAccounts: [],
    unmatched: unmatchedPatterns(catalog, options.mailboxes),
    troubles: [
      ...placed(unsent, [...leftOut.texts, ...composed]),
      ...unreadable,
      ...unasked,
      ...(isIdle ? [] : behindTroubles(textsOf(bench, noRoom), outlet.name)),
      ...(tooMuch === null ? [] : [tooMuch]),
    ],
  };
}

/** Gives the mailboxes that nobody has named a UIDVALIDITY for one, and their messages UIDs: now others hear of them. */
function nameUids({ catalog, copy, nowS }: Bench): void {
  const self = catalog.identity.hostId;
  for (const { state } of catalog.summaries()) {
    if (state.validity === null) copy.put(withFirstUids(copy.get(state.name), { self, nowS: nowS() }));
  }
}

/**
 * Looks closer at texts that could not be sent: a damaged one is replaced at once where another message here has it, and asked for else.
 * Answers those of which nothing more is to be said: a file is flawed, or there is none any more, as somebody has just expunged or moved the
 * message; the next look at the store sees what became of it. Of files that are not read `troubles` says all, mailbox by mailbox.
 */
async function mendUnsent(
  session: Session,
  { bench, mending }: Run,
  guids: readonly Guid[],
): Promise<{ readonly guids: ReadonlySet<Guid>; readonly troubles: readonly Trouble[] }> {
  const { catalog } = session;
  const explained = new Set<Guid>();
  const unread = new Map<MailboxName, Untaken[]>();
  const asked = new Set(guids);
  for (const guid of asked) {
    let readable = 0;
    for (const { mailbox, ref } of catalog.filesOf({ guid })) {
      const { there, untaken } = await noteFlaws(bench, mailbox, [ref]);
      readable += there - untaken.length;
      if (untaken.length > 0) unread.set(mailbox, [...(unread.get(mailbox) ?? []), ...untaken]);
    }
    if (readable === 0) explained.add(guid);
  }
  const flawed = catalog.flawedTexts().filter(({ guid }) => asked.has(guid));
  if (flawed.length > 0) await mendTexts(bench, mending, await spooledTexts(session));
  for (const { guid } of flawed) explained.add(guid);
  const troubles = [...unread].map(([mailbox, files]) => ({
    subject: mailbox,
    failure: notReadableIn(mailbox, files),
  }));
  return { guids: explained, troubles };
}

function textsOf(bench: Bench, guids: Iterable<Guid>): readonly PlacedText[] {
  const texts = textCollector(bench);
  for (const guid of guids) texts.addCopy(guid);
  return texts.all();
}

function amountsOf(
  { news, texts, textBytes }: Composition,
  receipt: Receipt | null,
): Pick<ExportedBundle, 'sizeBytes' | 'texts' | 'textBytes' | 'mailboxes'> {
  return {
    texts: receipt?.texts ?? texts.length,
    textBytes: receipt?.textBytes ?? textBytes,
    sizeBytes: receipt?.sizeBytes ?? null,
    mailboxes: news.map(outgoing),
  };
}

/** Signed with this host's key, and sealed to whom it is paired with and to itself. */
function writeKeys({ catalog, keys }: Session, isSealed: boolean): WriteKeys {
  const { signingKey, ageIdentity } = keys();
  if (!isSealed) return { signingKey, recipients: [] };
  const recipients = readersIn(catalog).map((host) => keysOfHost(host).ageRecipient);
  return { signingKey, recipients: [...recipients, ageIdentity.recipient] };
}

/** Is everything in these bundles that was outstanding, so that others which say a part of it are not needed any more? */
function saysAll({ bundles, behind, rest }: Series, left: readonly Trouble[]): boolean {
  const isWhole = bundles.every(({ composition }) => composition.damaged.length === 0);
  return bundles.length > 0 && isWhole && behind.size === 0 && rest === null && left.length === 0;
}

function outgoing({ name, saves, updates, living }: MailboxNews): OutgoingMailbox {
  const count = [...living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0);
  return { mailbox: name, saves: saves.length, updates: updates.length, living: count };
}
