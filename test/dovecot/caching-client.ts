import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A mail program that keeps what it was told of one mailbox, and asks a server only for what has changed since the modseq it noted last, whichever
 * server that was (RFC 7162, QRESYNC). It speaks IMAP itself, so that nothing but the server's own answers is between.
 */
export type CachingClient = {
  /** Brings the cache up to date from this server, as quick as the protocol allows. */
  catchUp(server: { readonly port: number; readonly user: string }, mailbox: string): Promise<void>;
  /** Flags by UID, as the cache has them. */
  flags(): Record<number, string>;
};

/** Flags by UID as the server has them, all of them asked for. */
export async function flagsOn(
  { port, user }: { readonly port: number; readonly user: string },
  mailbox: string,
): Promise<Record<number, string>> {
  const session = await openSession(port, user);
  await session.command(`EXAMINE "${mailbox}"`);
  const lines = await session.command('UID FETCH 1:* (FLAGS)');
  session.close();
  return Object.fromEntries([...fetched(lines)].sort(([a], [b]) => a - b));
}

export function makeCachingClient(): CachingClient {
  let uidValidity = 0;
  let modseq = 0;
  let uidNext = 1;
  const cache = new Map<number, string>();
  return {
    flags: () => Object.fromEntries([...cache].sort(([a], [b]) => a - b)),
    async catchUp({ port, user }, mailbox) {
      const session = await openSession(port, user);
      await session.command('ENABLE QRESYNC');
      const since = modseq > 0 ? ` (QRESYNC (${uidValidity} ${modseq}))` : '';
      const lines = await session.command(`EXAMINE "${mailbox}"${since}`);
      const said = (pattern: RegExp): number => Number(lines.map((line) => pattern.exec(line)?.[1]).find(Boolean) ?? 0);
      if (said(/\[UIDVALIDITY (\d+)\]/) !== uidValidity) {
        cache.clear();
        uidNext = 1;
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
      session.close();
    },
  };
}

type ImapSession = { command(text: string): Promise<string[]>; close(): void };

async function openSession(port: number, user: string): Promise<ImapSession> {
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
  return { command, close: () => socket.destroy() };
}

function linesFrom(socket: Socket): { until(last: RegExp): Promise<string[]> } {
  let rest = '';
  const waiting: string[] = [];
  let wake = (): void => {};
  let failure: Error | null = null;
  socket.on('data', (piece) => {
    const parts = (rest + piece.toString('latin1')).split('\r\n');
    rest = parts.pop() ?? '';
    for (const line of parts) waiting.push(line);
    wake();
  });
  socket.on('error', (error) => {
    failure = error;
    wake();
  });
  return {
    async until(last) {
      const found: string[] = [];
      for (;;) {
        const line = waiting.shift();
        if (line !== undefined) {
          found.push(line);
          if (last.test(line)) return found;
          continue;
        }
        if (failure !== null) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
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
