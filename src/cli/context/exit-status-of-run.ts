import type { ImportReport } from '../../flow/reports/run-report-types.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { type RunReport, troublesOf } from '../../terminal/output/run-troubles.js';
import { exitStatus, statusOfFailure } from './exit-status.js';

/**
 * The exit status of a run that came to its end: 0, or 3 where something in it did not work, or that trouble's own
 * status where nothing else was done. `asked` is --exit-code: 2 where there is something to do.
 */
export function statusOfRun(reports: readonly RunReport[], asked: boolean): number {
  const troubles = reports.flatMap(troublesOf);
  if (troubles.length > 0) {
    return reports.every((report) => cameToNothing(report)) ? commonStatus(troubles) : exitStatus.partly;
  }
  return asked && reports.some(hasWork) ? exitStatus.somethingToDo : exitStatus.done;
}

function cameToNothing(report: RunReport): boolean {
  switch (report.kind) {
    case 'export':
    case 'forget':
      return false;
    case 'import':
      return report.bundles.length > 0 && report.bundles.every(({ outcome }) => outcome === 'refused');
    case 'sync':
      return report.failure !== null && (report.import === null || isIdle(report.import));
    case 'restore':
      return report.messages.length > 0 && report.messages.every(({ outcome }) => outcome === 'damaged');
    default:
      return report satisfies never;
  }
}

/** Nothing waited that an import could have looked at. */
function isIdle({ bundles, mailboxes }: ImportReport): boolean {
  return bundles.length === 0 && mailboxes.length === 0;
}

function commonStatus(troubles: readonly Trouble[]): number {
  const statuses = new Set(troubles.map(({ failure }) => statusOfFailure(failure.code)));
  const [status] = statuses;
  return statuses.size === 1 && status !== undefined ? status : exitStatus.partly;
}

/**
 * Would this run, or did it, change or write anything? Looking at the store and finding news there does not count by
 * itself.
 */
export function hasWork(report: RunReport): boolean {
  switch (report.kind) {
    case 'export':
      return report.bundles.length > 0 || report.removed.length > 0;
    case 'import':
      return report.mailboxes.some(({ decisions }) => decisions.length > 0) || report.texts.arrived > 0;
    case 'sync':
      return (report.import !== null && hasWork(report.import)) || (report.export !== null && hasWork(report.export));
    case 'restore':
      return report.messages.some(({ outcome }) => outcome === 'restorable' || outcome === 'restored');
    case 'forget':
      return report.messages.some(({ outcome }) => outcome !== 'held');
    default:
      return report satisfies never;
  }
}
