import type { DoctorReport } from '../../check/reports/check-report-types.js';
import type { Finding } from '../../check/reports/doctor-finding.js';
import { bytes, counted } from '../format/format-amounts.js';
import { faint, type Line, line, strong, warning } from '../format/styled-line.js';

/** What was looked at, every finding with its remedy, and how many there are. */
export function doctorLines(report: DoctorReport): Line[] {
  const { account, host, store, mailboxes, messages, deep, texts, textBytes, findings } = report;
  const lines: Line[] = [];
  if (account !== null && host !== null && store !== null) {
    const seen = `${counted(mailboxes, 'mailbox', 'mailboxes')}, ${counted(messages, 'message')}`;
    lines.push(line('account ', strong(account), ' on host ', strong(host.name), `: ${store}: ${seen}`));
    if (deep) lines.push(line(`read and compared: ${counted(texts, 'text')} (${bytes(textBytes)})`));
    lines.push(line());
  }
  const groups = grouped(findings);
  for (const group of groups) {
    for (const one of findingLines(group)) lines.push(one);
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
    if (last?.[0]?.remedy === finding.remedy && last[0].weight === finding.weight) last.push(finding);
    else groups.push([finding]);
  }
  return groups;
}

/** Findings that share a remedy, each on a line, and behind them the remedy of the first. */
export function findingLines(group: readonly Finding[]): Line[] {
  const remedy = group[0]?.remedy ?? '';
  return [
    ...group.map(({ weight, what }) => line(weight === 'fault' ? warning('wrong: ') : faint('note: '), what)),
    line(faint('  do: '), remedy),
  ];
}
