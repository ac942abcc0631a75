import type { ImportedBundle, ImportedMailbox, ImportReport } from '../../../flow/reports/run-report-types.js';
import { trashKeptDays } from '../../../flow/trash/tidy-trash.js';
import { bytes } from '../../../mail/size-for-people.js';
import type { LedgerEntry } from '../../format/align-ledger.js';
import { counted, grouped, listed, placeName } from '../../format/format-amounts.js';
import { dayMonth, relative } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { type Line, line } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { isUnusual, messagesIn, type PlanSummary } from '../../plan/plan-summary.js';
import { summariseImport } from '../../plan/summarise-import.js';
import { applyBlocks } from '../sections/command-text.js';
import { messageBlocks } from '../sections/message-changes-text.js';
import { cutList, ledgerOf, type PlanVoice, planEntries, roomEntry, spaced } from '../sections/plan-text.js';
import { mendedSummary, scanEntries } from '../sections/scan-text.js';
import { totalsText } from '../sections/totals-text.js';

/**
 * An import: with --dry-run all that it would do, as a plan; else in one line, and behind that, where anything is
 * unusual or with --verbose, what it did.
 */
export function importBlocks(report: ImportReport, view: View): Block[] {
  const place = placeName(report.source, 'input');
  const plan = importPlan(report, view);
  if (report.dryRun) {
    if (!isPlannedImport(report)) return [...spaced(plan), line(`${place}: ${importSummary(report)}`)];
    return [...spaced(plan), ...applyBlocks(view, 'Nothing was changed.', { details: report.messages === null })];
  }
  const done = line(`${place}: ${[...mendedSummary(report.scan), importSummary(report)].join('; ')}`);
  const isShown = view.verbose || report.messages !== null || isUnusualImport(report, view);
  return isShown && plan.length > 0 ? [done, line(), ...plan] : [done];
}

/** Does a dry run of an import foresee that anything would be changed or noted? */
export function isPlannedImport({ bundles, mailboxes }: ImportReport): boolean {
  return usedOf(bundles).length > 0 || mailboxes.length > 0;
}

/** Should a person look at what an import did? */
export function isUnusualImport({ mailboxes, withheld }: ImportReport, view: View): boolean {
  const isAny = mailboxes.some(({ unstorable }) => unstorable.length > 0) || withheld.length > 0;
  return isAny || isUnusual(summariseImport({ mailboxes, newest: [] }, view));
}

/** From whom, and line by line what becomes of the mail here; nothing where nothing would change, or did. */
export function importPlan(report: ImportReport, view: View): Block[] {
  const { bundles, mailboxes, dryRun } = report;
  const summary = summariseImport(report, view);
  const senders = [...new Set(usedOf(bundles).flatMap(({ from }) => (from === null ? [] : [from.name])))];
  const voice = {
    isDone: !dryRun,
    verbose: view.verbose,
    sender: senders.length === 1 ? (senders[0] ?? null) : null,
    told: null,
    nowS: view.nowS,
  };
  const entries = [
    ...planEntries(summary, voice, restorableEntry(report, view)),
    ...textsEntry(report, summary, voice),
    ...keywordsEntry(mailboxes, voice),
    ...withheldTexts(bundles, report.withheld).map((text) => ({ word: 'LEFT', amount: '', text })),
    ...(dryRun || view.verbose ? scanEntries(report.scan, view) : []),
  ];
  const head = headLines(report, view);
  if (entries.length === 0)
    return dryRun && head.length > 0 ? [...head, line(), line('No mailbox is changed by it.')] : [];
  return [
    ...(head.length === 0 ? [] : [...head, line()]),
    ...ledgerOf([...entries, ...(dryRun ? roomEntry(report.room) : [])]),
    ...messageBlocks(report.messages, view),
  ];
}

function usedOf(bundles: readonly ImportedBundle[]): ImportedBundle[] {
  return bundles.filter(({ outcome }) => outcome !== 'old' && outcome !== 'refused');
}

