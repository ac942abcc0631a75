import { isOfOneThing } from '../failure.js';
import type { ExportOptions } from './export/export-options.js';
import { outgoingDeletionsCheck } from './export/guard-outgoing-deletions.js';
import { exportFrom } from './export/run-export.js';
import { importInto } from './import/run-import.js';
import { askBeforeNewMedium } from './medium/ask-before-new-medium.js';
import { lookAround } from './medium/find-waiting-bundles.js';
import { refuseUnpaired } from './peers/refuse-unpaired-export.js';
import type { ImportReport, SyncReport } from './reports/run-report-types.js';
import { beginRun, performRun } from './run/begin-run.js';
import type { Session } from './session/account-session.js';

export type SyncOptions = ExportOptions;

/**
 * For each directory: take in what waits there, then leave what the others lack. Trouble with one directory does not
 * stop the next, but for a guard, a lock or a broken identity, which concern all of them, and what ends any run.
 */
export async function syncWith(
  session: Session,
  directories: readonly string[],
  options: SyncOptions,
): Promise<SyncReport[]> {
  const reports: SyncReport[] = [];
  for (const directory of directories) reports.push(await syncOne(session, directory, options));
  return reports;
}

async function syncOne(session: Session, directory: string, options: SyncOptions): Promise<SyncReport> {
  let imported: ImportReport | null = null;
  let otherAccounts: readonly string[] = [];
  try {
    const { seen, bundlesWait, ...there } = await lookAround(session, directory);
    otherAccounts = there.otherAccounts;
    refuseUnpaired(session.catalog, { target: directory, plain: options.plain, others: otherAccounts });
    await askBeforeNewMedium(session, seen, options.newMedium);
    return await performRun(session, options, async () => {
      const run = await beginRun(session, options, outgoingDeletionsCheck(session, { directory, seen }, options));
      if (bundlesWait) imported = await importInto(session, run, { directory, seen }, options);
      const exported = await exportFrom(session, run, { directory, seen }, options);
      return { kind: 'sync', target: directory, import: imported, export: exported, otherAccounts, failure: null };
    });
  } catch (cause) {
    if (!isOfOneThing(cause) || concernsAll.has(cause.code)) throw cause;
    return { kind: 'sync', target: directory, import: imported, export: null, otherAccounts, failure: cause };
  }
}

/** What every directory would meet with as this one did, beyond what ends any run. */
const concernsAll: ReadonlySet<string> = new Set(['guard', 'locked', 'identity', 'unpaired']);
