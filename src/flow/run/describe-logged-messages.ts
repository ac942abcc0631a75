import type { LogEntry } from '../../catalog/interface/log-catalog.js';
import type { LoggedMessage } from '../reports/logged-message.js';
import type { MessageChange } from '../reports/message-change-type.js';
import type { Session } from '../session/account-session.js';
import { headlineAt } from './read-message-headers.js';

/**
 * The messages that an entry of the log names, with senders and subjects of those whose texts are in the store or its
 * trash still. Entries outlive the version that wrote them: what is not as it is written now is passed over.
 */
export async function describeLogged(
  session: Pick<Session, 'catalog' | 'store' | 'trash' | 'signal'>,
  { details }: Pick<LogEntry, 'details'>,
): Promise<MessageChange[]> {
  const changes: MessageChange[] = [];
  for (const { what, mailbox, from, guid, uid, receivedS, sizeBytes, by } of messagesIn(details)) {
    session.signal.throwIfAborted();
    const copy = session.catalog.copyOf({ guid });
    const [uidBefore, uidAfter] = what === 'goes' ? [uid, null] : [null, uid];
    changes.push({
      ...{ what, mailbox, from, guid, uidBefore, uidAfter, flagsBefore: [], flagsAfter: [], receivedS, sizeBytes, by },
      ...(await headlineAt(session, guid, copy === null ? [] : [copy])),
    });
  }
  return changes;
}

function messagesIn(details: LogEntry['details']): LoggedMessage[] {
  const { messages } = details;
  return Array.isArray(messages) ? messages.filter(isLogged) : [];
}

function isLogged(value: unknown): value is LoggedMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { what, mailbox, from, guid, uid, receivedS, sizeBytes, by } = value as Partial<Record<string, unknown>>;
  return (
    (what === 'goes' || what === 'comes' || what === 'moves' || what === 'anew') &&
    [mailbox, guid, by].every((text) => typeof text === 'string') &&
    (from === null || typeof from === 'string') &&
    (uid === null || typeof uid === 'number') &&
    [receivedS, sizeBytes].every((number) => typeof number === 'number')
  );
}
