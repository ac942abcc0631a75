import { Failure } from '../../../failure.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Delivery } from '../../../mail/mailbox-change.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { wireText } from '../../../mail/text/canonical-text.js';
import { guidOfCanonical } from '../../../mail/text/text-guid.js';
import { digestMessages, stampUids } from '../look/digest-messages.js';
import { refOf } from '../look/message-ref.js';
import type { ServerContext } from '../look/server-context.js';
import { type Command, quoted } from '../protocol/command.js';
import type { Answer } from '../protocol/connection.js';
import { formatInternalDate, keptDate } from '../protocol/internal-date.js';
import { parseUidSet } from '../protocol/uid-set.js';
import type { Selected, Session } from '../session/session.js';
import { expungeUids } from './expunge-messages.js';

/** Messages of one APPEND, inclusive; all of them come in, or none. */
const batchMax = 100;

/** Bytes of one APPEND, inclusive, but for a message that alone has more. */
const batchBytesMax = 8 << 20;

/** A message to be added, with its text as IMAP sends it. */
export type Appended = { readonly delivery: Delivery; readonly flags: readonly string[]; readonly wire: Uint8Array };

/** A message to be added, without its text. */
type ToAppend = Pick<Appended, 'delivery' | 'flags'>;

/** The text of a delivery, or why there is none. */
export type TextOrNot = { readonly text: Uint8Array } | { readonly failure: Failure };

/** What became of one. */
type AppendResult =
  | { readonly kind: 'added'; readonly uid: number; readonly file: FileStamp }
  /** It is there, and only a look says as what. */
  | { readonly kind: 'unknown' }
  | Refused;

/** `isLasting`: it would be the same the next time. */
export type Refused = { readonly kind: 'refused'; readonly failure: Failure; readonly isLasting: boolean };

/** Where a message was added, as the server says. */
type Appending = { readonly kind: 'appended'; readonly uid: number } | { readonly kind: 'unknown' } | Refused;

/** Cuts what is to be added into commands. `sizeOf`: bytes of a text. Texts come in when their batch does. */
export async function* inBatches(
  wanted: readonly ToAppend[],
  session: Pick<Session, 'capabilities'>,
  textOf: (delivery: Delivery) => Promise<TextOrNot>,
): AsyncIterable<{ readonly batch: readonly Appended[]; readonly failed: ReadonlyMap<Delivery, Failure> }> {
  const countMax = session.capabilities.has('MULTIAPPEND') ? batchMax : 1;
  let batch: Appended[] = [];
  let failed = new Map<Delivery, Failure>();
  let bytes = 0;
  for (const { delivery, flags } of wanted) {
    const text = await textOf(delivery);
    if ('failure' in text) {
      failed.set(delivery, text.failure);
      continue;
    }
    const wire = wireText(text.text);
    if (batch.length > 0 && (batch.length === countMax || bytes + wire.length > batchBytesMax)) {
      yield { batch, failed };
      batch = [];
      failed = new Map();
      bytes = 0;
    }
    batch.push({ delivery, flags, wire });
    bytes += wire.length;
  }
  yield { batch, failed };
}

/**
 * Adds messages to a mailbox, one behind the other. A batch that is refused is halved until the message stands alone
 * that the server does not want. Throws `io` where the connection is lost: a batch is then there as a whole, or not at
 * all.
 */
export async function append(session: Session, raw: string, batch: readonly Appended[]): Promise<readonly Appending[]> {
  if (batch.length === 0) return [];
  const answer = await session.run(appendCommand(raw, batch));
  if (answer.status === 'OK') return appendedUids(answer, batch.length);
  if (batch.length === 1) {
    return [{ kind: 'refused', failure: refusal(answer, raw), isLasting: !isPassing(answer) }];
  }
  const half = batch.length >> 1;
  const first = await append(session, raw, batch.slice(0, half));
  return [...first, ...(await append(session, raw, batch.slice(half)))];
}

function appendCommand(raw: string, batch: readonly Appended[]): Command {
  const parts: Command[number][] = [`APPEND ${quoted(raw)}`];
  for (const { delivery, flags, wire } of batch) {
    const date = formatInternalDate(keptDate(delivery.receivedS));
    parts.push(` (${flags.join(' ')}) "${date}" `, { literal: wire });
  }
  return parts;
}

