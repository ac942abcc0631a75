import type { ExportedBundle, ExportReport, LeftForLater } from '../../../flow/reports/run-report-types.js';
import { bytes } from '../../../mail/size-for-people.js';
import type { LedgerEntry } from '../../format/align-ledger.js';
import { counted, grouped, listed, placeName } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { summariseExport } from '../../plan/summarise-export.js';
import { applyBlocks } from '../sections/command-text.js';
import { messageBlocks } from '../sections/message-changes-text.js';
import { newMediumLines } from '../sections/new-medium-text.js';
import { cutList, ledgerOf, type PlanVoice, planEntries, spaced } from '../sections/plan-text.js';
import { mendedSummary, scanEntries } from '../sections/scan-text.js';

/**
 * An export: with --dry-run all that it would tell its readers, as a plan; else in one line, and behind that, where it
 * passes on deletions or with --verbose, what it told.
 */
export function exportBlocks(report: ExportReport, view: View): Block[] {
  const place = placeName(report.target, 'output');
  const plan = exportPlan(report, view);
  if (report.dryRun) {
    if (!isPlannedExport(report)) return [...spaced(plan), line(`${place}: ${exportSummary(report)}`)];
    const medium = newMediumLines(report, report);
    return [
      ...spaced(plan),
      ...medium,
      ...applyBlocks(view, 'Nothing was written.', { details: report.messages === null }),
    ];
  }
  return [
    line(`${place}: ${[...mendedSummary(report.scan), exportSummary(report)].join('; ')}`),
    ...newMediumLines(report, report),
    ...(isUnusualExport(report) || view.verbose || report.messages !== null ? [line(), ...plan] : []),
  ];
}

/** Does a dry run of an export foresee that anything would be written or removed? */
export function isPlannedExport({ bundles, removed }: ExportReport): boolean {
  return bundles.length > 0 || removed.length > 0;
}

/** Should a person look at what an export told? */
export function isUnusualExport({ expunged }: ExportReport): boolean {
  return expunged.messages > 0;
}

/** To whom, and line by line what they are told; nothing where nothing is. `scan`: with what was seen in the store. */
export function exportPlan(
  report: ExportReport,
  view: View,
  { scan }: { readonly scan: boolean } = { scan: true },
): Block[] {
  const { dryRun, bundles } = report;
  const voice = { isDone: !dryRun, verbose: view.verbose, sender: null, told: readersText(bundles), nowS: view.nowS };
  const entries = [
    ...planEntries(summariseExport(report), voice),
    ...textsEntry(bundles),
    ...leftEntry(report.left, voice),
    ...removedEntry(report, voice),
    ...(scan && (dryRun || view.verbose) ? scanEntries(report.scan, view) : []),
    ...roomEntry(report),
  ];
  const head = headLine(report);
  return [
    ...head,
    ...(head.length === 0 || entries.length === 0 ? [] : [line()]),
    ...ledgerOf(entries),
    ...messageBlocks(report.messages, view),
  ];
}

function readersText(bundles: readonly ExportedBundle[]): string {
  const to = bundles[0]?.to ?? [];
  return to.length === 0 ? 'whoever reads it' : listed(to);
}

/** `To cabin and ship: home-000042.tar.zst.age, sealed, built upon 3 bundles there.` */
function headLine({ bundles }: ExportReport): Block[] {
  const [first] = bundles;
  if (first === undefined) return [];
  const { sealed, buildsOn } = first;
  const builds = buildsOn === 0 ? '' : `, built upon ${counted(buildsOn, 'bundle')} there`;
  return [line(`To ${readersText(bundles)}: ${filesNamed(bundles)}, ${sealed ? 'sealed' : 'not sealed'}${builds}.`)];
}

function textsEntry(bundles: readonly ExportedBundle[]): LedgerEntry[] {
  const texts = bundles.reduce((sum, bundle) => sum + bundle.texts, 0);
  if (texts === 0) return [];
  const textBytes = bundles.reduce((sum, bundle) => sum + bundle.textBytes, 0);
  return [{ word: 'TEXTS', amount: grouped(texts), text: `${texts === 1 ? 'text' : 'texts'}, ${bytes(textBytes)}` }];
}

const limitTexts: Readonly<Record<LeftForLater['limit'], string>> = {
  'max-size': '--max-size',
  room: 'the room on the medium',
  'file-size': 'what one file takes',
};

function leftEntry(left: LeftForLater | null, voice: PlanVoice): LedgerEntry[] {
  if (left === null) return [];
  const items = left.mailboxes.map(({ mailbox, messages, textBytes }) => ({
    name: mailbox,
    amount: grouped(messages),
    text: messages === 0 ? 'changes' : bytes(textBytes),
  }));
  const text = `left for next time, as ${limitTexts[left.limit]} is used up:`;
  return [{ word: 'LEFT', amount: '', text, items: cutList(items, voice), emphasis: 'warning' }];
}

function removedEntry({ removed }: ExportReport, voice: PlanVoice): LedgerEntry[] {
  if (removed.length === 0) return [];
  const text = `${removed.length === 1 ? 'bundle' : 'bundles'} there that nobody needs any more`;
  const items = removed.map((name) => ({ name, amount: '', text: '' }));
  return [{ word: 'REMOVES', amount: grouped(removed.length), text, items: cutList(items, voice) }];
}

function roomEntry({ room, dryRun }: ExportReport): LedgerEntry[] {
  if (!dryRun || room === null || room.freeBytes === null) return [];
  return [
    { word: 'ROOM', amount: '', text: `${bytes(room.neededBytes)} of texts, ${bytes(room.freeBytes)} free there` },
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
