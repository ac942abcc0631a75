import type { Report } from '../../src/terminal/output/output-interface.js';
import type { View } from '../../src/terminal/output/view-options-and-names.js';
import { reportBlocks } from '../../src/terminal/text/dispatch-report-to-text.js';
import { view } from './run-samples.js';
import { shown } from './shown.js';

// Reports as a person reads them.

export function text(report: Report, as: View = view): Promise<string> {
  return shown(reportBlocks(report, as));
}
