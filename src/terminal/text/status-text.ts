import type { MailboxStatus, PeerStatus, StatusReport } from '../../check/reports/check-report-types.js';
import type { Table } from '../format/align-table.js';
import { counted, grouped, listed } from '../format/format-amounts.js';
import { when } from '../format/format-times.js';
import type { Block } from '../format/line-or-table.js';
import { line, strong } from '../format/styled-line.js';
import type { View } from '../output/view-options-and-names.js';

/** Who this host is, its mailboxes, its peers. Deleted mailboxes only with --verbose. */
export function statusBlocks(report: StatusReport, view: View): Block[] {
  const { account, host, store, peers, lastExport } = report;
  const mailboxes = report.mailboxes.filter(({ present }) => present || view.verbose);
  const hidden = report.mailboxes.length - mailboxes.length;
  const lines: Block[] = [
    line('account ', strong(account), ' on host ', strong(host.name), `: ${store}`),
    line(
      lastExport === null
        ? 'nothing exported yet'
        : `last export: bundle ${lastExport.number}, ${when(lastExport.madeAtS, view.nowS)}`,
    ),
    line(),
  ];
  if (mailboxes.length === 0)
    lines.push(line('No mailbox has been seen yet: the first export, import or sync looks at the store.'));
  else lines.push(mailboxTable(mailboxes, peers.length > 0, view));
  if (hidden > 0)
    lines.push(line(`and ${counted(hidden, 'deleted mailbox', 'deleted mailboxes')} (--verbose shows them)`));
  lines.push(line());
  if (peers.length === 0)
    lines.push(line('No other host has been heard of yet: that takes a bundle from there, and mrepl import here.'));
  else lines.push(peerTable(peers, view));
  return lines;
}

function mailboxTable(mailboxes: readonly MailboxStatus[], withPeers: boolean, view: View): Table {
  const anyDamaged = mailboxes.some(({ damaged }) => damaged > 0);
  return {
    columns: [
      { title: 'MAILBOX', gives: true },
      { title: 'MESSAGES', align: 'right' },
      { title: 'WAITING', align: 'right' },
      ...(anyDamaged ? [{ title: 'DAMAGED', align: 'right' as const }] : []),
      { title: 'UIDVALIDITY', align: 'right' },
      { title: 'UIDNEXT', align: 'right' },
      { title: 'MODSEQ', align: 'right' },
      ...(withPeers ? [{ title: 'PEERS' }] : []),
    ],
    rows: mailboxes.map((mailbox) => [
      mailbox.present ? mailbox.mailbox : `${mailbox.mailbox} (deleted)`,
      grouped(mailbox.messages),
      grouped(mailbox.waiting),
      ...(anyDamaged ? [grouped(mailbox.damaged)] : []),
      mailbox.uidValidity === null ? '-' : String(mailbox.uidValidity),
      String(mailbox.uidNext),
      String(mailbox.highestModseq),
      peersText(mailbox),
    ]),
    widthMax: view.columns,
  };
}

function peersText({ present, stored, upToDate, behind }: MailboxStatus): string {
  if (present && !stored) return 'not in this store yet'; // what comes next is up to this host
  if (behind.length === 0) return upToDate.length === 0 ? '-' : 'know all of it';
  return `${listed(behind)} ${behind.length === 1 ? 'lacks' : 'lack'} something`;
}

function peerTable(peers: readonly PeerStatus[], view: View): Table {
  return {
    columns: [
      { title: 'PEER', gives: true },
      { title: 'LAST HEARD OF' },
      { title: 'BUNDLE', align: 'right' },
      { title: 'MAILBOXES BEHIND', align: 'right' },
      { title: 'TEXTS WANTED', align: 'right' },
    ],
    rows: peers.map(({ name, lastHeardS, lastNumber, mailboxesBehind, wantedTexts }) => [
      name,
      lastHeardS === null ? 'never' : when(lastHeardS, view.nowS),
      lastNumber === 0 ? '-' : String(lastNumber),
      grouped(mailboxesBehind),
      grouped(wantedTexts),
    ]),
    widthMax: view.columns,
  };
}
