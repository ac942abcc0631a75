import { resolve } from 'node:path';
import { Failure } from '../../failure.js';
import { privateCustody, replaceFile } from '../../fs/durable-write.js';
import { errnoOf } from '../../fs/errno.js';
import type { PagedReport } from '../../terminal/html/run-page.js';
import { commandWithoutDryRun } from '../../terminal/output/command-without-dry-run.js';
import type { Names } from '../../terminal/output/output-interface.js';
import { textOf } from '../options/common-options.js';
import type { Context } from './command-context.js';

/**
 * Writes the page that --report asks for, readable for this user alone, as senders and subjects are in it. Nothing
 * where nobody asked. Throws `cannot-create` where it cannot be written: what was done is done.
 */
export async function writePage(
  { raw, argv, environment }: Pick<Context, 'raw' | 'argv' | 'environment'>,
  reports: readonly PagedReport[],
  names: Names,
): Promise<void> {
  const file = textOf(raw.report);
  if (file === null) return;
  const { runPage } = await import('../../terminal/html/run-page.js');
  const nowS = Math.floor(environment.nowMs() / 1000);
  const view = { ...names, isLast: true, verbose: true, columns: 0, nowS, command: commandWithoutDryRun(argv) };
  const path = resolve(environment.cwd, file);
  try {
    replaceFile(path, runPage(reports, view), privateCustody);
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
