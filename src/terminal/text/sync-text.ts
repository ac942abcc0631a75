import type { SyncReport } from '../../flow/reports/run-report-types.js';
import { quoted } from '../format/format-amounts.js';
import type { Block } from '../format/line-or-table.js';
import { line } from '../format/styled-line.js';
import type { View } from '../output/view-options-and-names.js';
import { exportBlocks, exportSummary, outgoingBlocks } from './export-text.js';
import { importLines, importSummary } from './import-text.js';
import { newMediumLines } from './new-medium-text.js';
import { mendedSummary } from './scan-text.js';

/** Import and export of one directory in one line; with --dry-run or --verbose both in full. */
export function syncBlocks(report: SyncReport, view: View): Block[] {
  const parts = [report.import, report.export];
  if (view.verbose || parts.some((part) => part?.dryRun === true)) {
    if (report.export === null) return report.import === null ? [] : importLines(report.import, view);
    if (report.import === null) return exportBlocks(report.export, view);
    return [...importLines(report.import, view), line(), ...outgoingBlocks(report.export, view)];
  }
  const summaries = mendedSummary(report.export?.scan ?? report.import?.scan ?? { mended: [] });
  if (report.import !== null && !isIdleImport(report.import)) summaries.push(importSummary(report.import));
  if (report.export !== null && !isIdleExport(report.export)) summaries.push(exportSummary(report.export));
  if (summaries.length === 0) {
    if (report.failure !== null) return [];
    summaries.push('nothing new on either side');
  }
  const summary = line(`${quoted(report.target)}: ${summaries.join('; ')}`);
  return [summary, ...(report.export === null ? [] : newMediumLines(report.export, report.export))];
}

function isIdleImport({ bundles, mailboxes, texts }: NonNullable<SyncReport['import']>): boolean {
  const isTold = bundles.some(({ outcome }) => outcome !== 'old');
  return !isTold && mailboxes.length === 0 && texts.waiting === 0;
}

function isIdleExport({ bundles, removed, hasReaders }: NonNullable<SyncReport['export']>): boolean {
  return bundles.length === 0 && removed.length === 0 && hasReaders;
}
