import type {
  DoctorReport,
  InspectReport,
  StatusReport,
  VerifyReport,
} from '../../check/reports/check-report-types.js';
import type { InitReport } from '../../flow/identity/init-account.js';
import type { PeersReport } from '../../flow/identity/manage-peers.js';
import type { PairReport } from '../../flow/identity/pair-hosts.js';
import type { RejoinReport } from '../../flow/identity/rejoin-as-new-host.js';
import type {
  ExportReport,
  ForgetReport,
  ImportReport,
  RestoreReport,
  ScanReport,
  SyncReport,
} from '../../flow/reports/run-report-types.js';
import type { Clock } from '../../replica/version-vector.js';
import { timestamp } from '../format/format-times.js';
import type { LogReport, OverviewReport } from '../output/output-interface.js';
import type { SettingsReport } from '../output/settings-report-type.js';
import type { View } from '../output/view-options-and-names.js';
import { decisionObject, messageObjects } from './decision-json.js';
import { failureObject, type JsonObject, troubleObjects } from './json-line.js';

// Every function here makes the lines of one report: first what was found, one object each, then the report itself with
// the totals. Every kind of object is in mrepl(1), "JSON OUTPUT".

/** `trouble` for what could not be read, then `init`. Warnings are told by `Output.warn`. */
export function initObjects({ troubles, warnings: _warnings, ...report }: InitReport): JsonObject[] {
  return [...troubleObjects(troubles), report];
}

/**
 * What the look at the store found, `outgoing` for each mailbox of each bundle, `left` for what had no room, `trouble`,
 * then `export`.
 */
export function exportObjects(report: ExportReport, view: View): JsonObject[] {
  return [...scanObjects(report.scan), ...outgoingObjects(report, view)];
}

function outgoingObjects(
  { scan: _scan, troubles, bundles, left, messages, ...report }: ExportReport,
  view: View,
): JsonObject[] {
  return [
    ...messageObjects(messages, view),
    ...bundles.flatMap(({ number, mailboxes }) =>
      mailboxes.map((mailbox) => ({ kind: 'outgoing', number, ...mailbox })),
    ),
    ...(left?.mailboxes ?? []).map((mailbox) => ({ kind: 'left', ...mailbox })),
    ...troubleObjects(troubles),
    {
      ...report,
      bundles: bundles.map(({ mailboxes, ...written }) => ({ ...written, mailboxes: mailboxes.length })),
      left: left && { ...left, mailboxes: left.mailboxes.length },
    },
  ];
}

/**
 * What the look at the store found, `bundle` for each bundle, `change` for each decision, `unstorable`, `withheld` and
 * `trouble`, then `import`. Hosts are named as the view names them.
 */
export function importObjects(report: ImportReport, view: View): JsonObject[] {
  return [...scanObjects(report.scan), ...incomingObjects(report, view)];
}

function incomingObjects(report: ImportReport, view: View): JsonObject[] {
  const { scan: _scan, bundles, mailboxes, withheld, troubles, messages, newest, ...totals } = report;
  return [
    ...bundles.map(({ failure, madeAtS, ...bundle }) => ({
      kind: 'bundle',
      ...bundle,
      madeAt: madeAtS === null ? null : timestamp(madeAtS),
      failure: failure && failureObject(failure),
    })),
    ...troubleObjects(troubles),
    ...mailboxes.flatMap(({ mailbox, decisions, refused, unstorable, troubles }) => [
      ...decisions.map((decision) => decisionObject(mailbox, decision, view)),
      ...unstorable.map((keyword) => ({ kind: 'unstorable', mailbox, keyword })),
      ...troubleObjects([...refused, ...troubles], mailbox),
    ]),
    ...messageObjects(messages, view),
    ...withheld.map(({ from, ...changes }) => ({
      kind: 'withheld',
      ...changes,
      from: { hostId: from, name: view.hostName(from) },
    })),
    {
      ...totals,
      ...{ bundles: bundles.length, mailboxes: mailboxes.length },
      newest: newest.map(({ receivedS, ...message }) => ({ ...message, received: timestamp(receivedS) })),
    },
  ];
}

/**
 * The lines of the import and of the export, each with its own totals, then `sync` for the directory. Either half may
 * be missing where the run failed before it.
 */
export function syncObjects(report: SyncReport, view: View): JsonObject[] {
  const last = report.export ?? report.import;
  return [
    // Both halves begin with the same look at the store; it is told once, with what the later half knows of it.
    ...(last === null ? [] : scanObjects(last.scan)),
    ...(report.import === null ? [] : incomingObjects(report.import, view)),
    ...(report.export === null ? [] : outgoingObjects(report.export, view)),
    {
      kind: 'sync',
      target: report.target,
      otherAccounts: report.otherAccounts,
      failure: report.failure && failureObject(report.failure),
    },
  ];
}

/** `trashed` for each message, restored or not, `trouble`, then `restore` with how many were restored. */
export function restoreObjects({ messages, troubles, isListing, ...report }: RestoreReport, view: View): JsonObject[] {
  return [
    ...messages.map(({ atS, receivedS, by, ...message }) => ({
      kind: 'trashed',
      ...message,
      received: timestamp(receivedS),
      expungedAt: timestamp(atS),
      by: { hostId: by, name: view.hostName(by) },
    })),
    ...troubleObjects(troubles),
    {
      ...report,
      listing: isListing,
      messages: messages.length,
      restored: messages.filter(({ outcome }) => outcome === 'restored').length,
    },
  ];
}

