import type {
  ExportReport,
  ForgetReport,
  ImportReport,
  RestoreReport,
  SyncReport,
} from '../../flow/reports/run-report-types.js';
import type { Trouble } from '../../mail/item-trouble.js';

/** What a run that goes on past trouble has to tell. */
export type RunReport = ImportReport | ExportReport | SyncReport | RestoreReport | ForgetReport;

/** Everything that did not work in a run that went on, each thing once: mailboxes, messages, bundles. */
export function troublesOf(report: RunReport): Trouble[] {
  const all = troublesIn(report);
  const seen = new Set<string>();
  return all.filter(({ subject, failure }) => {
    const key = JSON.stringify([subject, failure.code, failure.message]);
    return !seen.has(key) && seen.add(key);
  });
}

function troublesIn(report: RunReport): Trouble[] {
  if (report.kind === 'restore' || report.kind === 'forget') return [...report.troubles];
  if (report.kind === 'export') return [...report.scan.troubles, ...report.troubles];
  if (report.kind === 'sync') {
    return [
      ...(report.import === null ? [] : troublesIn(report.import)),
      ...(report.export === null ? [] : troublesIn(report.export)),
      ...(report.failure === null ? [] : [{ subject: report.target, failure: report.failure }]),
    ];
  }
  return [
    ...report.scan.troubles,
    ...report.bundles.flatMap(({ fileName, failure }) => (failure === null ? [] : [{ subject: fileName, failure }])),
    ...report.troubles,
    ...report.mailboxes.flatMap(({ refused, troubles }) => [...refused, ...troubles]),
  ];
}
