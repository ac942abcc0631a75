import { Failure } from '../../../failure.js';
import { quoted } from '../protocol/command.js';
import type { Untagged } from '../protocol/connection.js';
import { numberOf, pairsOf, textOfValue, textsOfList } from '../protocol/response-values.js';
import type { Selected, Session } from '../session/session.js';

/** What a server says of a mailbox without opening it, or when it is opened. */
export type MailboxNumbers = Pick<Selected, 'uidValidity' | 'uidNext' | 'highestModseq' | 'exists' | 'mailboxId'>;

/** Numbers of many mailboxes, as they were listed: each counts for one look, as later ones are to see what is new. */
export type ListedNumbers = {
  learn(listed: ReadonlyMap<string, MailboxNumbers>): void;
  /** Null where nothing was said of it since it was last taken. */
  take(raw: string): MailboxNumbers | null;
};

/** Nothing was listed yet. */
export function startListedNumbers(): ListedNumbers {
  const numbers = new Map<string, MailboxNumbers>();
  return {
    learn(listed) {
      numbers.clear();
      for (const [raw, said] of listed) numbers.set(raw, said);
    },
    take(raw) {
      const said = numbers.get(raw) ?? null;
      numbers.delete(raw);
      return said;
    },
  };
}

/** What STATUS is asked for: a server refuses a command with what it does not know. */
export function statusItems(capabilities: ReadonlySet<string>): string {
  const items = ['MESSAGES', 'UIDNEXT', 'UIDVALIDITY'];
  if (tellsModseqs(capabilities)) items.push('HIGHESTMODSEQ');
  if (capabilities.has('OBJECTID')) items.push('MAILBOXID');
  return `(${items.join(' ')})`;
}

/** Without these no number tells that flags are as they were. */
export function tellsModseqs(capabilities: ReadonlySet<string>): boolean {
  return capabilities.has('CONDSTORE') || capabilities.has('QRESYNC');
}

/** Reads an answer of STATUS; null for any other, and where it says too little. */
export function numbersOf(response: Untagged): { readonly raw: string; readonly numbers: MailboxNumbers } | null {
  if (response.kind !== 'data' || response.name !== 'STATUS') return null;
  const raw = textOfValue(response.values[0]);
  const items = pairsOf(response.values[1]);
  const number = (name: string): number | null => numberOf(textOfValue(items.get(name)));
  const uidValidity = number('UIDVALIDITY');
  const exists = number('MESSAGES');
  if (raw === null || uidValidity === null || uidValidity === 0 || exists === null) return null;
  const highestModseq = textOfValue(items.get('HIGHESTMODSEQ'));
  const mailboxId = textsOfList(items.get('MAILBOXID'))[0] ?? null;
  return { raw, numbers: { uidValidity, exists, uidNext: number('UIDNEXT'), highestModseq, mailboxId } };
}

/** How many messages a mailbox holds that is not open. Throws `io` where the server does not say. */
export async function countMessages(session: Session, raw: string): Promise<number> {
  let messages: number | null = null;
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'STATUS') return;
    messages = numberOf(textOfValue(pairsOf(response.values[1]).get('MESSAGES')));
  };
  await session.demand(`counting what is in ${raw}`, [`STATUS ${quoted(raw)} (MESSAGES)`], { hear });
  if (messages === null) throw new Failure('io', `the server does not say how many messages are in ${raw}`);
  return messages;
}
