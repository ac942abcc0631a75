import { resolve } from 'node:path';
import type { StatusReport } from '../../check/reports/check-report-types.js';
import { Failure } from '../../failure.js';
import { privateCustody, replaceFile } from '../../fs/durable-write.js';
import { errnoOf } from '../../fs/errno.js';
import type { PagedReport } from '../../terminal/html/run-page.js';
import { commandWithoutDryRun } from '../../terminal/output/command-without-dry-run.js';
import type { Names } from '../../terminal/output/output-interface.js';
import type { LogRecord } from '../../terminal/output/summarise-log-entry.js';
import type { View } from '../../terminal/output/view-options-and-names.js';
import { textOf } from '../options/common-options.js';
import type { Context } from './command-context.js';

/**
 * Writes the page that --report asks for, readable for this user alone, as senders and subjects are in it. Nothing
 * where nobody asked. Throws `cannot-create` where it cannot be written: what was done is done.
 */
export async function writePage(
  context: Pick<Context, 'raw' | 'argv' | 'environment'>,
  reports: readonly PagedReport[],
  names: Names,
): Promise<void> {
  await writeReportFile(context, names, async (view) => {
    const { runPage } = await import('../../terminal/html/run-page.js');
    return runPage(reports, view);
  });
}

/** The same for the page of `status`; `records` gives the log, oldest first, and is asked only for a page. */
export async function writeStatusPage(
  context: Pick<Context, 'raw' | 'argv' | 'environment'>,
  { status, records }: { readonly status: StatusReport; readonly records: () => readonly LogRecord[] },
  names: Names,
): Promise<void> {
  await writeReportFile(context, names, async (view) => {
    const { statusPage } = await import('../../terminal/html/status-page.js');
    return statusPage(status, records(), view);
  });
}

async function writeReportFile(
  { raw, argv, environment }: Pick<Context, 'raw' | 'argv' | 'environment'>,
  names: Names,
  pageOf: (view: View) => Promise<string>,
): Promise<void> {
  const file = textOf(raw.report);
  if (file === null) return;
  const nowS = Math.floor(environment.nowMs() / 1000);
  const view = { ...names, isLast: true, verbose: true, columns: 0, nowS, command: commandWithoutDryRun(argv) };
  const path = resolve(environment.cwd, file);
  try {
    replaceFile(path, await pageOf(view), privateCustody);
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('cannot-create', `writing the page ${path}: ${errnoOf(cause)}; the run itself was finished`, {
      hint: 'Name a file in a directory that is there and that you may write to.',
      cause,
    });
  }
}

/** An import or export as it is shown elsewhere: messages, which a page has, are listed with --details alone. */
export function shownReport<T extends { readonly messages: unknown }>(report: T, { raw }: Pick<Context, 'raw'>): T {
  return raw.details === true ? report : { ...report, messages: null };
}
