import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../bench/random.js';
import type { Line, MailClient } from '../dovecot/mail-client.js';
import type { UidWitness } from '../end-to-end/uid-witness.js';
import type { Tally } from '../soak-hosts/tally.js';
import { type Fate, fateOf, type Letters } from './letters.js';

/** What everybody at a host shares. */
export type Desk = {
  readonly hostName: string;
  readonly random: Random;
  readonly letters: Letters;
  readonly witness: UidWitness;
  readonly tally: Tally;
  /** Mailboxes of this host that come and go; nobody else renames or deletes them. */
  readonly temporary: Set<string>;
  /** Subjects of letters that a client is moving: two that move one at the same time copy it twice. */
  readonly inHand: Set<string>;
};

/** Mailboxes that stay, and are there from the beginning. */
export const lasting = ['INBOX', 'Work', 'Lists/a', 'Copies'] as const;

const keywords = ['\\Seen', '\\Flagged', '\\Answered', '$Forwarded', 'Later', 'Urgent', '$Label1', '$Label3'] as const;

/** Messages that a client has in view. */
const viewCount = 120;

/** Longest pause between two things that a client does. */
const pauseMsMax = 120;

/** The server closed the connection: why, its log says. */
const closed = /connection|socket|closed/i;

/** Refusals that come of what another client or an import did in between. */
const timely = /refused|NONEXISTENT|doesn't exist|not found|ALREADYEXISTS|already exists|Command failed/i;

let temporaryCount = 0;

