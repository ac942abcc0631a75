import { Failure } from '../../../failure.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { Digest, UntakenMessage } from '../../../mail/mailbox-scan.js';
import { type Container, containerOf } from '../../../mail/packed/container-kinds.js';
import { notReadable } from '../../../mail/packed/unreadable-file-reasons.js';
import { receivedSOf } from '../../../mail/received-date.js';
import { startBodySum } from '../../../mail/text/body-checksum.js';
import { startFold } from '../../../mail/text/canonical-text.js';
import { startTextDigest } from '../../../mail/text/digest-without-fetcher-headers.js';
import type { Guid } from '../../../mail/text/text-guid.js';
import { withIoFailures } from '../../host-files/io-failure.js';
import type { Untagged } from '../protocol/connection.js';
import { parseInternalDate } from '../protocol/internal-date.js';
import type { LiteralSink } from '../protocol/response-assembler.js';
import { numberOf, pairsOf, textOfValue } from '../protocol/response-values.js';
import { cutUidSets, formatUidSet, uidMax } from '../protocol/uid-set.js';
import type { Session } from '../session/session.js';
import { parseRef, refOf, uidsOf } from './message-ref.js';
import type { ServerContext } from './server-context.js';
import type { TextCache } from './text-cache.js';

/** Messages of one FETCH, inclusive: what is lost with a connection is fetched again. */
const fetchedAtOnceMax = 200;

type Answer = Digest | UntakenMessage | Trouble;

/**
 * Fetches the texts named, once, never marking them as seen, and says what they are; they stay in the cache. No answer
 * for those that are not there.
 */
export async function* digestMessages(
  context: ServerContext,
  mailbox: MailboxName,
  refs: readonly string[],
): AsyncIterable<Answer> {
  const opened = await context.kept.reading((session) => open(context, session, mailbox));
  if (opened === null) return;
  for (const uids of cutUidSets(uidsOf(refs, opened.uidValidity), fetchedAtOnceMax)) {
    context.signal?.throwIfAborted();
    const answers = await context.kept.reading(async (session) => {
      const again = await open(context, session, mailbox);
      if (again?.uidValidity !== opened.uidValidity) return [];
      return withIoFailures(`fetching texts of ${mailbox}`, () =>
        fetchTexts(session, { mailbox, uids, uidValidity: opened.uidValidity, texts: context.texts }),
      );
    });
    yield* answers;
  }
}

async function open({ names }: ServerContext, session: Session, mailbox: MailboxName) {
  const raw = names.rawOf(session, mailbox);
  return raw === null ? null : session.select(raw, 'read');
}

type Fetching = {
  readonly mailbox: MailboxName;
  readonly uids: readonly number[];
  readonly uidValidity: number;
  readonly texts: TextCache;
};

async function fetchTexts(session: Session, { mailbox, uids, uidValidity, texts }: Fetching): Promise<Answer[]> {
  const asked = new Set(uids);
  const answers: Answer[] = [];
  let arriving: ArrivingText | null = null;
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'FETCH') return;
    const row = pairsOf(response.values[0]);
    const uid = numberOf(textOfValue(row.get('UID')));
    const text = row.get('BODY[]')?.kind === 'streamed' ? arriving : null;
    arriving = null;
    if (uid === null || !asked.delete(uid)) {
      text?.drop(); // told unasked, or told again
      return;
    }
    const ref = refOf(uidValidity, uid);
    const stamp = stampOfRow(row);
    if (text !== null && stamp !== null) {
      answers.push(text.answer({ mailbox, ref, stamp }));
      return;
    }
    text?.drop();
    if (text === null && row.get('BODY[]') === undefined)
      asked.add(uid); // news of its flags
    else
      answers.push({
        subject: ref,
        failure: new Failure('io', `the server does not give the text of ${ref} in ${mailbox}`),
      });
  };
  const stream = (before: string): LiteralSink | null => {
    if (!/ BODY\[\] ~?\{\d+\}$|\(BODY\[\] ~?\{\d+\}$/i.test(before)) return null;
    arriving?.drop();
    arriving = arrivingText(texts);
    return arriving;
  };
  try {
    const command = `UID FETCH ${formatUidSet(uids)} (UID INTERNALDATE RFC822.SIZE BODY.PEEK[])`;
    await session.demand(`fetching texts of ${mailbox}`, [command], { hear, stream });
  } finally {
    (arriving as ArrivingText | null)?.drop();
  }
  return answers;
}

/** What a message is like from outside: nothing of it ever changes on a server. Null where the server does not say. */
function stampOfRow(row: ReturnType<typeof pairsOf>): FileStamp | null {
  const dateS = parseInternalDate(textOfValue(row.get('INTERNALDATE')));
  const sizeBytes = numberOf(textOfValue(row.get('RFC822.SIZE')));
  if (dateS === null || sizeBytes === null) return null;
  return { sizeBytes, mtimeNs: BigInt(dateS) * 1_000_000_000n };
}

type ArrivingText = LiteralSink & {
  answer(message: { readonly mailbox: MailboxName; readonly ref: string; readonly stamp: FileStamp }): Answer;
  drop(): void;
};

