import type { MailboxStatus, StatusReport } from '../../../check/reports/check-report-types.js';
import type { Table } from '../../format/align-table.js';
import { counted, grouped, listed } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';
import type { OverviewReport } from '../../output/output-interface.js';
import type { View } from '../../output/view-options-and-names.js';
import { glanceBlocks } from './glance-text.js';

/** Where things stand, and a line for each mailbox. Deleted mailboxes only with --verbose. */
export function statusBlocks(report: StatusReport, view: View): Block[] {
  const mailboxes = report.mailboxes.filter(({ present }) => present || view.verbose);
  const hidden = report.mailboxes.length - mailboxes.length;
  return [
    ...glanceBlocks(report, view),
    line(),
    mailboxes.length === 0
      ? line('No mailbox has been seen yet: the first export, import or sync looks at the store.')
      : mailboxTable(mailboxes, view),
    ...(hidden > 0
      ? [line(`and ${counted(hidden, 'deleted mailbox', 'deleted mailboxes')} (--verbose shows them)`)]
      : []),
  ];
}

/** A row for each mailbox: its numbers, and where something is missing what. */
export function mailboxTable(mailboxes: readonly MailboxStatus[], view: Pick<View, 'columns'>): Table {
  const hasRemarks = mailboxes.some((mailbox) => remarkOn(mailbox) !== '');
  return {
    columns: [
      { title: 'MAILBOX', gives: true },
      { title: 'MESSAGES', align: 'right' },
      { title: 'UIDVALIDITY', align: 'right' },
      { title: 'UIDNEXT', align: 'right' },
      { title: 'MODSEQ', align: 'right' },
      // What it says stands above in full, so that it is the first to give way.
      ...(hasRemarks ? [{ title: 'LACKS', gives: 6 }] : []),
    ],
    rows: mailboxes.map((mailbox) => [
      mailbox.present ? mailbox.mailbox : `${mailbox.mailbox} (deleted)`,
      grouped(mailbox.messages),
      mailbox.uidValidity === null ? '-' : String(mailbox.uidValidity),
      String(mailbox.uidNext),
      String(mailbox.highestModseq),
      ...(hasRemarks ? [remarkOn(mailbox)] : []),
    ]),
    widthMax: view.columns,
  };
}

/** What is missing or damaged here, and which peers lack something of the mailbox. */
function remarkOn({ present, stored, waiting, damaged, behind }: MailboxStatus): string {
  const parts = [
    ...(present && !stored ? ['not in this store yet'] : []),
    ...(waiting > 0 ? [counted(waiting, 'text')] : []),
    ...(damaged > 0 ? [`${grouped(damaged)} damaged`] : []),
    ...(behind.length > 0 ? [`at ${listed(behind)}`] : []),
  ];
  return parts.join('; ');
}

/** What `mrepl` alone says: where things stand, or what to do first. */
export function overviewBlocks({ accounts, status }: OverviewReport, view: View): Block[] {
  const [first] = accounts;
  if (first === undefined) {
    return [
      line('No account is set up on this host yet. To begin:'),
      commands(['mrepl init', 'finds the mail, and asks'], ['mrepl --help', 'all commands']),
    ];
  }
  if (status === null) {
    return [
      line(`This host has the accounts ${listed(accounts)}. Of one of them:`),
      commands(`mrepl status --account ${first}`),
    ];
  }
  return [
    ...glanceBlocks(status, view),
    line(),
    commands(['mrepl status', 'the same, with all mailboxes'], ['mrepl --help', 'all commands']),
  ];
}
