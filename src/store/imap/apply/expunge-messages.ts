import { Failure, isOfOneThing } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { Expunge } from '../../../mail/mailbox-change.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { Trash } from '../../interface/trash.js';
import { digestMessages, readText } from '../look/digest-messages.js';
import { parseRef, refOf } from '../look/message-ref.js';
import type { ServerContext } from '../look/server-context.js';
import { cutUidSets, formatUidSet } from '../protocol/uid-set.js';
import type { Selected, Session } from '../session/session.js';

/** Messages whose texts are kept before they are expunged together, inclusive. */
const expungedAtOnceMax = 200;

/** Removes exactly these from the mailbox that is open to be changed. Throws `io` where the server does not. */
export async function expungeUids(session: Session, mailbox: MailboxName, uids: readonly number[]): Promise<void> {
  const doing = `expunging from ${mailbox}`;
  for (const set of cutUidSets(uids, expungedAtOnceMax)) {
    const written = formatUidSet(set);
    await session.demand(doing, [`UID STORE ${written} +FLAGS.SILENT (\\Deleted)`]);
    await session.demand(doing, [`UID EXPUNGE ${written}`]);
  }
}

/**
 * All that can be done where a server knows only of EXPUNGE, which takes everything that anybody has marked: these are
 * marked, too, and each is a trouble.
 */
async function markDeleted(
  session: Session,
  { raw, uidValidity }: Selected,
  uids: readonly number[],
): Promise<Trouble[]> {
  for (const set of cutUidSets(uids, expungedAtOnceMax)) {
    await session.demand(`marking in ${raw}`, [`UID STORE ${formatUidSet(set)} +FLAGS.SILENT (\\Deleted)`]);
  }
  const failure = new Failure(
    'io',
    `${session.name} expunges no single messages (it has no UIDPLUS): what is to go from ${raw} is marked as deleted there`,
    { hint: 'Expunge it with a mail program.' },
  );
  return uids.map((uid) => ({ subject: refOf(uidValidity, uid), failure }));
}

/** Expunges messages once their texts lie in the trash. Those that are not there any more are passed over. */
export async function expungeMessages(
  context: ServerContext,
  session: Session,
  {
    mailbox,
    selected,
    expunge,
    trash,
  }: {
    readonly mailbox: MailboxName;
    readonly selected: Selected;
    readonly expunge: readonly Expunge[];
    readonly trash: Pick<Trash, 'keep'>;
  },
): Promise<readonly Trouble[]> {
  const troubles: Trouble[] = [];
  for (let at = 0; at < expunge.length; at += expungedAtOnceMax) {
    const some = new Map(expunge.slice(at, at + expungedAtOnceMax).map((one) => [one.ref, one.guid]));
    const going: number[] = [];
    for await (const answer of digestMessages(context, mailbox, [...some.keys()])) {
      if ('failure' in answer) {
        troubles.push(answer);
        continue;
      }
      const uid = parseRef(answer.ref)?.uid;
      const guid = some.get(answer.ref);
      if (uid === undefined || guid === undefined) continue;
      try {
        await trash.keep(guid, await readText(context, mailbox, answer.ref));
        going.push(uid);
      } catch (error) {
        if (!isOfOneThing(error)) throw error;
        troubles.push({ subject: answer.ref, failure: error });
      }
    }
    if (going.length === 0) continue;
    const again = await session.select(selected.raw, 'write');
    if (again?.uidValidity !== selected.uidValidity) continue;
    if (session.capabilities.has('UIDPLUS')) await expungeUids(session, mailbox, going);
    else for (const trouble of await markDeleted(session, selected, going)) troubles.push(trouble);
  }
  return troubles;
}
