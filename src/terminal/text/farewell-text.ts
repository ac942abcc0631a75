import { faint, type Line, line } from '../line.js';
import type { Report } from '../output.js';

/** What to do next, for people at a terminal only. */
export function farewellLines(report: Report): Line[] {
  const hint = farewell(report);
  return hint === null ? [] : [line(faint(hint))];
}

function farewell(report: Report): string | null {
  switch (report.kind) {
    case 'import':
      return report.dryRun ? 'Nothing was changed. Without --dry-run this will be done.' : null;
    case 'export':
      if (report.dryRun) return 'Nothing was written. Without --dry-run this will be done.';
      return report.bundle === null || report.target === '-' ? null : carried;
    case 'sync':
      if (report.import?.dryRun === true || report.export?.dryRun === true) {
        return 'Nothing was changed. Without --dry-run this will be done.';
      }
      return report.export === null || report.export.bundle === null ? null : carried;
    default:
      return null;
  }
}

const carried = 'It is on the medium now; unmount that before you pull it out.';
