import type { ExportReport, OutgoingMailbox } from '../../flow/report.js';
import { bytes, counted, grouped, listed, placeName } from '../amounts.js';
import { type Block, line, strong } from '../line.js';
import type { View } from '../view.js';
import { entriesShownMax } from './mailbox-text.js';
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
    return [...exportDetails(report, view), line(`${place}: ${exportSummary(report)}`)];
  return [line(`${place}: ${[...mendedSummary(report.scan), exportSummary(report)].join('; ')}`)];
}

/** `exported home-000042.tar.zst (1.2 MB): 12 new messages, ... for cabin`; in a dry run `would export`. */
export function exportSummary({ dryRun, bundle, removed, hasReaders }: ExportReport): string {
  const cleared =
    removed.length === 0
      ? null
      : `${dryRun ? 'would remove' : 'removed'} ${counted(removed.length, 'bundle')} that nobody needs any more`;
  if (!hasReaders) return 'nothing exported, as every peer was revoked';
  if (bundle === null) return cleared === null ? 'nothing new to export' : cleared;
  const { fileName, sizeBytes, texts, textBytes, mailboxes, to, sealed } = bundle;
  const saves = mailboxes.reduce((sum, mailbox) => sum + mailbox.saves, 0);
  const updates = mailboxes.reduce((sum, mailbox) => sum + mailbox.updates, 0);
  const parts: string[] = [];
  if (saves > 0) parts.push(counted(saves, 'new message'));
  if (updates > 0) parts.push(`changes of ${counted(updates, 'message')}`);
  if (texts > 0) parts.push(`${counted(texts, 'text')} (${bytes(textBytes)})`);
  const news =
    mailboxes.length > 0
      ? `${parts.length === 0 ? 'news' : parts.join(', ')} in ${counted(mailboxes.length, 'mailbox', 'mailboxes')}`
      : parts.length > 0
        ? `${parts.join(', ')} that somebody asked for`
        : 'says what has been received';
  const name = `${dryRun ? 'would export' : 'exported'} ${fileName === '-' ? 'a bundle' : fileName}`;
  const size = sizeBytes === null ? '' : ` (${bytes(sizeBytes)})`;
  const readers = to.length === 0 ? '' : `, for ${listed(to)}`;
  const openness = to.length === 0 ? 'not sealed, as no host is paired yet' : sealed ? null : 'not sealed';
  return [`${name}${size}: ${news}${readers}`, openness, cleared].filter((part) => part !== null).join('; ');
}

function exportDetails({ bundle, removed }: ExportReport, view: View): Block[] {
  const lines: Block[] = [];
  if (bundle !== null && bundle.mailboxes.length > 0) {
    lines.push(line(strong('What the bundle says')), ...outgoingTable(bundle.mailboxes, view), line());
  }
  if (bundle !== null && bundle.buildsOn > 0) {
    lines.push(
      line(
        `It builds on ${counted(bundle.buildsOn, 'bundle')} of ours that already ${bundle.buildsOn === 1 ? 'lies' : 'lie'} there.`,
      ),
    );
  }
  for (const name of removed) lines.push(line(`${name} has been taken in by every peer and goes.`));
  return lines;
}

function outgoingTable(mailboxes: readonly OutgoingMailbox[], view: View): Block[] {
  const shown = view.verbose ? mailboxes : mailboxes.slice(0, entriesShownMax);
  const rest = mailboxes.length - shown.length;
  const lines: Block[] = [
    {
      columns: [
        { title: 'MAILBOX', gives: true },
        { title: 'NEW', align: 'right' },
        { title: 'CHANGED', align: 'right' },
        { title: 'MESSAGES', align: 'right' },
      ],
      rows: shown.map(({ mailbox, saves, updates, living }) => [
        mailbox,
        grouped(saves),
        grouped(updates),
        grouped(living),
      ]),
      widthMax: view.columns,
    },
  ];
  if (rest > 0) lines.push(line(`and ${counted(rest, 'more mailbox', 'more mailboxes')} (--verbose shows all)`));
  return lines;
}
