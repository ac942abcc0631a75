import { commandText } from '../../failure.js';
import type { MessageChange } from '../../flow/reports/message-change-type.js';
import type { ExportReport, ImportReport, RestoreReport, SyncReport } from '../../flow/reports/run-report-types.js';
import { visible } from '../format/escape-control-characters.js';
import { counted, listed } from '../format/format-amounts.js';
import { dateTime } from '../format/format-times.js';
import { type Block, isLedger, isTable } from '../format/line-or-table.js';
import { plainText } from '../format/styled-line.js';
import { troublesOf } from '../output/run-troubles.js';
import type { View } from '../output/view-options-and-names.js';
import { messagesIn, type PlanSummary } from '../plan/plan-summary.js';
import { summariseExport } from '../plan/summarise-export.js';
import { summariseImport } from '../plan/summarise-import.js';
import { summariseRestore } from '../plan/summarise-restore.js';
import { exportPlan, exportSummary, isPlannedExport } from '../text/runs/export-text.js';
import { importPlan, importSummary, isPlannedImport } from '../text/runs/import-text.js';
import { restoreEntries, restoreSummary } from '../text/runs/restore-text.js';
import { conflictText, flagWord } from '../text/sections/plan-text.js';
import { mergeRules } from './merge-rules-in-short.js';
import type { PageData, PageMailbox, PageMessage, PagePlan, PageTile } from './page-data.js';
import { selfContainedPage } from './self-contained-page.js';

/** What runs in the browser: a file beside this one. The package has it with all that it imports in it. */
const scriptUrl = new URL('./page-script.js', import.meta.url);

/** What a page can tell of. */
export type PagedReport = ImportReport | ExportReport | SyncReport | RestoreReport;

/** Runs as one page for a browser, each with its own plans; of several the messages are in one table. */
export function runPage(reports: readonly PagedReport[], view: View): string {
  const data = pageData(reports, view);
  return selfContainedPage(data.title, data, scriptUrl);
}

/** What such a page shows. Of what comes from elsewhere, characters that are not seen are shown as escapes. */
function pageData(reports: readonly PagedReport[], view: View): PageData {
  const halves = reports.flatMap((report) => halvesOf(report, view));
  const isDryRun = reports.some(isDry);
  const isAny = halves.some(({ isPlanned }) => isPlanned);
  const troubles = reports.flatMap(troublesOf);
  const all = halves.flatMap(({ messages }) => messages ?? []);
  return {
    title: `mrepl ${view.command[0] ?? ''}: ${isDryRun ? 'what would be done' : 'what was done'}`,
    verdict: halves.map(({ verdict }) => verdict).join('; ') || 'nothing was done',
    facts: [dateTime(view.nowS), ...halves.flatMap(({ facts }) => facts)].map(visible),
    command: isDryRun && isAny ? visible(commandText({ words: ['mrepl', ...view.command] })) : null,
    plans: withTrouble(
      halves.map(({ plan }) => plan),
      troubles.length,
    ),
    messages: halves.some(({ messages }) => messages !== null) ? all : null,
    waits:
      halves
        .flatMap(({ waits }) => waits)
        .map(visible)
        .join('; ') || null,
    troubles: troubles.map(({ subject, failure: { message, hint } }) => ({
      subject: visible(subject),
      message: visible(message),
      hint: hint === undefined ? null : visible(String(hint)),
    })),
    rules: halves.some(({ plan }) => plan.conflicts.length > 0) ? mergeRules : [],
  };
}

/** The first plan gets the tile of what did not work in any. */
function withTrouble([first, ...others]: readonly PagePlan[], count: number): PagePlan[] {
  if (first === undefined) return [];
  return [{ ...first, tiles: [...first.tiles, { label: 'trouble', count, kind: null, part: 'trouble' }] }, ...others];
}

type Half = {
  readonly verdict: string;
  readonly facts: readonly string[];
  readonly isPlanned: boolean;
  readonly plan: PagePlan;
  readonly messages: readonly PageMessage[] | null;
  /** What is waited for, in words. */
  readonly waits: readonly string[];
};

function isDry(report: PagedReport): boolean {
  return report.kind === 'sync'
    ? report.import?.dryRun === true || report.export?.dryRun === true
    : report.dryRun || (report.kind === 'restore' && report.isListing);
}

function halvesOf(report: PagedReport, view: View): Half[] {
  if (report.kind === 'import') return [importHalf(report, view)];
  if (report.kind === 'export') return [exportHalf(report, view)];
  if (report.kind === 'restore') return [restoreHalf(report, view)];
  return [
    ...(report.import === null ? [] : [importHalf(report.import, view)]),
    ...(report.export === null ? [] : [exportHalf(report.export, view)]),
  ];
}

