import type { ImportedBundle, ImportedMailbox, ImportReport } from '../../flow/reports/run-report-types.js';
import { bytes, counted, listed, placeName, quoted } from '../format/format-amounts.js';
import { when } from '../format/format-times.js';
import { faint, type Line, line, strong } from '../format/styled-line.js';
import type { View } from '../output/view-options-and-names.js';
import { mailboxLines } from './mailbox-changes-text.js';
import { mendedSummary, scanLines } from './scan-text.js';
import { totalsText } from './totals-text.js';

/** An import in one line; with --dry-run or --verbose all that it does, mailbox by mailbox. */
export function importLines(report: ImportReport, view: View): Line[] {
  const place = placeName(report.source, 'input');
  if (report.dryRun || view.verbose)
    return [...importDetails(report, view), line(`${place}: ${importSummary(report)}`)];
  return [line(`${place}: ${[...mendedSummary(report.scan), importSummary(report)].join('; ')}`)];
}

/** `imported 2 bundles from home: 12 new messages (1.2 MB), 1 expunged`; in a dry run `would import`. */
export function importSummary({ dryRun, bundles, mailboxes, texts, withheld }: ImportReport): string {
  const parts = importTotals(mailboxes);
  const used = bundles.filter(({ outcome }) => outcome !== 'old' && outcome !== 'refused');
  const waiting =
    texts.waiting === 0 ? '' : `; ${counted(texts.waiting, 'text')} not here yet, to be asked for by the next export`;
  if (used.length === 0 && parts.length === 0) {
    const isRefused = bundles.some(({ outcome }) => outcome === 'refused');
    return `${!isRefused ? 'nothing new to import' : dryRun ? 'nothing would be imported' : 'nothing was imported'}${waiting}`;
  }
  const senders = [...new Set(used.flatMap(({ from }) => (from === null ? [] : [from.name])))];
  const from = senders.length === 0 ? '' : ` from ${listed(senders)}`;
  const what = parts.length === 0 ? 'no change to any mailbox' : parts.join(', ');
  const all = [what, ...withheldTexts(bundles, withheld)].join('; ');
  return `${dryRun ? 'would import' : 'imported'} ${counted(used.length, 'bundle')}${from}: ${all}${waiting}`;
}

/** `not taken of cabin: 1 new message, flags of 2 messages`: what limited peers said in vain, by peer. */
function withheldTexts(bundles: readonly ImportedBundle[], withheld: ImportReport['withheld']): string[] {
  const names = new Map(bundles.flatMap(({ from }) => (from === null ? [] : [[from.hostId, from.name] as const])));
  return [...names].flatMap(([host, name]) => {
    const sum = (aspect: 'messages' | 'flags' | 'expunges' | 'others'): number =>
      withheld.reduce((total, each) => total + (each.from === host ? each[aspect] : 0), 0);
    const [messages, flags, expunges, others] = [sum('messages'), sum('flags'), sum('expunges'), sum('others')];
    const parts = [
      ...(messages > 0 ? [counted(messages, 'new message')] : []),
      ...(flags > 0 ? [`flags of ${counted(flags, 'message')}`] : []),
      ...(expunges > 0 ? [`${expunges} expunged`] : []),
      ...(others > 0 ? [counted(others, 'change of a mailbox', 'changes of mailboxes')] : []),
    ];
    return parts.length === 0 ? [] : [`not taken of ${name}: ${parts.join(', ')}`];
  });
}

function importTotals(mailboxes: readonly ImportedMailbox[]): string[] {
  const counts: Record<string, number> = {};
  let newBytes = 0;
  for (const { decisions } of mailboxes) {
    for (const decision of decisions) {
      counts[decision.kind] = (counts[decision.kind] ?? 0) + 1;
      if (decision.kind === 'new') newBytes += decision.sizeBytes;
    }
  }
  const emptied = mailboxes.filter(({ decisions }) => decisions.some(({ kind }) => kind === 'expunged'));
  return totalsText(counts, { newBytes, expungedIn: emptied.length });
}

function importDetails(report: ImportReport, view: View): Line[] {
  const { scan, bundles, mailboxes } = report;
  const sections: Line[][] = [
    scanLines(scan, view),
    bundles.length === 0 ? [] : [line(strong('Bundles')), ...bundles.map((bundle) => bundleLine(bundle, view))],
    ...mailboxes.map((mailbox) => mailboxLines(mailbox, view)),
    textsLines(report),
  ];
  return sections.flatMap((section) => (section.length === 0 ? [] : [...section, line()]));
}

function textsLines({ dryRun, bundles, texts }: ImportReport): Line[] {
  const { arrived, bytes: size, linked, waiting } = texts;
  if (arrived + linked + waiting === 0) return [];
  // A dry run does not read them.
  const isUnsure = dryRun && bundles.some(({ outcome }) => outcome === 'incomplete');
  const parts = [
    `${isUnsure ? 'at most ' : ''}${counted(arrived, 'text')} from the bundles (${bytes(size)})`,
    `${linked} linked from copies in this store`,
    `${waiting} not here yet`,
  ];
  return [line(strong('Texts')), line(`  ${parts.join(', ')}`)];
}

function bundleLine({ fileName, sizeBytes, from, madeAtS, outcome, failure }: ImportedBundle, view: View): Line {
  const facts: string[] = [];
  if (from !== null) facts.push(`from ${from.name}`);
  if (sizeBytes !== null) facts.push(bytes(sizeBytes));
  if (madeAtS !== null) facts.push(`made ${when(madeAtS, view.nowS)}`);
  const verdicts = {
    taken: '',
    limited: 'its sender may not do all that it says',
    incomplete: 'used in part',
    old: 'nothing new in it',
    refused: 'not used',
  } as const;
  const verdict = failure?.message ?? verdicts[outcome];
  return line(
    `  ${quoted(fileName)}  `,
    faint(facts.join(', ')),
    verdict === '' ? '' : `${facts.length > 0 ? ': ' : ''}${verdict}`,
  );
}
