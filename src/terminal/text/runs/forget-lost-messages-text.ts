import type { ForgetMessage, ForgetReport } from '../../../flow/reports/run-report-types.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted, grouped, listed } from '../../format/format-amounts.js';
import { date } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { guidDigitsShown, mailboxesOf, rowsShownMax } from '../sections/message-list-limits.js';

/**
 * What waits for its text and who should have it, or in one line what was given up; with --dry-run or --verbose also
 * that in full.
 */
export function forgetBlocks(report: ForgetReport, view: View): Block[] {
  const { messages, isListing, dryRun } = report;
  if (isListing && messages.length === 0) return [line('No message waits for its text here.')];
  if (isListing) return tableBlocks(messages, view);
  if (messages.length === 0)
    return [line('No such message waits for its text: "mrepl forget" shows those that there are.')];
  return [...(dryRun || view.verbose ? [...tableBlocks(messages, view), line()] : []), line(summary(report))];
}

function tableBlocks(messages: readonly ForgetMessage[], { verbose, columns }: View): Block[] {
  const shown = verbose ? messages : messages.slice(0, rowsShownMax);
  const rest = messages.length - shown.length;
  return [
    {
      columns: [
        { title: 'MAILBOX', gives: true },
        { title: 'UID', align: 'right' },
        { title: 'MESSAGE' },
        { title: 'RECEIVED' },
        { title: 'SIZE', align: 'right' },
        { title: 'SHOULD HAVE IT' },
      ],
      rows: shown.map(({ mailbox, uid, guid, receivedS, sizeBytes, holders }) => [
        mailbox,
        uid === null ? '-' : String(uid),
        guid.slice(0, guidDigitsShown),
        date(receivedS),
        bytes(sizeBytes),
        holders.length === 0 ? 'nobody' : listed(holders),
      ]),
      widthMax: columns,
    },
    ...(rest === 0 ? [] : [line(`and ${grouped(rest)} after these (--verbose shows all)`)]),
  ];
}

/** `forgot 3 messages of INBOX; 1 message was left, whose text cabin should have`. */
function summary({ dryRun, messages }: ForgetReport): string {
  const held = messages.filter(({ outcome }) => outcome === 'held');
  const gone = messages.filter(({ outcome }) => outcome !== 'held');
  const done =
    gone.length === 0
      ? `nothing ${dryRun ? 'would be' : 'was'} forgotten`
      : `${dryRun ? 'would forget' : 'forgot'} ${counted(gone.length, 'message')} of ${mailboxesOf(gone)}`;
  if (held.length === 0) return done;
  const names = listed([...new Set(held.flatMap(({ holders }) => holders))].sort());
  const left = dryRun ? 'would be left' : held.length === 1 ? 'was left' : 'were left';
  return `${done}; ${counted(held.length, 'message')} ${left}, whose ${held.length === 1 ? 'text' : 'texts'} ${names} should have`;
}
