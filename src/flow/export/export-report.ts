import type { Bench } from '../../apply/context/run-context.js';
import type { Receipt } from '../../bundle/format/bundle-contents.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { countRanges } from '../../replica/number-ranges.js';
import type { ExportedBundle, ExportReport, OutgoingMailbox } from '../reports/run-report-types.js';
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
    readonly target: { readonly name: string; readonly isNew: boolean };
    readonly options: Pick<ExportOptions, 'dryRun' | 'mailboxes'>;
  },
): ExportReport {
  const { bench } = run;
  const { recipients, keys } = plan.sender;
  const addressed = { to: recipients.map((peer) => peer.hostName), sealed: keys.recipients.length > 0 };
  const composed = series.bundles.flatMap(({ composition }) => composition.texts);
  return {
    kind: 'export',
    dryRun: options.dryRun,
    target: target.name,
    scan: scanReportOf(run),
    bundles: series.bundles.map(({ fileName, number, composition, receipt }, index) => ({
      ...{ fileName, number, ...addressed },
      ...amountsOf(composition, receipt),
      buildsOn: plan.buildsOn + index,
    })),
    expunged: totalOf(series.bundles.map(({ composition }) => composition.deletions)),
    newMedium: target.isNew && series.bundles.length > 0,
    left: unsent.later,
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

function textsOf(bench: Pick<Bench, 'catalog' | 'copy' | 'store'>, guids: Iterable<Guid>): readonly PlacedText[] {
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

function outgoing({ name, saves, updates, living }: MailboxNews): OutgoingMailbox {
  const count = [...living.values()].reduce((sum, ranges) => sum + countRanges(ranges), 0);
  return { mailbox: name, saves: saves.length, updates: updates.length, living: count };
}
