import { named, rightAccount } from '../../flow/peers/refuse-unpaired-export.js';
import type { ExportReport, ImportReport } from '../../flow/reports/run-report-types.js';
import { trashKeptDays } from '../../flow/trash/tidy-trash.js';
import type { Block } from '../format/line-or-table.js';
import { faint, type Line, line } from '../format/styled-line.js';
import { commands } from '../format/typed-commands.js';
import type { Report } from '../output/output-interface.js';
import { labelledText } from './text-with-commands.js';

/** What to do next, for people at a terminal only. */
export function farewellBlocks(report: Report): Block[] {
  const hint = farewell(report);
  if (hint === null) return [];
  return typeof hint === 'string' ? [line(faint(hint))] : hint;
}

/**
 * What to do where an import expunged, or in a dry run would expunge, what somebody still wants: for those who look.
 */
export function undoLines(report: Report): Line[] {
  const imported = report.kind === 'import' ? report : report.kind === 'sync' ? report.import : null;
  if (imported === null || imported.trashed === 0) return [];
  const can = imported.dryRun ? 'could' : 'can';
  return [line(faint(`Expunged mail ${can} be brought back for ${trashKeptDays} days at least: see "mrepl restore".`))];
}

/** What may be a mistake, and is none on a stick that several people share. */
export function suspicionBlocks(report: Report): Block[] {
  const isOfDirectory = report.kind === 'sync' || report.kind === 'export' || report.kind === 'pair';
  if (!isOfDirectory || report.otherAccounts.length === 0) return [];
  return [
    line(faint(`Of this account nothing was there, only of ${named(report.otherAccounts)}.`)),
    ...labelledText(faint('All hosts must use one account name. '), rightAccount(report.otherAccounts)),
  ];
}

function farewell(report: Report): string | Block[] | null {
  switch (report.kind) {
    case 'import':
      return report.dryRun && isPlanned(report) ? 'Nothing was changed. Without --dry-run this will be done.' : null;
    case 'export':
      if (report.dryRun) return isPlanned(report) ? 'Nothing was written. Without --dry-run this will be done.' : null;
      return report.bundles.length === 0 || report.target === '-' ? null : carried;
    case 'sync':
      if (report.import?.dryRun === true || report.export?.dryRun === true) {
        const isAny = [report.import, report.export].some((part) => part !== null && isPlanned(part));
        return isAny ? 'Nothing was changed. Without --dry-run this will be done.' : null;
      }
      return report.export === null || report.export.bundles.length === 0 ? null : carried;
    case 'restore':
      if (report.messages.some(({ outcome }) => outcome === 'restored')) return travels;
      if (!report.messages.some(({ outcome }) => outcome === 'restorable')) return null;
      return report.isListing ? howToRestore : 'Nothing was changed. Without --dry-run this will be done.';
    case 'forget':
      if (report.messages.some(({ outcome }) => outcome === 'forgotten')) return forgottenTravels;
      if (!report.messages.some(({ outcome }) => outcome === 'lost')) return null;
      return report.isListing ? howToForget : 'Nothing was changed. Without --dry-run this will be done.';
    default:
      return null;
  }
}

function isPlanned(report: ImportReport | ExportReport): boolean {
  if (report.kind === 'export') return report.bundles.length > 0 || report.removed.length > 0;
  const isUsed = report.bundles.some(({ outcome }) => outcome === 'taken' || outcome === 'incomplete');
  return isUsed || report.mailboxes.length > 0;
}

const howToRestore: Block[] = [
  line(faint('To bring back one of them, or all:')),
  commands('mrepl restore --message MESSAGE', 'mrepl restore --all'),
];

const travels = 'The next export takes what was restored to the other hosts.';

const howToForget: Block[] = [
  line(faint('To give up one of them, or all that nobody has:')),
  commands('mrepl forget --message MESSAGE', 'mrepl forget --all'),
];

const forgottenTravels = 'The next export tells the other hosts.';

const carried = 'It is on the medium now; unmount that before you pull it out.';