/** `textless` for each message that waits for its text, `trouble`, then `forget` with how many were given up. */
export function forgetObjects({ messages, troubles, isListing, ...report }: ForgetReport): JsonObject[] {
  return [
    ...messages.map(({ receivedS, ...message }) => ({ kind: 'textless', ...message, received: timestamp(receivedS) })),
    ...troubleObjects(troubles),
    {
      ...report,
      listing: isListing,
      messages: messages.length,
      forgotten: messages.filter(({ outcome }) => outcome === 'forgotten').length,
    },
  ];
}

function scanObjects({ renamed, changes, mended, troubles }: ScanReport): JsonObject[] {
  return [
    ...mended.map((text) => ({ kind: 'mended', ...text })),
    ...renamed.map((rename) => ({ kind: 'renamed', ...rename })),
    ...changes.map((change) => ({ kind: 'scanned', ...change })),
    ...troubleObjects(troubles),
  ];
}

/** `card` for each card that was seen, `trouble`, then `pair`. */
export function pairObjects({ hosts, troubles, ...report }: PairReport): JsonObject[] {
  return [...hosts.map((host) => ({ kind: 'card', ...host })), ...troubleObjects(troubles), report];
}

/** `trouble`, then `rejoin`. */
export function rejoinObjects({ troubles, ...report }: RejoinReport): JsonObject[] {
  return [...troubleObjects(troubles), report];
}

/** `paired` for each paired host, `revoked` for one that has just been revoked, then `peers`. */
export function peersObjects({ peers, revoked, ...report }: PeersReport): JsonObject[] {
  return [
    ...peers.map(({ pairedAtS, lastHeardS, ...peer }) => ({
      kind: 'paired',
      ...peer,
      pairedAt: timestamp(pairedAtS),
      lastHeard: lastHeardS === null ? null : timestamp(lastHeardS),
    })),
    ...(revoked === null || revoked === 'declined' ? [] : [{ kind: 'revoked', ...revoked }]),
    { ...report, peers: peers.length },
  ];
}

/** `mailbox`, `peer` and `unconfirmed` (bundles that were written) for each of them, then `status`. */
export function statusObjects({ mailboxes, peers, unconfirmed, lastExport, ...report }: StatusReport): JsonObject[] {
  return [
    ...mailboxes.map((mailbox) => ({ kind: 'mailbox', ...mailbox })),
    ...peers.map(({ lastHeardS, inStepSinceS, ...peer }) => ({
      kind: 'peer',
      ...peer,
      lastHeard: lastHeardS === null ? null : timestamp(lastHeardS),
      inStepSince: inStepSinceS === null ? null : timestamp(inStepSinceS),
    })),
    ...unconfirmed.map(({ madeAtS, ...bundle }) => ({ kind: 'unconfirmed', ...bundle, madeAt: timestamp(madeAtS) })),
    {
      ...report,
      mailboxes: mailboxes.length,
      unconfirmed: unconfirmed.length,
      peers: peers.length,
      lastExport: lastExport && { number: lastExport.number, madeAt: timestamp(lastExport.madeAtS) },
    },
  ];
}

/** The lines of `status` where one account is meant, then `overview`. */
export function overviewObjects({ status, ...report }: OverviewReport): JsonObject[] {
  return [...(status === null ? [] : statusObjects(status)), report];
}

/** `finding` for each fault and `notice` for what is only worth knowing, then `doctor`, which counts the faults. */
export function doctorObjects({ findings, ...report }: DoctorReport): JsonObject[] {
  return [
    ...findings.map(({ weight, where, what, ...rest }) => ({
      kind: weight === 'fault' ? 'finding' : 'notice',
      where,
      message: what,
      ...rest,
    })),
    { ...report, findings: findings.filter(({ weight }) => weight === 'fault').length },
  ];
}

/** `mailbox` for each mailbox of the bundle, with the clock as an object by host id, then `inspect`. */
export function inspectObjects({ mailboxes, madeAtS, ...report }: InspectReport): JsonObject[] {
  return [
    ...mailboxes.map(({ clock, ...mailbox }) => ({ kind: 'mailbox', ...mailbox, clock: clockObject(clock) })),
    { ...report, madeAt: timestamp(madeAtS), mailboxes: mailboxes.length },
  ];
}

function clockObject(clock: Clock): Record<string, unknown> {
  return Object.fromEntries(clock);
}

/** `finding` for all that is wrong with the file, then `verify`. */
export function verifyObjects({ findings, ...report }: VerifyReport): JsonObject[] {
  return [
    ...findings.map((failure) => ({ kind: 'finding', file: report.file, ...failureObject(failure) })),
    { ...report, findings: findings.length },
  ];
}

/** `log` for each entry, in the order in which they are given, `message` for each that it names; no totals. */
export function logObjects(
  { records, messages }: Pick<LogReport, 'records' | 'messages'>,
  view: Pick<View, 'hostName'>,
): JsonObject[] {
  return records.flatMap(({ atS, what, details }, index) => [
    { kind: 'log', at: timestamp(atS), what, details },
    ...messageObjects(messages?.[index] ?? null, view),
  ]);
}

/** `setting` for each, then `config`. */
export function settingsObjects({ settings, ...report }: SettingsReport): JsonObject[] {
  return [...settings.map((setting) => ({ kind: 'setting', ...setting })), { ...report, settings: settings.length }];
}
