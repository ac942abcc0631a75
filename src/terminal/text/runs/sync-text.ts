import type { SyncReport } from '../../../flow/reports/run-report-types.js';
import { quoted } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line, strong } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';
import { applyBlocks } from '../sections/command-text.js';
import { newMediumLines } from '../sections/new-medium-text.js';
import { spaced } from '../sections/plan-text.js';
import { mendedSummary } from '../sections/scan-text.js';
import { exportPlan, exportSummary, isPlannedExport, isUnusualExport } from './export-text.js';
import { importPlan, importSummary, isPlannedImport, isUnusualImport } from './import-text.js';

/**
 * Import and export of one directory: with --dry-run both as plans, else in one line, and behind that whatever of it is
 * unusual, or with --verbose all.
 */
export function syncBlocks(report: SyncReport, view: View): Block[] {
  const { import: imported, export: exported } = report;
  if (imported?.dryRun === true || exported?.dryRun === true) return plannedBlocks(report, view);
  const summaries = mendedSummary(exported?.scan ?? imported?.scan ?? { mended: [] });
  if (imported !== null && !isIdleImport(imported)) summaries.push(importSummary(imported));
  if (exported !== null && !isIdleExport(exported)) summaries.push(exportSummary(exported));
  if (summaries.length === 0) {
    if (report.failure !== null) return [];
    summaries.push('nothing new on either side');
  }
  const told = [
    ...(imported !== null && (view.verbose || imported.messages !== null || isUnusualImport(imported, view))
      ? [importPlan(imported, view)]
      : []),
    ...(exported !== null && (view.verbose || exported.messages !== null || isUnusualExport(exported))
      ? [exportPlan(exported, view, { scan: imported === null })]
      : []),
  ];
  return [
    line(`${quoted(report.target)}: ${summaries.join('; ')}`),
    ...(exported === null ? [] : newMediumLines(exported, exported)),
    ...told.flatMap((plan) => (plan.length === 0 ? [] : [line(), ...plan])),
  ];
}

/** Both halves of a dry run, the export behind the import. */
function plannedBlocks({ target, import: imported, export: exported }: SyncReport, view: View): Block[] {
  const comes = imported === null ? [] : importPlan(imported, view);
  const goes = exported === null ? [] : exportPlan(exported, view, { scan: imported === null });
  const [imports, exports] = [
    imported !== null && isPlannedImport(imported),
    exported !== null && isPlannedExport(exported),
  ];
  const place = quoted(target);
  if (!imports && !exports) return [...spaced(comes), ...spaced(goes), line(`${place}: nothing new on either side`)];
  return [
    ...spaced(comes),
    ...(imports ? [] : [line(`${place}: nothing new to import`), line()]),
    ...(exports && imports ? [line(strong('And then, with that done'))] : []),
    ...spaced(goes),
    ...(exports ? [] : [line(`${place}: nothing new to export`), line()]),
    ...(exported === null ? [] : newMediumLines(exported, exported)),
    ...applyBlocks(view, 'Nothing was changed.', { details: imported?.messages == null && exported?.messages == null }),
  ];
}

function isIdleImport({ bundles, mailboxes, texts }: NonNullable<SyncReport['import']>): boolean {
  const isTold = bundles.some(({ outcome }) => outcome !== 'old');
  return !isTold && mailboxes.length === 0 && texts.waiting === 0;
}

function isIdleExport({ bundles, removed, hasReaders }: NonNullable<SyncReport['export']>): boolean {
  return bundles.length === 0 && removed.length === 0 && hasReaders;
}
