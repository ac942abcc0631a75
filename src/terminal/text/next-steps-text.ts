import { named, rightAccount } from '../../flow/peers/refuse-unpaired-export.js';
import type { Block } from '../format/line-or-table.js';
import { faint, line } from '../format/styled-line.js';
import { commands } from '../format/typed-commands.js';
import type { Report } from '../output/output-interface.js';
import { labelledText } from './sections/text-with-commands.js';

/** What to do next, for people at a terminal only. */
export function farewellBlocks(report: Report): Block[] {
  const hint = farewell(report);
  if (hint === null) return [];
  return typeof hint === 'string' ? [line(faint(hint))] : hint;
}

/** What may be a mistake, and is none on a stick that several people share. */
export function suspicionBlocks(report: Report): Block[] {
  const isOfDirectory = report.kind === 'sync' || report.kind === 'export' || report.kind === 'pair';
  if (!isOfDirectory || report.otherAccounts.length === 0) return [];
  return [
    line(faint(`No other host has left anything of this account there, only of ${named(report.otherAccounts)}.`)),
    ...labelledText(faint('All hosts must use one account name. '), rightAccount(report.otherAccounts)),
  ];
}

function farewell(report: Report): string | Block[] | null {
  switch (report.kind) {
    case 'export':
      return report.dryRun || report.bundles.length === 0 || report.target === '-' ? null : carried;
    case 'sync':
      if (report.export === null || report.export.dryRun) return null;
      return report.export.bundles.length === 0 ? null : carried;
    case 'restore':
      if (report.messages.some(({ outcome }) => outcome === 'restored')) return travels;
      if (!report.messages.some(({ outcome }) => outcome === 'restorable')) return null;
      return report.isListing ? howToRestore : null;
    case 'forget':
      if (report.messages.some(({ outcome }) => outcome === 'forgotten')) return forgottenTravels;
      if (!report.messages.some(({ outcome }) => outcome === 'lost')) return null;
      return report.isListing ? howToForget : 'Nothing was changed. Without --dry-run this will be done.';
    default:
      return null;
  }
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