function arrivingText(texts: TextCache): ArrivingText {
  const digest = startTextDigest();
  const fold = startFold();
  const body = startBodySum();
  const file = texts.begin();
  let sizeBytes = 0;
  let container: Container | null = null;
  let beginning = Buffer.alloc(0); // until there is enough of it to tell what it is
  const takeFolded = (piece: Uint8Array): void => {
    digest.push(piece);
    body.push(piece);
    file.take(piece);
    sizeBytes += piece.length;
  };
  const containerBytes = 32;
  return {
    take(piece) {
      if (beginning.length < containerBytes) {
        beginning = Buffer.concat([beginning, piece.subarray(0, containerBytes - beginning.length)]);
        container = containerOf(beginning);
      }
      takeFolded(fold.push(piece));
    },
    end: () => takeFolded(fold.end()),
    answer({ mailbox, ref, stamp }) {
      if (container !== null) {
        file.drop();
        return { ref, untaken: { container, problem: 'unread' } };
      }
      const id = digest.end();
      file.keep(mailbox, ref, id.guid);
      const receivedS = receivedSOf(Number(stamp.mtimeNs / 1_000_000n));
      return { ref, ...id, sizeBytes, receivedS, body: body.end(), file: stamp, hint: hintFor(id.guid, receivedS) };
    },
    drop: () => file.drop(),
  };
}

/** Digits of a guid that no two texts of one second share. */
const hintDigits = 20;

/** A name for those whose stores name their files: as a Maildir has it, and another one for each text everywhere. */
function hintFor(guid: Guid, receivedS: number): string {
  return `${receivedS}.${guid.slice(0, hintDigits)}.imap`;
}

/** What messages are like from outside, without their texts. */
export function stampMessages(
  context: ServerContext,
  mailbox: MailboxName,
  refs: readonly string[],
): Promise<ReadonlyMap<string, FileStamp>> {
  return context.kept.reading(async (session) => {
    const stamps = new Map<string, FileStamp>();
    const selected = await open(context, session, mailbox);
    if (selected === null) return stamps;
    const uids = uidsOf(refs, selected.uidValidity);
    for (const [uid, stamp] of await stampUids(session, mailbox, uids))
      stamps.set(refOf(selected.uidValidity, uid), stamp);
    return stamps;
  });
}

/** The same of the mailbox that is open, by UID; left out is what is not there. */
export async function stampUids(
  session: Session,
  mailbox: MailboxName,
  uids: readonly number[],
): Promise<ReadonlyMap<number, FileStamp>> {
  const stamps = new Map<number, FileStamp>();
  const asked = new Set(uids);
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'FETCH') return;
    const row = pairsOf(response.values[0]);
    const uid = numberOf(textOfValue(row.get('UID')));
    const stamp = stampOfRow(row);
    if (uid !== null && stamp !== null && asked.has(uid)) stamps.set(uid, stamp);
  };
  const doing = `looking at messages in ${mailbox}`;
  const sets = cutUidSets(uids, uids.length);
  await Promise.all(
    sets.map((set) =>
      session.demand(doing, [`UID FETCH ${formatUidSet(set)} (UID INTERNALDATE RFC822.SIZE)`], { hear }),
    ),
  );
  return stamps;
}

/** Texts that are fetched together where one after the other is asked for, inclusive. */
const readAheadMax = 100;

/** The canonical text of a message, out of the cache where it was read before. */
export async function readText(context: ServerContext, mailbox: MailboxName, ref: string): Promise<Uint8Array> {
  const doing = `reading the message ${ref} in ${mailbox}`;
  const cached = await withIoFailures(doing, () => context.texts.read(mailbox, ref));
  if (cached !== null) return cached;
  for await (const answer of digestMessages(context, mailbox, refsToFetch(context, mailbox, ref))) {
    if (('subject' in answer ? answer.subject : answer.ref) !== ref) continue;
    if ('failure' in answer) throw answer.failure;
    if ('untaken' in answer) throw notReadable(doing, answer.untaken);
  }
  const text = await withIoFailures(doing, () => context.texts.read(mailbox, ref));
  if (text === null) throw new Failure('store-damaged', `${doing}: there is no such message`);
  return text;
}

/**
 * Whoever asks for one text behind the other, as for a bundle, gets those behind it, too: each would cost three turns.
 * A text by itself is fetched by itself.
 */
function refsToFetch({ texts, lastRead }: ServerContext, mailbox: MailboxName, ref: string): readonly string[] {
  const parsed = parseRef(ref);
  if (parsed === null) return [ref];
  const { uidValidity, uid } = parsed;
  const last = lastRead.get(mailbox);
  lastRead.set(mailbox, uid);
  if (last === undefined || uid <= last || uid > last + readAheadMax) return [ref];
  const count = Math.min(readAheadMax - 1, uidMax - uid);
  const behind = Array.from({ length: count }, (_, index) => refOf(uidValidity, uid + index + 1));
  const wanted = behind.filter((each) => !texts.has(mailbox, each));
  const end = parseRef(wanted.at(-1) ?? ref)?.uid ?? uid;
  lastRead.set(mailbox, end);
  return [ref, ...wanted];
}
