import { Failure, isOfOneThing } from '../../../failure.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Flag } from '../../../mail/flags.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { Delivery, MailboxChange } from '../../../mail/mailbox-change.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { ChangeOutcome, GivenName } from '../../interface/mail-store.js';
import type { OpenedStore } from '../../interface/opened-store.js';
import { readText } from '../look/digest-messages.js';
import { unspeakable } from '../look/mailbox-names.js';
import { parseRef, refOf } from '../look/message-ref.js';
import type { ServerContext } from '../look/server-context.js';
import { quoted } from '../protocol/command.js';
import type { Selected, Session } from '../session/session.js';
import {
  type Appended,
  append,
  assertText,
  checkAppended,
  inBatches,
  type Refused,
  type TextOrNot,
} from './append-messages.js';
import { expungeMessages } from './expunge-messages.js';
import type { RefusedTexts } from './refused-texts.js';
import { type FlagsOfServer, flagsOfServer, storeFlags } from './store-flags.js';

/** What changing a mailbox needs beside the server. */
type ChangeContext = ServerContext & Pick<OpenedStore, 'spool' | 'trash'> & { readonly refused: RefusedTexts };

type Outcome = {
  readonly troubles: Trouble[];
  readonly files: Map<string, FileStamp>;
  readonly given: Map<string, GivenName>;
  /** Set where something was added of which the server did not say what it is called. */
  isUnknown: boolean;
};

/**
 * Carries out a change over one connection. Where that is lost, `io` is thrown, and nobody knows what was done: it is
 * not said again, the next look shows it.
 */
export async function changeMailbox(
  context: ChangeContext,
  mailbox: MailboxName,
  wanted: MailboxChange,
): Promise<ChangeOutcome> {
  const session = await context.kept.current();
  const outcome: Outcome = { troubles: [], files: new Map(), given: new Map(), isUnknown: false };
  const raw = context.names.rawOf(session, mailbox);
  if (raw === null) return failed(outcome, mailbox, unspeakable(session, mailbox));
  if (wanted.expected === 'absent') {
    const created = await session.run([`CREATE ${quoted(raw)}`]);
    if (created.status !== 'OK') {
      if ((await session.select(raw, 'read')) !== null) return answerOf('moved', outcome, []);
      return failed(outcome, mailbox, notCreated(mailbox, created.text));
    }
  }
  const selected = await session.select(raw, 'write');
  if (selected === null || isOfAnotherTime(wanted, selected)) return answerOf('moved', outcome, []);
  if (!selected.isWritable) return failed(outcome, mailbox, readOnly(mailbox));
  const flags = flagsOfServer(selected, wanted.spellings ?? new Map());
  await deliver(context, session, { mailbox, selected, wanted, flags, outcome });
  if (wanted.setFlags.length > 0) {
    const again = await session.select(raw, 'write'); // reading texts may have opened it, or another, for reading only
    if (again?.uidValidity !== selected.uidValidity) return answerOf('moved', outcome, flags.unstorable);
    await storeFlags(session, selected, { changes: wanted.setFlags, flags });
  }
  if (wanted.expunge.length > 0) {
    const { expunge } = wanted;
    const troubles = await expungeMessages(context, session, { mailbox, selected, expunge, trash: context.trash });
    for (const trouble of troubles) outcome.troubles.push(trouble);
  }
  return answerOf(outcome.isUnknown ? 'moved' : 'done', outcome, flags.unstorable);
}

/** Messages are named in the UIDVALIDITY that there was when the change was planned. */
function isOfAnotherTime({ setFlags, expunge }: MailboxChange, { uidValidity }: Selected): boolean {
  return [...setFlags, ...expunge].some(({ ref }) => {
    const parsed = parseRef(ref);
    return parsed !== null && parsed.uidValidity !== uidValidity;
  });
}

function answerOf(how: ChangeOutcome['outcome'], outcome: Outcome, unstorable: Iterable<Flag>): ChangeOutcome {
  const { troubles, files, given } = outcome;
  return { outcome: how, troubles, unstorable: [...unstorable], stamps: files, given };
}

function failed(outcome: Outcome, mailbox: MailboxName, failure: Failure): ChangeOutcome {
  return { ...answerOf('failed', outcome, []), troubles: [{ subject: mailbox, failure }] };
}

function notCreated(mailbox: MailboxName, text: string): Failure {
  return new Failure('cannot-create', `the server does not make the mailbox ${mailbox}: ${text}`);
}

function readOnly(mailbox: MailboxName): Failure {
  return new Failure('io', `the server lets nobody change the mailbox ${mailbox}`);
}

type Delivering = {
  readonly mailbox: MailboxName;
  readonly selected: Selected;
  readonly wanted: MailboxChange;
  readonly flags: FlagsOfServer;
  readonly outcome: Outcome;
};

async function deliver(context: ChangeContext, session: Session, delivering: Delivering): Promise<void> {
  const { mailbox, selected, wanted, flags, outcome } = delivering;
  const isToBeTried = ({ ref, guid }: Delivery): boolean => {
    const reason = context.refused.reason(mailbox, guid);
    if (reason !== null) outcome.troubles.push({ subject: ref, failure: refusedBefore(reason) });
    return reason === null;
  };
  const toAppend = wanted.deliver
    .filter(isToBeTried)
    .map((delivery) => ({ delivery, flags: flags.spelled(delivery.flags) }));
  /** A refusal that will be the same the next time is remembered. */
  const refuse = ({ ref, guid }: Delivery, { failure, isLasting }: Refused): void => {
    outcome.troubles.push({ subject: ref, failure });
    if (isLasting) context.refused.note(mailbox, guid, failure.message);
  };
  for await (const { batch, failed } of inBatches(toAppend, session, (delivery) => textFor(context, delivery))) {
    for (const [{ ref }, failure] of failed) outcome.troubles.push({ subject: ref, failure });
    const appended = await append(session, selected.raw, batch);
    const added = new Map<number, Appended>();
    for (const [index, one] of batch.entries()) {
      const where = appended[index];
      if (where?.kind === 'appended') added.set(where.uid, one);
      else if (where?.kind === 'refused') refuse(one.delivery, where);
      else outcome.isUnknown = true;
    }
    if (added.size === 0) continue;
    const open = await session.select(selected.raw, 'write'); // a text may have been read from another mailbox
    if (open?.uidValidity !== selected.uidValidity) {
      outcome.isUnknown = true;
      return;
    }
    for (const [uid, result] of await checkAppended(context, session, { mailbox, selected, added })) {
      const delivery = added.get(uid)?.delivery;
      if (delivery === undefined) continue;
      const { ref } = delivery;
      if (result.kind === 'unknown') outcome.isUnknown = true;
      else if (result.kind === 'refused') refuse(delivery, result);
      else {
        const name = refOf(selected.uidValidity, uid);
        outcome.given.set(ref, { ref: name, uid });
        outcome.files.set(name, result.file);
      }
    }
  }
}

function refusedBefore(reason: string): Failure {
  return new Failure('io', reason, {
    hint: 'The message stays on the hosts that have it. The server is asked again after 30 days.',
  });
}

async function textFor(context: ChangeContext, delivery: Delivery): Promise<TextOrNot> {
  const { guid, text: from } = delivery;
  try {
    const text = from === 'spool' ? await context.spool.read(guid) : await readText(context, from.mailbox, from.ref);
    return { text: assertText(delivery, text) };
  } catch (error) {
    if (!isOfOneThing(error)) throw error;
    const session = await context.kept.current();
    if (session.lost() !== null) throw error;
    return { failure: error };
  }
}