/** In the order of the messages (RFC 4315); unknown where the server does not say. */
function appendedUids({ code }: Answer, count: number): readonly Appending[] {
  const [, set = ''] = code?.name === 'APPENDUID' ? code.rest.split(' ') : [];
  const uids = parseUidSet(set, count);
  if (uids?.length !== count) return Array.from({ length: count }, () => ({ kind: 'unknown' }));
  return uids.map((uid) => ({ kind: 'appended', uid }));
}

/** Codes of a server that says no for now (RFC 5530, RFC 9208). */
const passingCodes: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'INUSE',
  'LIMIT',
  'SERVERBUG',
  'OVERQUOTA',
  'TRYCREATE',
]);

/** Is it no word on this message? Servers without codes say so in words of their own. */
function isPassing({ text, code }: Answer): boolean {
  return passingCodes.has(code?.name ?? '') || /throttl|temporar|again|later|quota|timed? ?out/i.test(text);
}

function refusal({ text, code }: Answer, raw: string): Failure {
  const hint =
    code?.name === 'OVERQUOTA' ? 'The mailbox is full: make room there, and run the same command again.' : undefined;
  return new Failure(
    'io',
    `the server does not take a message into ${raw}: ${text}`,
    hint === undefined ? {} : { hint },
  );
}

/**
 * Sees whether what was added is what was sent: some servers alter some texts. What is altered is taken back at once,
 * as it would count as another message, here and everywhere.
 */
export async function checkAppended(
  context: ServerContext,
  session: Session,
  {
    mailbox,
    selected,
    added,
  }: {
    readonly mailbox: MailboxName;
    readonly selected: Selected;
    readonly added: ReadonlyMap<number, Appended>;
  },
): Promise<ReadonlyMap<number, AppendResult>> {
  const results = new Map<number, AppendResult>();
  const stamps = await stampUids(session, mailbox, [...added.keys()]);
  const doubtful: number[] = [];
  for (const [uid, { wire }] of added) {
    const file = stamps.get(uid);
    if (file === undefined)
      results.set(uid, { kind: 'unknown' }); // somebody was quick to expunge it
    else if (file.sizeBytes !== wire.length || isOftenAltered(wire)) doubtful.push(uid);
    else results.set(uid, { kind: 'added', uid, file });
  }
  if (doubtful.length === 0) return results;
  const altered: number[] = [];
  const refs = new Map(doubtful.map((uid) => [refOf(selected.uidValidity, uid), uid]));
  for await (const answer of digestMessages(context, mailbox, [...refs.keys()])) {
    const uid = refs.get('subject' in answer ? answer.subject : answer.ref) ?? 0;
    const wanted = added.get(uid)?.delivery.guid;
    const file = stamps.get(uid);
    if ('guid' in answer && answer.guid === wanted && file !== undefined)
      results.set(uid, { kind: 'added', uid, file });
    else altered.push(uid);
  }
  if (altered.length > 0) {
    if ((await session.select(selected.raw, 'write')) !== null) await expungeUids(session, mailbox, altered);
    for (const uid of altered)
      results.set(uid, { kind: 'refused', failure: alteredFailure(session, mailbox), isLasting: true });
  }
  return results;
}

function alteredFailure({ name }: Session, mailbox: MailboxName): Failure {
  return new Failure('io', `${name} alters the text of a message for ${mailbox}, so it was not left there`, {
    hint: 'The message stays on the hosts that have it.',
  });
}

/** Bytes that servers replace without a change of size, or with one elsewhere: NUL, and CR alone. */
function isOftenAltered(wire: Uint8Array): boolean {
  const bytes = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength);
  if (bytes.includes(0)) return true;
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) if (bytes[at + 1] !== 0x0a) return true;
  return false;
}

/** Is the text of a delivery what it should be? Throws `store-damaged` where it is not. */
export function assertText(delivery: Delivery, text: Uint8Array | null): Uint8Array {
  if (text === null) throw new Failure('store-damaged', `the text of ${delivery.ref} is not where it should be`);
  if (guidOfCanonical(text) !== delivery.guid) {
    throw new Failure('store-damaged', `the text of ${delivery.ref} is another one than it should be`);
  }
  return text;
}