function importHalf(report: ImportReport, view: View): Half {
  const summary = summariseImport(report, view);
  const blocks = importPlan({ ...report, messages: null }, { ...view, verbose: true });
  const trash = `mrepl restore brings back what goes for 30 days, unless trash-size lets it go earlier.`;
  return {
    verdict: importSummary(report),
    facts: linesIn(blocks),
    isPlanned: report.dryRun && isPlannedImport(report),
    plan: {
      title: report.dryRun ? 'What would happen here' : 'What happened here',
      undo: report.trashed > 0 ? trash : null,
      ...partsOf(summary, { blocks, isDone: !report.dryRun, messages: report.messages ?? [] }),
    },
    messages: messagesOf(report.messages, { view, summary, isDone: !report.dryRun }),
    waits: waitsOf(report),
  };
}

function exportHalf(report: ExportReport, view: View): Half {
  const summary = summariseExport(report);
  const blocks = exportPlan({ ...report, messages: null }, { ...view, verbose: true });
  return {
    verdict: exportSummary(report),
    facts: linesIn(blocks),
    isPlanned: report.dryRun && isPlannedExport(report),
    plan: {
      title: report.dryRun ? 'What the other hosts would be told' : 'What the other hosts are told',
      undo: null,
      ...partsOf(summary, { blocks, isDone: !report.dryRun, messages: [] }),
    },
    messages: messagesOf(report.messages, { view, summary, isDone: !report.dryRun }),
    waits: [],
  };
}

function restoreHalf(report: RestoreReport, view: View): Half {
  const back = report.messages.filter(({ outcome }) => outcome === 'restored' || outcome === 'restorable');
  const { comes } = summariseRestore(report);
  const mailboxes = mailboxRows({ goes: [], comes, moves: [], flags: [] }, []);
  return {
    verdict: restoreSummary(report),
    facts: [],
    waits: [],
    isPlanned: report.dryRun && back.length > 0,
    plan: {
      title: report.dryRun || report.isListing ? 'What can be brought back' : 'What was brought back',
      tiles: [{ label: 'comes back', count: back.length, kind: 'comes' }],
      ...{ mailboxes, conflicts: [], undo: null, words: wordsIn([{ headings: restoreEntries(report, view) }]) },
    },
    messages: back.map(({ mailbox, uid, flags, subject, receivedS, sizeBytes, by }) => ({
      ...{ k: 'comes', m: visible(mailbox), o: null, u: String(uid), f: flagsText(flags), s: '' },
      ...{ t: visible(subject ?? ''), r: receivedS, b: sizeBytes, h: visible(view.hostName(by)) },
    })),
  };
}

/** The lines before the ledger: from whom, to whom. */
function linesIn(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    isLedger(block) || isTable(block) || 'commands' in block ? [] : [plainText(block)],
  );
}

function partsOf(
  summary: PlanSummary,
  {
    blocks,
    isDone,
    messages,
  }: {
    readonly blocks: readonly Block[];
    readonly isDone: boolean;
    /** Those whose sizes are known. */
    readonly messages: readonly MessageChange[];
  },
): Pick<PagePlan, 'tiles' | 'mailboxes' | 'conflicts' | 'words'> {
  const { goes, comes, moves, flags, same, anew, uids, conflicts } = summary;
  const renumbered = uids.reduce((sum, { runs }) => sum + runs.reduce((all, { count }) => all + count, 0), 0);
  const tiles: PageTile[] = [
    { label: 'goes', count: messagesIn(goes), kind: 'goes' },
    { label: 'comes', count: messagesIn(comes), kind: 'comes' },
    { label: 'moves', count: messagesIn(moves), kind: 'moves' },
    { label: 'other flags', count: flags.messages, kind: 'flags' },
    { label: 'on both sides', count: same.messages, kind: 'same' },
    { label: 'written anew', count: messagesIn(anew), kind: 'anew' },
    { label: 'renumbered', count: renumbered, kind: 'uid' },
    { label: 'conflicts', count: conflicts.length, kind: 'conflict', part: 'conflicts' },
  ];
  return {
    tiles,
    mailboxes: mailboxRows({ goes, comes, moves, flags: flags.mailboxes }, messages),
    conflicts: conflicts.map((conflict) => ({
      where: visible(conflict.uid === null ? conflict.mailbox : `${conflict.mailbox}, UID ${conflict.uid}`),
      what: visible(conflictText(conflict, { isDone })),
      rule: `rule-${conflict.about}`,
    })),
    words: wordsIn(blocks),
  };
}

