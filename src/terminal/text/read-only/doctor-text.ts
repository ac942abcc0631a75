import type { DoctorReport } from '../../../check/reports/check-report-types.js';
import type { Finding } from '../../../check/reports/doctor-finding.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, line, strong, warning } from '../../format/styled-line.js';
import { labelledText } from '../sections/text-with-commands.js';

/** What was looked at, every finding with its remedy, and how many there are. */
export function doctorBlocks(report: DoctorReport): Block[] {
  const { account, host, store, about, mailboxes, messages, deep, texts, textBytes, findings } = report;
  const lines: Block[] = [];
  if (account !== null && host !== null && store !== null) {
    const seen = `${counted(mailboxes, 'mailbox', 'mailboxes')}, ${counted(messages, 'message')}`;
    lines.push(line('account ', strong(account), ' on host ', strong(host.name), `: ${store}: ${seen}`));
    for (const sentence of about) lines.push(line('  ', faint(sentence)));
    if (deep) lines.push(line(`read and compared: ${counted(texts, 'text')} (${bytes(textBytes)})`));
    lines.push(line());
  }
  const groups = grouped(findings);
  for (const group of groups) {
    for (const one of findingBlocks(group)) lines.push(one);
    lines.push(line());
  }
  const faults = findings.filter(({ weight }) => weight === 'fault').length;
  lines.push(
    faults === 0
      ? line(
          { text: 'all is sound', emphasis: 'good' },
          ...(deep || account === null ? [] : [', as far as can be seen without --deep']),
        )
      : line({ text: `${counted(faults, 'thing')} ${faults === 1 ? 'is' : 'are'} wrong`, emphasis: 'bad' }),
  );
  return lines;
}

/** Findings in a row that have one remedy. */
function grouped(findings: readonly Finding[]): Finding[][] {
  const groups: Finding[][] = [];
  for (const finding of findings) {
    const last = groups.at(-1);
    const first = last?.[0];
    if (String(first?.remedy) === String(finding.remedy) && first?.weight === finding.weight) last?.push(finding);
    else groups.push([finding]);
  }
  return groups;
}

/** Findings that share a remedy, each on a line, and behind them the remedy of the first. */
export function findingBlocks(group: readonly Finding[]): Block[] {
  const remedy = group[0]?.remedy ?? '';
  return [
    ...group.map(({ weight, what }) => line(weight === 'fault' ? warning('wrong: ') : faint('note: '), what)),
    ...labelledText(faint('  do: '), remedy),
  ];
}
