import { once } from 'node:events';
import { connect } from 'node:net';
import { linesFrom } from './socket-lines.js';

export type ServerAddress = { readonly port: number; readonly user: string };

export type ImapSession = { command(text: string): Promise<string[]>; close(): void };

/**
 * A mail program that keeps what it was told of one mailbox, and asks a server only for what has changed since the modseq it noted last, whichever
 * server that was (RFC 7162, QRESYNC). It speaks IMAP itself, so that nothing but the server's own answers is between.
 */
export type CachingClient = {
  /** Brings the cache up to date from this server, as quick as the protocol allows. */
  catchUp(server: ServerAddress, mailbox: string): Promise<void>;
  /** The same in a session that is open already. */
  catchUpIn(session: ImapSession, mailbox: string): Promise<void>;
  /** Flags by UID, as the cache has them. */
  flags(): Record<number, string>;
};

/** Flags by UID as the server has them, all of them asked for. */
export async function flagsOn(server: ServerAddress, mailbox: string): Promise<Record<number, string>> {
  const session = await openSession(server);
  const flags = await flagsIn(session, mailbox);
  session.close();
  return flags;
}

/** The same in a session that is open already. */
export async function flagsIn(session: ImapSession, mailbox: string): Promise<Record<number, string>> {
  await session.command(`EXAMINE "${mailbox}"`);
  const lines = await session.command('UID FETCH 1:* (FLAGS)');
  return Object.fromEntries([...fetched(lines)].sort(([a], [b]) => a - b));
}

export function makeCachingClient(): CachingClient {
  let uidValidity = 0;
  let modseq = 0;
  let uidNext = 1;
  const cache = new Map<number, string>();
  const client: CachingClient = {
    flags: () => Object.fromEntries([...cache].sort(([a], [b]) => a - b)),
    async catchUp(server, mailbox) {
      const session = await openSession(server);
      await client.catchUpIn(session, mailbox);
      session.close();
    },
    async catchUpIn(session, mailbox) {
      const since = modseq > 0 ? ` (QRESYNC (${uidValidity} ${modseq}))` : '';
      const lines = await session.command(`EXAMINE "${mailbox}"${since}`);
      const said = (pattern: RegExp): number => Number(lines.map((line) => pattern.exec(line)?.[1]).find(Boolean) ?? 0);
      if (said(/\[UIDVALIDITY (\d+)\]/) !== uidValidity) {
        cache.clear();
        uidNext = 1;
      } else if (lines.includes('* 0 EXISTS')) {
        cache.clear();
      } else {
        for (const line of lines) {
          for (const uid of uidsOf(/^\* VANISHED \(EARLIER\) (.*)$/.exec(line)?.[1] ?? '')) cache.delete(uid);
        }
        for (const [uid, flags] of fetched(lines)) if (uid < uidNext) cache.set(uid, flags);
      }
      for (const [uid, flags] of fetched(await session.command(`UID FETCH ${uidNext}:* (FLAGS)`))) {
        if (uid >= uidNext) cache.set(uid, flags);
      }
      uidValidity = said(/\[UIDVALIDITY (\d+)\]/);
      modseq = said(/\[HIGHESTMODSEQ (\d+)\]/);
      uidNext = said(/\[UIDNEXT (\d+)\]/);
    },
  };
  return client;
}

/** A connection that is logged in, with QRESYNC. */
export async function openSession({ port, user }: ServerAddress): Promise<ImapSession> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const lines = linesFrom(socket);
  await lines.until(/^\* OK/);
  let count = 0;
  const command = async (text: string): Promise<string[]> => {
    const tag = `t${++count}`;
    socket.write(`${tag} ${text}\r\n`);
    const answer = await lines.until(new RegExp(`^${tag} `));
    if (!(answer.at(-1) ?? '').startsWith(`${tag} OK`)) throw new Error(`${text}: ${answer.at(-1)}`);
    return answer.slice(0, -1);
  };
  await command(`LOGIN ${user} any`);
  await command('ENABLE QRESYNC');
  return { command, close: () => socket.destroy() };
}

/** `* 4 FETCH (UID 5 FLAGS (\Seen) MODSEQ (503))`; `\Recent` is of the session and left out. */
function fetched(lines: readonly string[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const line of lines) {
    if (!/^\* \d+ FETCH /.test(line)) continue;
    const uid = Number(/UID (\d+)/.exec(line)?.[1] ?? 0);
    const flags = /FLAGS \(([^)]*)\)/.exec(line)?.[1] ?? '';
    const shown = flags.split(' ').filter((flag) => flag !== '' && flag !== '\\Recent');
    if (uid > 0) found.set(uid, shown.sort().join(' '));
  }
  return found;
}

/** `4,6:8` */
function uidsOf(set: string): number[] {
  if (set === '') return [];
  return set.split(',').flatMap((part) => {
    const [lo = 0, hi = lo] = part.split(':').map(Number);
    return Array.from({ length: hi - lo + 1 }, (_, n) => lo + n);
  });
}
