import type { LogEntry } from '../../catalog/interface/log-catalog.js';
import { isOfOneThing } from '../../failure.js';
import { headerBytesMax } from '../../mail/text/decode-subject.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { LoggedMessage } from '../reports/logged-message.js';
import type { MessageChange } from '../reports/message-change-type.js';
import type { Session } from '../session/account-session.js';
import { type Headline, headlineOf } from './read-message-headers.js';

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
    const [uidBefore, uidAfter] = what === 'goes' ? [uid, null] : [null, uid];
    changes.push({
      ...{ what, mailbox, from, guid, uidBefore, uidAfter, flagsBefore: [], flagsAfter: [], receivedS, sizeBytes, by },
      ...(await headlineNow(session, guid)),
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

async function headlineNow(
  { catalog, store, trash }: Pick<Session, 'catalog' | 'store' | 'trash'>,
  guid: Guid,
): Promise<Headline> {
  const copy = catalog.copyOf({ guid });
  if (copy !== null) {
    try {
      return headlineOf(await store.readText(copy.mailbox, copy.ref));
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause; // it went meanwhile, or "doctor" tells what is wrong with it
    }
  }
  const beginning = await trash.beginning(guid, headerBytesMax);
  return beginning === null ? { sender: null, subject: null } : headlineOf(beginning);
}
