import type { InspectReport, VerifyReport } from '../../../check/reports/check-report-types.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted, grouped, listed, quoted } from '../../format/format-amounts.js';
import { when } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, line, strong } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { labelledText } from '../sections/text-with-commands.js';

/** What a bundle says of itself and of each mailbox. */
export function inspectBlocks(report: InspectReport, view: View): Block[] {
  const { file, sizeBytes, formatVersion, account, from, to, number, madeAtS, mailboxes } = report;
  const size = sizeBytes === null ? '' : `, ${bytes(sizeBytes)}`;
  const facts: [string, string][] = [
    ['account', account],
    ['from', `${from.name} (${from.hostId})`],
    ['for', to.length === 0 ? 'any host of the account' : listed(to.map(view.hostName))],
    ['sealed', report.sealed ? 'yes' : 'no: whoever has the file can read it'],
    ['signed', `with ${report.signedBy}`],
    ['number', String(number)],
    ['made', when(madeAtS, view.nowS)],
    ['texts', report.texts === 0 ? 'none' : `${counted(report.texts, 'message text')}, ${bytes(report.textBytes)}`],
  ];
  if (report.wanted > 0) facts.push(['asks for', counted(report.wanted, 'text')]);
  if (report.answers > 0) facts.push(['answers', `${counted(report.answers, 'text')} that somebody asked for`]);
  const lines: Block[] = [
    line(strong(file), `: mrepl bundle, format ${formatVersion}${size}`),
    ...facts.map(([name, value]) => line(`  ${name.padEnd(9)}${value}`)),
    line(),
  ];
  if (mailboxes.length === 0) {
    const rest =
      report.texts === 0 ? 'it only says what its sender has received' : 'it brings texts that were asked for';
    lines.push(line(`It has news of no mailbox: ${rest}.`));
    return lines;
  }
  lines.push({
    columns: [
      { title: 'MAILBOX', gives: true },
      { title: 'MESSAGES', align: 'right' },
      { title: 'NEW', align: 'right' },
      { title: 'CHANGED', align: 'right' },
      { title: 'UIDVALIDITY', align: 'right' },
      { title: 'UIDNEXT', align: 'right' },
      { title: 'MODSEQ', align: 'right' },
      { title: 'SAYS' },
    ],
    rows: mailboxes.map((mailbox) => [
      mailbox.mailbox,
      grouped(mailbox.living),
      grouped(mailbox.saves),
      grouped(mailbox.updates),
      mailbox.uidValidity === null ? '-' : String(mailbox.uidValidity),
      String(mailbox.uidNext),
      String(mailbox.highestModseq),
      saying(mailbox),
    ]),
    widthMax: view.columns,
  });
  return lines;
}

function saying({ fromEmptyBase, part }: InspectReport['mailboxes'][number]): string {
  if (part) return fromEmptyBase ? 'the first part' : 'the next part';
  return fromEmptyBase ? 'everything' : 'what changed';
}

/** One line for an intact bundle; every finding for a damaged one. */
export function verifyBlocks({ file, sizeBytes, ok, records, texts, textBytes, findings }: VerifyReport): Block[] {
  const size = sizeBytes === null ? '' : `${bytes(sizeBytes)}, `;
  const counts = `${counted(records, 'record')}, ${counted(texts, 'text')} (${bytes(textBytes)})`;
  if (ok) return [line(`${quoted(file)}: `, { text: 'intact', emphasis: 'good' }, `: ${size}${counts}`)];
  return [
    line(`${quoted(file)}: `, { text: 'damaged', emphasis: 'bad' }, `: ${size}of which could be read: ${counts}`),
    ...findings.map(({ message }) => line(`  ${message}`)),
    ...[...new Map(findings.map(({ hint, advice }) => [hint, advice])).values()].flatMap((advice) =>
      advice === undefined ? [] : labelledText(faint('hint: '), advice),
    ),
  ];
}
