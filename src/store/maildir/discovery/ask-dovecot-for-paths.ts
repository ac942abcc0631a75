import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeSpellings, shapeOfProbe } from './probe-mailbox.js';

/**
 * Where Dovecot has a mailbox: its mail, its UID list, its indexes. Null where it names none, as for indexes in
 * memory.
 */
export type DovecotPaths = {
  readonly mailbox: string | null;
  readonly control: string | null;
  readonly index: string | null;
};

/** What the Dovecot of this machine says of one user's mail. */
export type DovecotAnswer = {
  /** `maildir`, `mbox`, ...; null where nothing says it. */
  readonly driver: string | null;
  readonly inbox: DovecotPaths;
  /**
   * Of the mailbox in `probe-mailbox`, whether or not there is one; null where no spelling of it was understood.
   */
  readonly probe: DovecotPaths | null;
  /** Plugins that the user's mail goes through, by their names. */
  readonly plugins: readonly string[];
};

export type DovecotQuestion = {
  /** How `doveadm` is run; empty: not at all, and then there is no answer. */
  readonly doveadm: readonly string[];
  readonly userName: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A server that is stuck must not hold `init` up. Milliseconds. */
const answerTimeoutMs = 10_000;

/** Asks `doveadm` and `doveconf`; null where they are not there, or do not know the user. Changes nothing. */
export async function askDovecotForPaths(question: DovecotQuestion): Promise<DovecotAnswer | null> {
  if (question.doveadm.length === 0) return null;
  for (const how of waysToAsk(question)) {
    const inbox = await pathsOf(question, how, 'INBOX');
    if (inbox?.mailbox == null) continue;
    return { ...(await settingsOf(question)), inbox, probe: await probeBy(question, how) };
  }
  return null;
}

/** As 2.3 and 2.4 have it with a user database, as 2.3 has it without one, and as 2.4 has. */
function waysToAsk({ userName }: DovecotQuestion): string[][] {
  return [...(userName === '' ? [] : [['-u', userName]]), [], ['--no-userdb-lookup']];
}

/**
 * Where Dovecot has the user's inbox in this directory, has it look there, by which it makes its UID list: so UIDs are
 * its own before the first message comes, and it never gives others to what an import brought. Else, nothing.
 */
export async function haveDovecotLook(question: DovecotQuestion, root: string): Promise<void> {
  const [program = '', ...first] = question.doveadm;
  if (program === '') return;
  for (const how of waysToAsk(question)) {
    const path = await answerOf(question, program, [...first, 'mailbox', 'path', ...how, '-t', 'mailbox', 'INBOX']);
    if (path === null || path === '') continue;
    const look = [...first, 'mailbox', 'status', ...how, 'messages', 'INBOX'];
    if (join(path) === root) await answerOf(question, program, look);
    return;
  }
}

/**
 * The first spelling that makes a directory of a known shape: Dovecot 2.4 takes the other separator for a letter, and
 * answers with a directory that nothing says anything about.
 */
async function probeBy(question: DovecotQuestion, how: readonly string[]): Promise<DovecotPaths | null> {
  let first: DovecotPaths | null = null;
  for (const name of probeSpellings) {
    const found = await pathsOf(question, how, name);
    if (found?.mailbox == null) continue;
    if (shapeOfProbe(found.mailbox) !== null) return found;
    first ??= found;
  }
  return first;
}

/** Null where Dovecot does not answer at all, or does not know such a mailbox. */
async function pathsOf(question: DovecotQuestion, how: readonly string[], name: string): Promise<DovecotPaths | null> {
  const [program = '', ...first] = question.doveadm;
  const ask = (type: string): Promise<string | null> =>
    answerOf(question, program, [...first, 'mailbox', 'path', ...how, '-t', type, name]);
  const mailbox = await ask('mailbox');
  if (mailbox === null || mailbox === '') return null;
  return { mailbox, control: (await ask('control')) || null, index: (await ask('index')) || null };
}

/**
 * What belongs to the user goes before what belongs to all. Dovecot 2.4 says `mail_driver`, 2.3 writes it before a
 * colon.
 */
async function settingsOf(question: DovecotQuestion): Promise<Pick<DovecotAnswer, 'driver' | 'plugins'>> {
  const [program = '', ...first] = question.doveadm;
  const user = (await answerOf(question, program, [...first, 'user', question.userName])) ?? '';
  const fields = new Map(
    user.split('\n').map((line) => {
      const [field = '', ...value] = line.split('\t');
      return [field.trim(), value.join('\t').trim()] as const;
    }),
  );
  const configured = first.indexOf('-c');
  // The configuration that doveadm is to read.
  const from = configured < 0 ? [] : first.slice(configured, configured + 2);
  const doveconf = async (name: string): Promise<string> =>
    (await answerOf(question, 'doveconf', [...from, '-h', name])) ?? '';
  const location = fields.get('mail') || (await doveconf('mail_location'));
  const driver = fields.get('mail_driver') || (await doveconf('mail_driver')) || /^([a-z]+):/.exec(location)?.[1];
  const plugins = (fields.get('mail_plugins') || (await doveconf('mail_plugins'))).split(/[\s,]+/).filter(Boolean);
  return { driver: driver ?? null, plugins };
}

/** What it prints; null where it cannot be run or fails. */
async function answerOf(
  { userName, home, env }: DovecotQuestion,
  program: string,
  args: readonly string[],
): Promise<string | null> {
  const surroundings = { ...env, USER: userName || 'mrepl', HOME: home, LC_ALL: 'C' };
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: answerTimeoutMs, env: surroundings });
    return stdout.trim();
  } catch {
    return null;
  }
}
