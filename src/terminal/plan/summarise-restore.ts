import type { RestoreMessage, RestoreReport } from '../../flow/reports/run-report-types.js';
import { type Coming, emptySummary, type PlanSummary } from './plan-summary.js';

/** Gathers what is brought back, or in a dry run would be. */
export function summariseRestore({ messages }: Pick<RestoreReport, 'messages'>): PlanSummary {
  const lists = new Map<string, RestoreMessage[]>();
  for (const message of messages) {
    if (message.outcome !== 'restored' && message.outcome !== 'restorable') continue;
    const list = lists.get(message.mailbox) ?? [];
    lists.set(message.mailbox, list);
    list.push(message);
  }
  return { ...emptySummary, comes: [...lists.values()].flatMap(comingOf) };
}

function comingOf(messages: readonly RestoreMessage[]): Coming[] {
  const newest = messages.reduce<RestoreMessage | undefined>((last, message) => {
    return last === undefined || message.receivedS >= last.receivedS ? message : last;
  }, undefined);
  if (newest === undefined) return [];
  const sizeBytes = messages.reduce((sum, message) => sum + message.sizeBytes, 0);
  return [{ mailbox: newest.mailbox, messages: messages.length, sizeBytes, isNewMailbox: false, newest }];
}
