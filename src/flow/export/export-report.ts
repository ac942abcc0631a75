import type { Bench } from '../../apply/context/run-context.js';
import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { countRanges } from '../../replica/number-ranges.js';
import { type Clock, coversBirth, emptyClock } from '../../replica/version-vector.js';
import type { ExportedBundle, ExportReport, OutgoingMailbox, RoomNeeded } from '../reports/run-report-types.js';
import { type Run, scanReportOf } from '../run/begin-run.js';
import { totalOf } from '../run/count-deletions.js';
import { unmatchedPatterns } from '../session/unmatched-patterns.js';
import { type PlacedText, textCollector } from './collect-texts-to-send.js';
import type { Composition } from './compose-bundle.js';
import { behindTroubles } from './deferred-report.js';
import { placed } from './deferred-texts.js';
import type { ExportOptions } from './export-options.js';
import type { ExportEnd, WrittenExport } from './record-export.js';

/**
 * Tells what an export did, or, in a dry run, what its plan is. `target`: what it was written to, and whether that was
 * no medium before.
 */
export function exportReport(
  run: Run,
  { situation, plan, series, unsent }: WrittenExport,
  { removed, unread, unreadable }: ExportEnd,
  {
    target,
    options,
  }: {
    /** `freeBytes`: before it was written to; infinity where nobody knows. */
    readonly target: { readonly name: string; readonly isNew: boolean; readonly freeBytes: number };
    readonly options: Pick<ExportOptions, 'dryRun' | 'mailboxes'>;
  },
): Omit<ExportReport, 'messages'> {
  const { bench } = run;
  const { recipients, keys } = plan.sender;
  const addressed = { to: recipients.map((peer) => peer.hostName), sealed: keys.recipients.length > 0 };
  const saved = new Set<BirthKey>();
  const composed = series.bundles.flatMap(({ composition }) => composition.texts);
  return {
    kind: 'export',
    dryRun: options.dryRun,
    target: target.name,
    scan: scanReportOf(run),
    bundles: series.bundles.map(({ fileName, number, composition, receipt }, index) => ({
      ...{ fileName, number, ...addressed },
      ...amountsOf(composition, receipt, saved),
      buildsOn: plan.buildsOn + index,
    })),
    expunged: totalOf(series.bundles.map(({ composition }) => composition.deletions)),
    newMedium: target.isNew && series.bundles.length > 0,
    left: unsent.later,
    room: roomFor(series.bundles, target.freeBytes),
    removed,
    hasReaders: situation.hasReaders,
    otherAccounts: [],
    unmatched: unmatchedPatterns(bench.catalog, options.mailboxes),
    troubles: [
      ...placed(unread, [...situation.deferred.texts, ...composed]),
      ...unreadable,
      ...situation.served.troubles,
      ...(plan.isIdle ? [] : behindTroubles(textsOf(bench, unsent.noRoom), target.name)),
      ...(unsent.tooMuch === null ? [] : [unsent.tooMuch]),
    ],
  };
}

function roomFor(bundles: WrittenExport['series']['bundles'], freeBytes: number): RoomNeeded | null {
  if (bundles.length === 0 || freeBytes === Number.POSITIVE_INFINITY) return null;
  const sizeOf = ({ composition, receipt }: (typeof bundles)[number]): number =>
    receipt?.sizeBytes ?? composition.textBytes;
  return { neededBytes: bundles.reduce((sum, bundle) => sum + sizeOf(bundle), 0), freeBytes };
}

function textsOf(bench: Pick<Bench, 'catalog' | 'copy' | 'store'>, guids: Iterable<Guid>): readonly PlacedText[] {
  const texts = textCollector(bench);
  for (const guid of guids) texts.addCopy(guid);
  return texts.all();
}

/**
 * What a bundle has. `saved`: messages that are new in earlier ones of the series, to which this one's are added; what
 * it says of those, too, is no change that anybody made.
 */
function amountsOf(
  { news, texts, textBytes, deletions, base }: Composition,
  receipt: Receipt | null,
  saved: Set<BirthKey>,
): Pick<ExportedBundle, 'sizeBytes' | 'texts' | 'textBytes' | 'mailboxes'> {
  const mailboxes = news.map((each) => {
    const updates = each.updates.filter(({ birth }) => !saved.has(birthKey(birth))).length;
    return { ...outgoing(each, deletions.get(each.name) ?? 0, base), updates };
  });
  for (const { saves } of news) for (const { birth } of saves) saved.add(birthKey(birth));
  return {
    texts: receipt?.texts ?? texts.length,
    textBytes: receipt?.textBytes ?? textBytes,
    sizeBytes: receipt?.sizeBytes ?? null,
    mailboxes,
  };
}

function outgoing(
  { name, saves, living }: MailboxNews,
  expunged: number,
  base: ReadonlyMap<MailboxName, Clock>,
): Omit<OutgoingMailbox, 'updates'> {
  const moved = new Map<MailboxName, number>();
  let savedBytes = 0;
  for (const { movedFrom, sizeBytes } of saves) {
    const from = movedFrom === undefined || movedFrom.mailbox === name ? null : movedFrom;
    if (from === null || !coversBirth(base.get(from.mailbox) ?? emptyClock, from.birth)) savedBytes += sizeBytes;
    else moved.set(from.mailbox, (moved.get(from.mailbox) ?? 0) + 1);
  }
  return {
    mailbox: name,
    saves: saves.length,
    savedBytes,
    living: [...living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0),
    expunged,
    moved: [...moved].map(([from, messages]) => ({ from, messages })),
  };
}
