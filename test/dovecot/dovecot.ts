import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { configuration, isVersionBefore24, type Layout, maildirName } from './configuration.js';
import { deliverByLmtp } from './lmtp.js';
import { type MailClient, openMailClient } from './mail-client.js';
import { type MailUser, mailUser } from './mail-user.js';

const run = promisify(execFile);

/** A real Dovecot of its own: port, directories, log. Any user name is an account, made when it is first used. */
export type Dovecot = {
  readonly port: number;
  /** Where it speaks TLS; null where nobody asked for that. */
  readonly tls: { readonly port: number; readonly certificate: string } | null;
  readonly layout: Layout;
  readonly user: MailUser;
  account(name: string): DovecotAccount;
  /** Lines of the log since the start or the last call, but for mere information. */
  troubles(): string[];
  /** Why clients were disconnected that did not log out, since the start. */
  disconnections(): string[];
  doveadm(...args: string[]): Promise<string>;
  /** Other lines in the place of `extra`, for whoever connects or delivers from now on; clients are disconnected. */
  reconfigure(extra: string): Promise<void>;
  stop(): Promise<void>;
};

export type DovecotAccount = {
  readonly name: string;
  readonly home: string;
  readonly maildir: string;
  /** What `mrepl init` is given. */
  readonly store: string;
  /** A connected client; it is closed with the server unless it was before. */
  client(options?: { readonly qresync?: boolean }): Promise<MailClient>;
  /** Names that are subscribed to, also of mailboxes that do not exist. */
  subscriptions(): Promise<string[]>;
  /** Delivers as a mail server does, by dovecot-lda. */
  deliver(text: string | Uint8Array, mailbox?: string): Promise<void>;
  /** The same by LMTP. */
  deliverByLmtp(text: string | Uint8Array, mailbox?: string): Promise<void>;
};

/** The server ends with the tests even where these are killed. */
const endingWithUs = ['setpriv', '--pdeathsig', 'TERM', '--'];

const startMs = 20_000;
const stopMs = 10_000;
const reloadMs = 500; // nothing says when a reload is over
const attempts = 3; // the port is free when chosen; somebody else may be quicker

type DovecotOptions = {
  readonly layout?: Layout;
  /** Further lines of its configuration, such as `mail_plugins = zlib`. */
  readonly extra?: string;
  /** The one that everybody has; left out, any will do. */
  readonly password?: string;
  /** Has it a port for TLS, with a certificate of its own for `localhost` and 127.0.0.1? */
  readonly speaksTls?: boolean;
};

export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === attempts || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startOnce(options: DovecotOptions): Promise<Dovecot> {
  const { layout = 'maildir++', extra = '', password = null, speaksTls = false } = options;
  const user = mailUser();
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-dovecot-'));
  for (const name of ['run', 'state', 'homes']) mkdirSync(join(directory, name));
  const port = await freePort();
  const tls = speaksTls ? { port: await freePort(), ...(await ownCertificate(directory)) } : null;
  const configFile = join(directory, 'dovecot.conf');
  const version = await dovecotVersion();
  const configure = (lines: string): void =>
    writeFileSync(configFile, configuration(version, { directory, port, layout, user, password, tls, extra: lines }));
  configure(extra);
  user.own(directory);
  const logFile = join(directory, 'log');
  const [program = '', ...args] = user.command([...endingWithUs, 'dovecot', '-F', '-c', configFile]);
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  server.stderr?.on('data', (piece) => {
    complaint += String(piece);
  });
  try {
    await untilItListens(server, port);
  } catch (error) {
    await stopServer(server);
    const log = textOf(logFile);
    rmSync(directory, { recursive: true, force: true });
    throw new Error(`starting Dovecot on port ${port}: ${String(error)}\n${complaint}${log}`);
  }

  const clients = new Set<MailClient>();
  let logRead = 0;
  const doveadm = async (...command: string[]): Promise<string> => {
    const [file = '', ...rest] = user.command(['doveadm', '-c', configFile, ...command]);
    return (await run(file, rest, { maxBuffer: 64 << 20 })).stdout;
  };
  return {
    port,
    tls,
    layout,
    user,
    doveadm,
    async reconfigure(lines) {
      configure(lines);
      for (const client of clients) await client.close();
      clients.clear();
      server.kill('SIGHUP');
      await sleep(reloadMs);
      logRead = textOf(logFile).length; // processes that are replaced complain of it
    },
    account(name) {
      const home = join(directory, 'homes', name);
      mkdirSync(home, { recursive: true });
      user.own(home);
      const maildir = join(home, maildirName);
      return {
        name,
        home,
        maildir,
        store: `maildir:${maildir}${layout === 'fs' ? ':LAYOUT=fs' : ''}`,
        async client(options) {
          const client = await openMailClient({
            ...{ port, user: name, qresync: options?.qresync ?? false },
            ...(password !== null && { password }),
          });
          clients.add(client);
          return client;
        },
        async subscriptions() {
          return (await doveadm('mailbox', 'list', '-s', '-u', name)).split('\n').filter(Boolean).sort();
        },
        async deliver(text, mailbox = 'INBOX') {
          const [file = '', ...rest] = user.command([
            '/usr/lib/dovecot/dovecot-lda',
            ...['-c', configFile, '-d', name, '-m', mailbox],
          ]);
          await fed(file, rest, text);
        },
        async deliverByLmtp(text, mailbox = 'INBOX') {
          const recipient = mailbox === 'INBOX' ? name : `${name}+${mailbox}`;
          await deliverByLmtp(join(directory, 'run', 'lmtp'), { recipient, text });
        },
      };
    },
    troubles() {
      const log = textOf(logFile);
      const fresh = log.slice(logRead);
      logRead = log.length;
      return fresh.split('\n').filter((line) => /(?:Debug|Warning|Error|Fatal|Panic): /.test(line));
    },
    disconnections() {
      const lines = textOf(logFile).split('\n');
      return lines.flatMap((line) => /imap\(.*: Info: (Disconnected(?!: Logged out).*?) in=/.exec(line)?.[1] ?? []);
    },
    async stop() {
      for (const client of clients) await client.close();
      await stopServer(server);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Has the Dovecot of this machine the older names of settings? */
export async function isBefore24(): Promise<boolean> {
  return isVersionBefore24(await dovecotVersion());
}

export async function dovecotVersion(): Promise<string> {
  const { stdout } = await run('dovecot', ['--version']);
  return /^\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim();
}

/** A key, and a certificate that it has signed itself. */
async function ownCertificate(directory: string): Promise<{ readonly certificate: string; readonly key: string }> {
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const made = ['-subj', '/CN=localhost', '-addext', names, '-days', '2', '-keyout', key, '-out', certificate];
  await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...made]);
  return { certificate, key };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

async function untilItListens(server: ChildProcess, port: number): Promise<void> {
  for (const end = Date.now() + startMs; Date.now() < end; await sleep(10)) {
    if (server.exitCode !== null) throw new Error(`it ended with status ${server.exitCode}`);
    if (await accepts(port)) return;
  }
  throw new Error(`it did not listen within ${startMs} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(timer);
}

async function fed(file: string, args: readonly string[], input: string | Uint8Array): Promise<void> {
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (piece) => {
    complaint += String(piece);
  });
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${file} ended with status ${String(status)}: ${complaint}`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // nothing was logged yet
  }
}
