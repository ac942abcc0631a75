import type { Report } from '../output/output-interface.js';
import type { View } from '../output/view-options-and-names.js';
import * as json from './each-report-json.js';
import type { JsonObject } from './json-line.js';

/** Any report, as JSON objects, one per line. */
export function reportObjects(report: Report, view: View): JsonObject[] {
  switch (report.kind) {
    case 'init':
      return json.initObjects(report);
    case 'export':
      return json.exportObjects(report, view);
    case 'import':
      return json.importObjects(report, view);
    case 'sync':
      return json.syncObjects(report, view);
    case 'restore':
      return json.restoreObjects(report, view);
    case 'forget':
      return json.forgetObjects(report);
    case 'status':
      return json.statusObjects(report);
    case 'doctor':
      return json.doctorObjects(report);
    case 'inspect':
      return json.inspectObjects(report);
    case 'verify':
      return json.verifyObjects(report);
    case 'pair':
      return json.pairObjects(report);
    case 'peers':
      return json.peersObjects(report);
    case 'rejoin':
      return json.rejoinObjects(report);
    case 'account':
    case 'cron':
      return [report];
    case 'config':
      return json.settingsObjects(report);
    case 'overview':
      return json.overviewObjects(report);
    case 'log':
      return json.logObjects(report, view);
    default:
      return report satisfies never;
  }
}
