import type { Block } from '../format/line-or-table.js';
import type { Report } from '../output/output-interface.js';
import type { View } from '../output/view-options-and-names.js';
import { accountBlocks } from './account-text.js';
import { doctorBlocks } from './doctor-text.js';
import { exportBlocks } from './export-text.js';
import { forgetBlocks } from './forget-lost-messages-text.js';
import { importBlocks } from './import-text.js';
import { initBlocks } from './init-text.js';
import { inspectBlocks, verifyBlocks } from './inspect-and-verify-text.js';
import { logPlotBlocks } from './log-plot-text.js';
import { logBlocks } from './log-text.js';
import { pairBlocks, peersBlocks } from './pair-and-peers-text.js';
import { rejoinBlocks } from './rejoin-text.js';
import { restoreBlocks } from './restore-text.js';
import { scheduleBlocks } from './schedule-text.js';
import { settingsBlocks } from './settings-text.js';
import { overviewBlocks, statusBlocks } from './status-text.js';
import { syncBlocks } from './sync-text.js';

/** Any report, as text. */
export function reportBlocks(report: Report, view: View): Block[] {
  switch (report.kind) {
    case 'init':
      return initBlocks(report);
    case 'export':
      return exportBlocks(report, view);
    case 'import':
      return importBlocks(report, view);
    case 'sync':
      return syncBlocks(report, view);
    case 'restore':
      return restoreBlocks(report, view);
    case 'forget':
      return forgetBlocks(report, view);
    case 'status':
      return statusBlocks(report, view);
    case 'doctor':
      return doctorBlocks(report);
    case 'inspect':
      return inspectBlocks(report, view);
    case 'verify':
      return verifyBlocks(report);
    case 'pair':
      return pairBlocks(report, view);
    case 'peers':
      return peersBlocks(report, view);
    case 'rejoin':
      return rejoinBlocks(report);
    case 'account':
      return accountBlocks(report);
    case 'config':
      return settingsBlocks(report, view);
    case 'cron':
      return scheduleBlocks(report);
    case 'overview':
      return overviewBlocks(report, view);
    case 'log':
      return report.isDrawn === true ? logPlotBlocks(report.records) : logBlocks(report, view);
    default:
      return report satisfies never;
  }
}