/** `From cabin, bundles 42 to 44, made 2 days ago; 3.2 MB, intact, signed.`, for each sender. */
function headLines({ bundles, intact }: ImportReport, view: View): Line[] {
  const used = usedOf(bundles);
  const names = [...new Set(used.map(({ from }) => from?.name ?? '?'))];
  return names.map((name) => {
    const all = used.filter(({ from }) => (from?.name ?? '?') === name);
    const numbers = all.flatMap(({ number }) => (number === null ? [] : [number])).sort((a, b) => a - b);
    const madeAtS = all.reduce((latest, one) => Math.max(latest, one.madeAtS ?? 0), 0);
    const sizeBytes = all.reduce((sum, one) => sum + (one.sizeBytes ?? 0), 0);
    const isOf = (outcome: ImportedBundle['outcome']): boolean => all.some((one) => one.outcome === outcome);
    const facts = [
      ...(sizeBytes > 0 ? [bytes(sizeBytes)] : []),
      ...(intact ? ['intact'] : []),
      'signed',
      ...(isOf('incomplete') ? ['damaged: used in part, and texts may be missing'] : []),
      ...(isOf('limited') ? ['not all that it says may be done here'] : []),
    ];
    const made = madeAtS > 0 ? `, made ${relative(madeAtS, view.nowS)}` : '';
    return line(`From ${name}, ${numbersText(numbers)}${made}; ${facts.join(', ')}.`);
  });
}

/** `bundle 42`, `bundles 42 to 44`, `bundles 42, 44 and 45`. */
function numbersText(numbers: readonly number[]): string {
  const [first = 0, ...rest] = numbers;
  const last = rest.at(-1);
  if (last === undefined) return `bundle ${first}`;
  if (numbers.length > 2 && last - first + 1 === numbers.length) return `bundles ${first} to ${last}`;
  return `bundles ${listed(numbers.map(String))}`;
}

/** How what goes is brought back, and until when. */
function restorableEntry({ trashed }: ImportReport, { nowS }: View): LedgerEntry[] {
  if (trashed === 0) return [];
  const until = dayMonth(nowS + trashKeptDays * 86_400, nowS);
  const text = `${trashed === 1 ? 'message' : 'messages'}, until ${until} (see mrepl restore)`;
  return [{ word: 'TRASH', amount: grouped(trashed), text }];
}

function textsEntry(
  { texts, dryRun, waitsFor }: ImportReport,
  { awaited }: PlanSummary,
  voice: PlanVoice,
): LedgerEntry[] {
  const count = messagesIn(awaited);
  const [are, them] = texts.waiting === 1 ? ['is', 'it'] : ['are', 'them'];
  const not = dryRun ? 'would not be' : `${are} not`;
  const from = waitsFor.length === 0 ? '' : `; ${listed(waitsFor.map(({ name }) => name))} should have ${them}`;
  const waiting = `${counted(texts.waiting, 'text')} ${not} here yet: the next export asks for ${them}${from}`;
  if (count === 0) return texts.waiting === 0 ? [] : [{ word: 'TEXTS', amount: '', text: waiting }];
  const get = voice.isDone ? 'got' : count === 1 ? 'gets' : 'get';
  const text = `${count === 1 ? 'message' : 'messages'} ${get} the text that was missing`;
  const items = awaited.map(({ mailbox, messages }) => ({ name: mailbox, amount: grouped(messages), text: '' }));
  const rest = texts.waiting === 0 ? '' : `; ${waiting}`;
  return [{ word: 'TEXTS', amount: grouped(count), text: text + rest, items: cutList(items, voice) }];
}

function keywordsEntry(mailboxes: readonly ImportedMailbox[], voice: PlanVoice): LedgerEntry[] {
  const items = mailboxes.flatMap(({ mailbox, unstorable }) =>
    unstorable.length === 0 ? [] : [{ name: mailbox, amount: '', text: listed(unstorable) }],
  );
  if (items.length === 0) return [];
  const text = 'no room for these in the mailbox; kept in the catalog and passed on';
  return [{ word: 'KEYWORDS', amount: '', text, items: cutList(items, voice) }];
}

/** `imported 2 bundles from home: 12 new messages (1.2 MB), 1 expunged`; in a dry run `would import`. */
export function importSummary({ dryRun, bundles, mailboxes, texts, withheld }: ImportReport): string {
  const parts = importTotals(mailboxes);
  const used = usedOf(bundles);
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
