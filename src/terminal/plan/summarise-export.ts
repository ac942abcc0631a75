import type { ExportReport, OutgoingMailbox } from '../../flow/reports/run-report-types.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { emptySummary, type Moving, type PlanSummary } from './plan-summary.js';

/** Gathers what the bundles of an export tell their readers. */
export function summariseExport({ bundles }: Pick<ExportReport, 'bundles'>): PlanSummary {
  const told = new Map<MailboxName, OutgoingMailbox>();
  for (const one of bundles.flatMap(({ mailboxes }) => mailboxes)) {
    const before = told.get(one.mailbox);
    told.set(one.mailbox, before === undefined ? one : both(before, one));
  }
  const all = [...told.values()];
  const changed = all.filter(({ updates }) => updates > 0);
  return {
    ...emptySummary,
    goes: all.flatMap(({ mailbox, expunged }) =>
      expunged === 0 ? [] : [{ mailbox, messages: expunged, by: [], mailboxFate: null }],
    ),
    comes: all.flatMap(({ mailbox, saves, savedBytes, moved }) => {
      const messages = saves - moved.reduce((sum, { messages }) => sum + messages, 0);
      return messages <= 0 ? [] : [{ mailbox, messages, sizeBytes: savedBytes, isNewMailbox: false, newest: null }];
    }),
    moves: all.flatMap(({ mailbox, moved }): Moving[] => moved.map((one) => ({ ...one, to: mailbox }))),
    flags: {
      ...emptySummary.flags,
      messages: changed.reduce((sum, { updates }) => sum + updates, 0),
      mailboxes: changed.map(({ mailbox, updates }) => ({ mailbox, messages: updates })),
    },
  };
}

function both(a: OutgoingMailbox, b: OutgoingMailbox): OutgoingMailbox {
  return {
    mailbox: a.mailbox,
    saves: a.saves + b.saves,
    savedBytes: a.savedBytes + b.savedBytes,
    updates: a.updates + b.updates,
    living: Math.max(a.living, b.living),
    expunged: a.expunged + b.expunged,
    moved: [...a.moved, ...b.moved],
  };
}
