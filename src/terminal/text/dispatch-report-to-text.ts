import type { Block } from '../format/line-or-table.js';
import type { Report } from '../output/output-interface.js';
import type { View } from '../output/view-options-and-names.js';
import { doctorBlocks } from './read-only/doctor-text.js';
import { inspectBlocks, verifyBlocks } from './read-only/inspect-and-verify-text.js';
import { logPlotBlocks } from './read-only/log-plot-text.js';
import { logBlocks } from './read-only/log-text.js';
import { overviewBlocks, statusBlocks } from './read-only/status-text.js';
import { exportBlocks } from './runs/export-text.js';
import { forgetBlocks } from './runs/forget-lost-messages-text.js';
import { importBlocks } from './runs/import-text.js';
import { restoreBlocks } from './runs/restore-text.js';
import { syncBlocks } from './runs/sync-text.js';
import { accountBlocks } from './setup/account-text.js';
import { initBlocks } from './setup/init-text.js';
import { pairBlocks, peersBlocks } from './setup/pair-and-peers-text.js';
import { rejoinBlocks } from './setup/rejoin-text.js';
import { scheduleBlocks } from './setup/schedule-text.js';
import { settingsBlocks } from './setup/settings-text.js';

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
