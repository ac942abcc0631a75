import type {
  ExportedBundle,
  ExportReport,
  LeftForLater,
  OutgoingMailbox,
} from '../../flow/reports/run-report-types.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { bytes, counted, grouped, listed, placeName } from '../format/format-amounts.js';
import type { Block } from '../format/line-or-table.js';
import { line, strong } from '../format/styled-line.js';
import type { View } from '../output/view-options-and-names.js';
import { entriesShownMax } from './mailbox-changes-text.js';
import { newMediumLines } from './new-medium-text.js';
import { mendedSummary, scanLines } from './scan-text.js';

/** An export in one line; with --dry-run or --verbose what it says of each mailbox. */
export function exportBlocks(report: ExportReport, view: View): Block[] {
  return [
    ...(report.dryRun || view.verbose ? spaced(scanLines(report.scan, view)) : []),
    ...outgoingBlocks(report, view),
  ];
}

function spaced(section: readonly Block[]): readonly Block[] {
  return section.length === 0 ? [] : [...section, line()];
}

/** The same without what was seen in the store. */
export function outgoingBlocks(report: ExportReport, view: View): Block[] {
  const place = placeName(report.target, 'output');
  if (report.dryRun || view.verbose)
    return [
      ...exportDetails(report, view),
      line(`${place}: ${exportSummary(report)}`),
      ...newMediumLines(report, report),
    ];
  return [
    line(`${place}: ${[...mendedSummary(report.scan), exportSummary(report)].join('; ')}`),
    ...newMediumLines(report, report),
  ];
}

/**
 * `exported home-000042.tar.zst (1.2 MB): 12 new messages, ... for cabin`, or `exported 2 bundles, home-000042.tar.zst
 * and home-000043.tar.zst, ...`; in a dry run `would export`.
 */
export function exportSummary({ dryRun, target, bundles, expunged, removed, hasReaders }: ExportReport): string {
  const cleared =
    removed.length === 0
      ? null
      : `${dryRun ? 'would remove' : 'removed'} ${counted(removed.length, 'bundle')} that nobody needs any more`;
  if (!hasReaders) return 'nothing exported, as every peer was revoked';
  const [first] = bundles;
  if (first === undefined) return cleared === null ? 'nothing new to export' : cleared;
  const { to, sealed } = first;
  const sumOf = (of: (bundle: ExportedBundle) => number): number =>
    bundles.reduce((total, bundle) => total + of(bundle), 0);
  const saves = sumOf(({ mailboxes }) => mailboxes.reduce((sum, mailbox) => sum + mailbox.saves, 0));
  const updates = sumOf(({ mailboxes }) => mailboxes.reduce((sum, mailbox) => sum + mailbox.updates, 0));
  const texts = sumOf((bundle) => bundle.texts);
  const textBytes = sumOf((bundle) => bundle.textBytes);
  const mailboxes = new Set(bundles.flatMap((bundle) => bundle.mailboxes.map(({ mailbox }) => mailbox))).size;
  const sizeBytes = first.sizeBytes === null ? null : sumOf((bundle) => bundle.sizeBytes ?? 0);
  const parts: string[] = [];
  if (saves > 0) parts.push(counted(saves, 'new message'));
  if (updates > 0) parts.push(`changes of ${counted(updates, 'message')}`);
  if (texts > 0) parts.push(`${counted(texts, 'text')} (${bytes(textBytes)})`);
  const news =
    mailboxes > 0
      ? `${parts.length === 0 ? 'news' : parts.join(', ')} in ${counted(mailboxes, 'mailbox', 'mailboxes')}`
      : parts.length > 0
        ? `${parts.join(', ')} that somebody asked for`
        : target === '-'
          ? 'nothing new, which it says'
          : 'says what has been received';
  const gone = expunged.messages === 0 ? '' : `, and says that ${expungedText(expunged)}`;
  const name = `${dryRun ? 'would export' : 'exported'} ${filesNamed(bundles)}`;
  const size = sizeBytes === null ? '' : ` (${bytes(sizeBytes)})`;
  const readers = to.length === 0 ? '' : `, for ${listed(to)}`;
  const openness = to.length === 0 ? 'not sealed, as no host is paired yet' : sealed ? null : 'not sealed';
  return [`${name}${size}: ${news}${gone}${readers}`, openness, cleared].filter((part) => part !== null).join('; ');
}

/** `108 messages were expunged in 2 mailboxes`. */
function expungedText({ messages, mailboxes }: ExportReport['expunged']): string {
  const were = messages === 1 ? 'was' : 'were';
  return `${counted(messages, 'message')} ${were} expunged in ${counted(mailboxes, 'mailbox', 'mailboxes')}`;
}

function filesNamed(bundles: readonly ExportedBundle[]): string {
  const names = bundles.map(({ fileName }) => (fileName === '-' ? 'a bundle' : fileName));
  if (names.length < 2) return names.join('');
  return `${counted(names.length, 'bundle')}, ${names[0]} ${names.length === 2 ? 'and' : 'to'} ${names.at(-1)}`;
}

function exportDetails({ bundles, left, removed }: ExportReport, view: View): Block[] {
  const lines: Block[] = [];
  for (const { fileName, mailboxes } of bundles) {
    if (mailboxes.length === 0) continue;
    const title = bundles.length === 1 ? 'What the bundle says' : `What ${fileName} says`;
    lines.push(line(strong(title)), ...outgoingTable(mailboxes, view), line());
  }
  if (left !== null && left.mailboxes.length > 0) {
    lines.push(line(strong('What is left for next time')), ...leftTable(left, view), line());
  }
  const [first] = bundles;
  if (first !== undefined && first.buildsOn > 0) {
    lines.push(
      line(
        `${bundles.length === 1 ? 'It builds' : 'They build'} on ${counted(first.buildsOn, 'bundle')} of ours that already ${first.buildsOn === 1 ? 'lies' : 'lie'} there.`,
      ),
    );
  }
  for (const name of removed) lines.push(line(`${name} is not needed any more and goes.`));
  return lines;
}

function outgoingTable(mailboxes: readonly OutgoingMailbox[], view: View): Block[] {
  return mailboxTable(mailboxes, view, {
    titles: ['NEW', 'CHANGED', 'MESSAGES'],
    cellsOf: ({ saves, updates, living }) => [grouped(saves), grouped(updates), grouped(living)],
  });
}

function leftTable({ mailboxes }: LeftForLater, view: View): Block[] {
  return mailboxTable(mailboxes, view, {
    titles: ['NEW', 'SIZE'],
    cellsOf: ({ messages, textBytes }) => [grouped(messages), bytes(textBytes)],
  });
}

function mailboxTable<T extends { readonly mailbox: MailboxName }>(
  mailboxes: readonly T[],
  view: View,
  { titles, cellsOf }: { readonly titles: readonly string[]; readonly cellsOf: (one: T) => readonly string[] },
): Block[] {
  const shown = view.verbose ? mailboxes : mailboxes.slice(0, entriesShownMax);
  const rest = mailboxes.length - shown.length;
  const lines: Block[] = [
    {
      columns: [{ title: 'MAILBOX', gives: true }, ...titles.map((title) => ({ title, align: 'right' as const }))],
      rows: shown.map((one) => [one.mailbox, ...cellsOf(one)]),
      widthMax: view.columns,
    },
  ];
  if (rest > 0) lines.push(line(`and ${counted(rest, 'more mailbox', 'more mailboxes')} (--verbose shows all)`));
  return lines;
}
