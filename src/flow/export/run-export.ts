import { askBeforeNewMedium } from '../medium/ask-before-new-medium.js';
import { seeTarget } from '../medium/check-medium-is-mounted.js';
import { otherAccountsAt } from '../medium/find-waiting-bundles.js';
import { refuseUnpaired } from '../peers/refuse-unpaired-export.js';
import type { ExportReport } from '../reports/run-report-types.js';
import { beginRun, performRun, type Run } from '../run/begin-run.js';
import type { Session } from '../session/account-session.js';
import { startAllowance } from './byte-budget.js';
import type { ExportOptions } from './export-options.js';
import { emptySeries, unsentIn } from './export-outcome.js';
import { exportReport } from './export-report.js';
import { type ExportTarget, openOutlet } from './export-to-directory-or-pipe.js';
import { assessExport } from './gather-facts-for-export.js';
import { outgoingDeletionsCheck } from './guard-outgoing-deletions.js';
import { planExport } from './plan-export.js';
import { foreseenEnd, recordExport } from './record-export.js';

/**
 * Writes what the peers lack, as one bundle or as many as it takes, and removes those of ours that everybody has taken
 * in. Throws `unpaired` where anybody could read it and nobody said so, `revoked` where a pipe would have no reader,
 * `medium-full` where nothing fits, and what `beginRun` and the target throw.
 */
export async function exportTo(session: Session, target: ExportTarget, options: ExportOptions): Promise<ExportReport> {
  const place = 'sink' in target ? target : { ...target, seen: seeTarget(session, target.directory) };
  const otherAccounts = 'sink' in target ? [] : await otherAccountsAt(session, target.directory);
  const where = { target: 'sink' in target ? '-' : target.directory, plain: options.plain };
  refuseUnpaired(session.catalog, { ...where, others: otherAccounts });
  if ('seen' in place) await askBeforeNewMedium(session, place.seen, options.newMedium);
  const check = outgoingDeletionsCheck(session, place, options);
  const report = await performRun(session, options, async () =>
    exportFrom(session, await beginRun(session, options, check), place, options),
  );
  return { ...report, otherAccounts };
}

/**
 * The export proper, after `beginRun`, and within the same `performRun`: what is the case is found out, what to do is
 * decided, and done. A dry run reports what was decided (mrepl-sync(7), WHAT A BUNDLE SAYS).
 */
export async function exportFrom(
  session: Session,
  run: Run,
  target: ExportTarget,
  options: ExportOptions,
): Promise<ExportReport> {
  const { bench } = run;
  const { dryRun, full, maxBytes = Number.POSITIVE_INFINITY } = options;
  const outlet = await openOutlet(session, target);
  const { freeBytes } = outlet.room();
  const allowance = startAllowance({ maxBytes, room: () => outlet.room() });

  const situation = await assessExport(session, run, { outlet, fileBytes: allowance.fileBytes }, options);
  const plan = planExport(situation, {
    self: session.catalog.identity.hostId,
    full,
    isAwaited: outlet.isAwaited,
  });
  const series = plan.isIdle
    ? emptySeries
    : await (await import('./write-bundle-series.js')).writeSeries(session, outlet, { bench, plan, allowance, dryRun });
  const unsent = unsentIn(series, situation.deferred, outlet.name);
  if (unsent.tooMuch !== null && series.bundles.length === 0) throw unsent.tooMuch.failure;

  const written = { situation, plan, series, unsent };
  const end = dryRun ? foreseenEnd(written) : await recordExport(session, run, outlet, written);
  const isNew = 'directory' in target && target.seen?.id === null;
  const messages =
    options.details === true
      ? await (await import('./describe-told-messages.js')).describeTold(session, run, series.bundles)
      : null;
  return { ...exportReport(run, written, end, { target: { name: outlet.name, isNew, freeBytes }, options }), messages };
}