/** A mail program with a person before it, until `isOver`; it connects again when it was disconnected. Fails where the server fails. */
export async function workAt(connect: () => Promise<MailClient>, desk: Desk, isOver: () => boolean): Promise<void> {
  const { random, tally } = desk;
  /** The mailboxes it had open last; that it was disconnected shows only with the next one. */
  let opened: readonly string[] = [];
  const connected = async (): Promise<MailClient> => {
    const client = await connect();
    const lookAtLast: MailClient['lookAtLast'] = (mailbox, count) => {
      opened = [...opened, mailbox].slice(-2);
      return client.lookAtLast(mailbox, count);
    };
    return { ...client, lookAtLast };
  };
  let client = await connected();
  const deed = (share: number, name: string, work: () => Promise<boolean>) =>
    Array.from({ length: share }, () => ({ name, work }));
  const deeds: readonly { readonly name: string; readonly work: () => Promise<boolean> }[] = [
    ...deed(40, 'flag', () => flag(client, desk)),
    ...deed(16, 'expunge', () => expunge(client, desk)),
    ...deed(12, 'move', () => move(client, desk)),
    ...deed(8, 'copy', () => copy(client, desk)),
    ...deed(10, 'append', () =>
      append(client, desk, { fate: random.pick(['kept', 'moved', 'expunged']), mailbox: 'Work' }),
    ),
    ...deed(5, 'create', () => create(client, desk)),
    ...deed(5, 'rename', () => rename(client, desk)),
    ...deed(3, 'delete', () => remove(client, desk)),
  ];
  while (!isOver()) {
    const { name, work } = random.pick(deeds);
    try {
      if (await work()) tally.count(`change: ${name}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (closed.test(error.message)) {
        // Who has a mailbox open that another client renames or deletes is disconnected; nobody else is.
        if (opened.every((mailbox) => lasting.some((name) => name === mailbox))) {
          throw new Error(`disconnected in ${opened.join(' or ')}`, { cause: error });
        }
        tally.count(`refused: ${name}, disconnected`);
        client = await connected();
      } else if (timely.test(error.message)) tally.count(`refused: ${name}`);
      else throw error;
    }
    await sleep(random.integer(0, pauseMsMax));
  }
  await client.close();
}

/** What there is to be seen last; each UID is noted with what it names. */
async function view(client: MailClient, { hostName, witness }: Desk, mailbox: string): Promise<readonly Line[]> {
  const { uidValidity, lines } = await client.lookAtLast(mailbox, viewCount);
  for (const { uid, subject } of lines)
    witness.note(`${hostName} ${mailbox}, UIDVALIDITY ${uidValidity}, UID ${uid}`, subject);
  return lines;
}

function some({ random }: Desk, lines: readonly Line[], fates: readonly Fate[]): Line[] {
  const choice = lines.filter(({ subject }) => fates.some((fate) => fate === fateOf(subject)));
  const first = random.integer(0, Math.max(0, choice.length - 1));
  return choice.slice(first, first + random.integer(1, 3));
}

async function flag(client: MailClient, desk: Desk): Promise<boolean> {
  const { random } = desk;
  const mailbox = random.chance(0.8) ? random.pick(lasting) : random.pick(await client.mailboxes());
  const lines = some(desk, await view(client, desk, mailbox), ['kept', 'copied', 'moved', 'temporary']);
  if (lines.length === 0) return false;
  const change = random.chance(0.65) ? 'add' : 'remove';
  await client.flag(mailbox, uidsOf(lines), { [change]: [random.pick(keywords)] });
  return true;
}

async function expunge(client: MailClient, desk: Desk): Promise<boolean> {
  const { random, letters } = desk;
  const mailbox = random.pick(['INBOX', 'Work'] as const);
  const lines = some(desk, await view(client, desk, mailbox), ['expunged']);
  if (lines.length === 0) return false;
  for (const { subject, uid } of lines) {
    letters.doomed(subject);
    letters.note(subject, `${mailbox} ${uid} is expunged`);
  }
  await client.expunge(mailbox, uidsOf(lines));
  // An import may have given it another UID in between.
  const left = new Set((await view(client, desk, mailbox)).map(({ subject }) => subject));
  for (const { subject } of lines) if (!left.has(subject)) letters.expunged(subject);
  return true;
}

async function move(client: MailClient, desk: Desk): Promise<boolean> {
  const { random, hostName } = desk;
  const mailbox = random.pick(['INBOX', 'Work'] as const);
  // Each host moves its own, or a message would rightly be in two places.
  const lines = some(desk, await view(client, desk, mailbox), ['moved']).filter(
    ({ subject }) => subject.endsWith(` ${hostName}`) && !desk.inHand.has(subject),
  );
  if (lines.length === 0) return false;
  for (const { subject } of lines) desk.inHand.add(subject);
  try {
    await moveLines(client, desk, { mailbox, lines });
  } finally {
    for (const { subject } of lines) desk.inHand.delete(subject);
  }
  return true;
}

async function moveLines(
  client: MailClient,
  desk: Desk,
  { mailbox, lines }: { readonly mailbox: string; readonly lines: readonly Line[] },
): Promise<void> {
  const to = desk.random.pick(['INBOX', 'Work', 'Lists/a'].filter((name) => name !== mailbox));
  for (const { subject, uid } of lines) desk.letters.note(subject, `${mailbox} ${uid} is moved to ${to}`);
  await client.move(mailbox, uidsOf(lines), to);
  // To Dovecot a move is a copy and an expunge, and there is nothing to expunge any more under a UID that an import has just replaced.
  const left = new Set((await view(client, desk, mailbox)).map(({ subject }) => subject));
  for (const { subject } of lines) {
    desk.letters.note(subject, left.has(subject) ? 'and stayed' : 'moved');
    if (left.has(subject)) desk.letters.doubled(subject);
  }
}

async function copy(client: MailClient, desk: Desk): Promise<boolean> {
  const lines = some(desk, await view(client, desk, 'INBOX'), ['copied']);
  if (lines.length === 0) return false;
  await client.copy('INBOX', uidsOf(lines), 'Copies');
  return true;
}

async function append(
  client: MailClient,
  { random, letters, hostName }: Desk,
  { fate, mailbox }: { readonly fate: Fate; readonly mailbox: string },
): Promise<boolean> {
  const { subject, text } = letters.write(fate, hostName);
  letters.delivered(subject);
  const flags = random.chance(0.5) ? [random.pick(keywords)] : [];
  try {
    await client.append(mailbox, text.replaceAll('\n', '\r\n'), { flags });
  } catch (error) {
    letters.doomed(subject);
    throw error;
  }
  return true;
}

async function create(client: MailClient, desk: Desk): Promise<boolean> {
  temporaryCount++;
  const mailbox = `${desk.hostName}/${temporaryCount}`;
  await client.create(mailbox);
  for (let count = desk.random.integer(0, 3); count > 0; count--)
    await append(client, desk, { fate: 'temporary', mailbox });
  desk.temporary.add(mailbox);
  return true;
}

async function rename(client: MailClient, desk: Desk): Promise<boolean> {
  const mailbox = takeTemporary(desk);
  if (mailbox === null) return false;
  temporaryCount++;
  const to = `${desk.hostName}/${temporaryCount}`;
  await client.rename(mailbox, to);
  desk.temporary.add(to);
  return true;
}

async function remove(client: MailClient, desk: Desk): Promise<boolean> {
  const mailbox = takeTemporary(desk);
  if (mailbox === null) return false;
  for (const { subject } of await view(client, desk, mailbox)) desk.letters.doomed(subject);
  await client.remove(mailbox);
  return true;
}

/** Takes one, so that no two clients rename or delete it. */
function takeTemporary({ random, temporary }: Desk): string | null {
  if (temporary.size === 0) return null;
  const mailbox = random.pick([...temporary]);
  temporary.delete(mailbox);
  return mailbox;
}

function uidsOf(lines: readonly Line[]): number[] {
  return lines.map(({ uid }) => uid);
}