/** What a terminal shows of a plan. */
function wordsIn(blocks: readonly Block[]): PagePlan['words'] {
  return blocks.flatMap((block) =>
    isLedger(block)
      ? block.headings.map(({ word, amount, text, items = [] }) => ({
          word,
          text: visible(`${amount} ${text}`.trim()),
          items: items.map((item) => visible([item.name, item.amount, item.text].filter(Boolean).join('  '))),
        }))
      : [],
  );
}

function mailboxRows(
  {
    goes,
    comes,
    moves,
    flags,
  }: Pick<PlanSummary, 'goes' | 'comes' | 'moves'> & { readonly flags: PlanSummary['flags']['mailboxes'] },
  messages: readonly MessageChange[],
): PageMailbox[] {
  const rows = new Map<string, PageMailbox>();
  const add = (name: string, more: Partial<Omit<PageMailbox, 'name'>>): void => {
    const row = rows.get(name) ?? {
      name: visible(name),
      goes: 0,
      goesBytes: null,
      comes: 0,
      comesBytes: 0,
      changes: 0,
    };
    rows.set(name, {
      ...row,
      goes: row.goes + (more.goes ?? 0),
      goesBytes: more.goesBytes ?? row.goesBytes,
      comes: row.comes + (more.comes ?? 0),
      comesBytes: row.comesBytes + (more.comesBytes ?? 0),
      changes: row.changes + (more.changes ?? 0),
    });
  };
  const bytesGoing = new Map<string, number>();
  for (const { what, mailbox, sizeBytes } of messages) {
    if (what === 'goes') bytesGoing.set(mailbox, (bytesGoing.get(mailbox) ?? 0) + sizeBytes);
  }
  for (const { mailbox, messages } of goes) {
    add(mailbox, { goes: messages, goesBytes: bytesGoing.get(mailbox) ?? null });
  }
  for (const { mailbox, messages, sizeBytes } of comes) add(mailbox, { comes: messages, comesBytes: sizeBytes });
  for (const { to, messages } of moves) add(to, { changes: messages });
  for (const { mailbox, messages } of flags) add(mailbox, { changes: messages });
  return [...rows.values()];
}

/** What is not here yet, and who should have it. */
function waitsOf({ texts, waitsFor }: ImportReport): string[] {
  if (texts.waiting === 0) return [];
  const from = waitsFor.map(({ name, texts }) => `${counted(texts, 'text')} from ${name}`);
  const whole = `${counted(texts.waiting, 'text')} not here yet; the next export asks for what is missing`;
  return [from.length === 0 ? `${whole}; no host is known to have any of it` : `${whole}: ${listed(from)}`];
}

function messagesOf(
  messages: readonly MessageChange[] | null,
  { view, summary, isDone }: { readonly view: View; readonly summary: PlanSummary; readonly isDone: boolean },
): PageMessage[] | null {
  const disputed = new Set(summary.conflicts.map(({ mailbox, uid }) => `${uid} ${mailbox}`));
  const uidOf = ({ uidBefore, uidAfter, what }: MessageChange): number | null =>
    isDone && what !== 'goes' ? uidAfter : uidBefore;
  return (
    messages?.map((message) => ({
      ...{ k: message.what, m: visible(message.mailbox), o: message.from && visible(message.from) },
      ...{ u: uidText(message), f: flagsChange(message), s: visible(message.sender ?? '') },
      ...{ t: visible(message.subject ?? ''), r: message.receivedS, b: message.sizeBytes },
      h: message.by === null ? '' : visible(view.hostName(message.by)),
      ...(disputed.has(`${uidOf(message)} ${message.mailbox}`) ? { c: 1 as const } : {}),
    })) ?? null
  );
}

function uidText({ uidBefore, uidAfter }: MessageChange): string {
  if (uidBefore === null || uidAfter === null || uidBefore === uidAfter) return String(uidAfter ?? uidBefore ?? '');
  return `${uidBefore} \u2192 ${uidAfter}`;
}

function flagsText(flags: readonly string[]): string {
  return visible(flags.map((flag) => flagWord(flag, true)).join(', '));
}

function flagsChange({ flagsBefore, flagsAfter, what }: MessageChange): string {
  const [before, after] = [flagsText(flagsBefore), flagsText(flagsAfter)];
  if (what === 'comes' || before === after) return after;
  if (what === 'goes') return before;
  return `${before === '' ? 'none' : before} \u2192 ${after === '' ? 'none' : after}`;
}
