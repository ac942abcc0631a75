import { randomBytes } from 'node:crypto';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import { unspeakable } from '../look/mailbox-names.js';
import { countMessages } from '../look/mailbox-numbers.js';
import type { ServerContext } from '../look/server-context.js';
import { quoted } from '../protocol/command.js';
import type { Untagged } from '../protocol/connection.js';
import { textOfValue } from '../protocol/response-values.js';
import type { Session } from '../session/session.js';

/** Between a mailbox's name and a number, while it is removed: nobody delivers to it under that name. */
const removedMark = '-removed-';

/**
 * Removes a mailbox without mail. DELETE takes mail with it, so the mailbox is renamed first, and what came meanwhile
 * is seen. One with mailboxes below it is left: they would be renamed with it.
 */
export async function removeMailbox({ kept, names }: ServerContext, mailbox: MailboxName): Promise<boolean> {
  if (mailbox === inbox) return false;
  const session = await kept.current();
  const raw = names.rawOf(session, mailbox);
  if (raw === null) return true;
  const selected = await session.select(raw, 'read');
  if (selected === null) return true;
  await session.unselect();
  if (selected.exists > 0) return false;
  if (await hasChildren(session, raw)) {
    await unsubscribe(session, raw); // it is there for those below it
    return false;
  }
  const aside = `${raw}${removedMark}${randomBytes(4).toString('hex')}`;
  await session.demand(`removing ${mailbox}`, [`RENAME ${quoted(raw)} ${quoted(aside)}`]);
  if ((await countMessages(session, aside)) === 0) {
    await session.demand(`removing ${mailbox}`, [`DELETE ${quoted(aside)}`]);
    await unsubscribe(session, raw);
    return true;
  }
  await session.demand(`putting ${mailbox} back`, [`RENAME ${quoted(aside)} ${quoted(raw)}`]);
  return false;
}

/**
 * Puts back what was being removed when a run died or the connection was lost, to be removed again: else its other name
 * would be a new mailbox for every host.
 */
export async function putBackRemoved({ kept, names }: ServerContext, mailboxes: readonly MailboxName[]): Promise<void> {
  const session = await kept.current();
  const wanted = new Set(mailboxes.map((mailbox) => names.rawOf(session, mailbox)));
  const found: string[] = [];
  const hear = (response: Untagged): void => {
    if (response.kind === 'data' && response.name === 'LIST') found.push(textOfValue(response.values[2]) ?? '');
  };
  await session.demand('looking for what was being removed', [`LIST "" "*${removedMark}%"`], { hear });
  for (const aside of found) {
    const [, raw] = /^(.+)-removed-[0-9a-f]{8}$/s.exec(aside) ?? [];
    // Refused where the mailbox was made again meanwhile: then the other is left for its user to see.
    if (raw !== undefined && wanted.has(raw)) await session.run([`RENAME ${quoted(aside)} ${quoted(raw)}`]);
  }
}

/** Servers keep subscriptions of what is gone. Some refuse to take one off that is not on the list. */
async function unsubscribe(session: Session, raw: string): Promise<void> {
  await session.run([`UNSUBSCRIBE ${quoted(raw)}`]);
}

async function hasChildren(session: Session, raw: string): Promise<boolean> {
  const { delimiter } = session.namespace;
  if (delimiter === null) return false;
  let found = false;
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'LIST') return;
    if (textOfValue(response.values[2])?.startsWith(raw + delimiter) === true) found = true;
  };
  await session.demand(`looking below ${raw}`, [`LIST "" ${quoted(`${raw}${delimiter}%`)}`], { hear });
  return found;
}

/** Puts a mailbox on the list of those that its user wants to see, or takes it off. */
export async function subscribeTo({ kept, names }: ServerContext, mailbox: MailboxName, on: boolean): Promise<void> {
  const session = await kept.current();
  const raw = names.rawOf(session, mailbox);
  if (raw === null) throw unspeakable(session, mailbox);
  const verb = on ? 'SUBSCRIBE' : 'UNSUBSCRIBE';
  await session.demand(`${on ? 'subscribing to' : 'unsubscribing from'} ${mailbox}`, [`${verb} ${quoted(raw)}`]);
}
