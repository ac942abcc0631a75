import type { RestoreMessage, RestoreOutcome, RestoreReport } from '../../../flow/reports/run-report-types.js';
import { bytes } from '../../../mail/size-for-people.js';
import type { LedgerEntry } from '../../format/align-ledger.js';
import type { Table } from '../../format/align-table.js';
import { counted, grouped } from '../../format/format-amounts.js';
import { date, relative } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { summariseRestore } from '../../plan/summarise-restore.js';
import { applyBlocks } from '../sections/command-text.js';
import { guidDigitsShown, mailboxesOf, rowsShownMax } from '../sections/message-list-limits.js';
import { ledgerOf, type PlanVoice, planEntries, spaced } from '../sections/plan-text.js';

/** What can be brought back, or in one line what was; with --dry-run or --verbose also that in full. */
export function restoreBlocks(report: RestoreReport, view: View): Block[] {
  const { messages, isListing, dryRun } = report;
  if (isListing) return listingBlocks(messages, view);
  if (messages.length === 0)
    return [line('There is nothing of the kind in the trash: "mrepl restore" shows what there is.')];
  const shown = messages.filter(({ outcome }) => outcome !== 'there');
  const table = (dryRun || view.verbose) && shown.length > 0 ? [...tableBlocks(shown, view), line()] : [];
  const ledger = dryRun ? spaced(ledgerOf(restoreEntries(report, view))) : [];
  const isAny = messages.some(({ outcome }) => outcome === 'restorable');
  const command = dryRun && isAny ? [line(), ...applyBlocks(view, 'Nothing was changed.', { details: false })] : [];
  return [...ledger, ...table, line(restoreSummary(report)), ...command];
}

/** What comes back, and the room that it takes: what a dry run and the page show of it. */
export function restoreEntries(report: RestoreReport, view: View): LedgerEntry[] {
  const room = report.dryRun && report.room !== null ? roomAtMost(report.room) : [];
  return [...planEntries(summariseRestore(report), voiceOf(view)), ...room];
}

/** Where the file system links files, less is needed: that there is not enough nobody can say before. */
function roomAtMost({ neededBytes, freeBytes }: NonNullable<RestoreReport['room']>): LedgerEntry[] {
  if (neededBytes === 0) return [];
  const free = freeBytes === null ? '' : `, ${bytes(freeBytes)} free`;
  return [{ word: 'ROOM', amount: '', text: `at most ${bytes(neededBytes)} needed${free}` }];
}

function voiceOf({ verbose, nowS }: View): PlanVoice {
  return { isDone: false, verbose, sender: null, told: null, nowS };
}

function listingBlocks(messages: readonly RestoreMessage[], view: View): Block[] {
  const restorable = messages.filter(({ outcome }) => outcome === 'restorable');
  const there = messages.length - restorable.length;
  const others = there === 0 ? [] : [line(`and ${counted(there, 'message')} whose text is in its mailbox again`)];
  if (restorable.length === 0) return [line('Nothing that was expunged here can be brought back.'), ...others];
  return [...tableBlocks(restorable, view), ...others];
}

function tableBlocks(messages: readonly RestoreMessage[], view: View): Block[] {
  const shown = view.verbose ? messages : messages.slice(-rowsShownMax);
  const rest = messages.length - shown.length;
  const older = rest === 0 ? [] : [line(`and ${grouped(rest)} before these (--verbose shows all)`)];
  return [messageTable(shown, view), ...older];
}

function messageTable(messages: readonly RestoreMessage[], { verbose, columns, nowS, hostName }: View): Table {
  return {
    columns: [
      { title: 'EXPUNGED' },
      { title: 'BY' },
      ...(verbose ? [{ title: 'BUNDLE' }] : []),
      { title: 'MAILBOX' },
      ...(verbose ? [{ title: 'UID', align: 'right' as const }] : []),
      { title: 'MESSAGE' },
      { title: 'RECEIVED' },
      { title: 'SIZE', align: 'right' },
      { title: 'SUBJECT', gives: true },
    ],
    rows: messages.map(({ atS, by, bundle, mailbox, uid, guid, receivedS, sizeBytes, subject }) => [
      relative(atS, nowS),
      hostName(by),
      ...(verbose ? [bundle.fileName] : []),
      mailbox,
      ...(verbose ? [String(uid)] : []),
      guid.slice(0, guidDigitsShown),
      date(receivedS),
      bytes(sizeBytes),
      subject ?? '-',
    ]),
    widthMax: columns,
  };
}

/** `restored 3 messages to INBOX and Work; 1 message is in its mailbox already`. */
export function restoreSummary({ dryRun, messages }: RestoreReport): string {
  const of = (...outcomes: readonly RestoreOutcome[]) => messages.filter(({ outcome }) => outcomes.includes(outcome));
  const back = of('restored', 'restorable');
  const done =
    back.length === 0
      ? `nothing ${dryRun ? 'would be' : 'was'} restored`
      : `${dryRun ? 'would restore' : 'restored'} ${counted(back.length, 'message')} to ${mailboxesOf(back)}`;
  const parts: readonly (readonly [count: number, text: string])[] = [
    [of('there').length, 'in its mailbox already'],
    [of('waiting').length, 'still to be delivered'],
    [of('damaged').length, 'damaged'],
  ];
  const others = parts.flatMap(([count, text]) => {
    if (count === 0) return [];
    return `${counted(count, 'message')} ${count === 1 ? 'is' : 'are'} ${count === 1 ? text : text.replace('its mailbox', 'their mailboxes')}`;
  });
  return [done, ...others].join('; ');
}
