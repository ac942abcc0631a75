import type { MailboxView } from './mail-client.js';

/** Without HIGHESTMODSEQ, which is each server's own, and the UIDVALIDITY of mailboxes that never gave out a UID. */
export function comparable(views: Record<string, MailboxView>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(views).map(([name, { uidValidity, uidNext, messages }]) => [
      name,
      uidNext > 1 ? { uidValidity, uidNext, messages } : 'empty',
    ]),
  );
}
