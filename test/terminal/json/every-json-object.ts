import { Failure } from '../../../src/failure.js';
import type { MessageChange } from '../../../src/flow/reports/message-change-type.js';
import { messageObjects } from '../../../src/terminal/json/decision-json.js';
import { reportObjects } from '../../../src/terminal/json/dispatch-report-to-json.js';
import { type JsonObject, troubleObjects } from '../../../src/terminal/json/json-line.js';
import * as accounts from '../account-samples.js';
import * as runs from '../run-samples.js';

const message: MessageChange = {
  what: 'comes',
  mailbox: 'INBOX',
  from: null,
  guid: 'a1'.repeat(32),
  uidBefore: null,
  uidAfter: 1,
  flagsBefore: [],
  flagsAfter: ['\\Seen'],
  receivedS: runs.nowS,
  sizeBytes: 100,
  sender: null,
  subject: 'x',
  by: runs.home,
};

/** Objects of --json output: at least one of each kind, and of each change that a merge decides on. */
export function everyJsonObject(): JsonObject[] {
  const failure = new Failure('io', 'x');
  const { view } = runs;
  return [
    { kind: 'error', code: 'x', message: 'x', hint: 'x', status: 1 },
    { kind: 'support', sections: [{ title: 'Program', rows: [['version', '1.0.0']] }] },
    { kind: 'overview', accounts: ['alice'] },
    { kind: 'revoked', name: 'ship', forgotten: 1, remaining: 0, unaware: ['cabin'] },
    { kind: 'left', mailbox: 'INBOX', messages: 1, textBytes: 100 },
    ...messageObjects([message], view),
    ...troubleObjects([{ subject: 'x', failure }]),
    ...reportObjects(
      {
        kind: 'sync',
        target: 'x',
        otherAccounts: [],
        import: runs.importReport,
        export: { ...runs.exportReport, scan: runs.mendedScan },
        failure,
      },
      view,
    ),
    ...reportObjects({ kind: 'log', records: [{ atS: runs.nowS, what: 'scan', details: {} }] }, view),
    ...[
      accounts.initReport,
      accounts.pairReport,
      accounts.peersReport,
      accounts.rejoinReport,
      accounts.accountReport,
      accounts.settingsReport,
      accounts.scheduleReport,
      runs.forgetReport,
      runs.restoreReport,
      accounts.statusReport,
      accounts.inspectReport,
      accounts.doctorReport,
      { ...accounts.verifyReport, ok: false, findings: [failure] },
    ].flatMap((report) => reportObjects(report, view)),
  ];
}
