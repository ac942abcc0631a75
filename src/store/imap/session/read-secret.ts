import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import { errnoOf } from '../../../fs/errno.js';
import { openUntrusted, readOpened } from '../../../fs/open-untrusted-file.js';
import type { SecretSurroundings } from '../../interface/store-context.js';

/** Where a secret comes from. The secret itself is kept nowhere. */
export type SecretSource =
  /** A command of the user's shell whose first line of output is the password, or an OAuth 2.0 access token. */
  | { readonly kind: 'password-command' | 'token-command'; readonly command: string }
  /** A variable of the environment. */
  | { readonly kind: 'password-variable'; readonly name: string }
  /** The first line of a file that nobody else may read, by its absolute path. */
  | { readonly kind: 'password-file'; readonly path: string }
  /** A credential that systemd hands to a service, by its name (systemd.exec(5), LoadCredential=). */
  | { readonly kind: 'password-credential'; readonly name: string };

/** A program may ask for a passphrase first: after so long, in milliseconds, nobody will answer any more. */
const commandMsMax = 300_000;

/** Bytes of a secret and of what a program prints behind it, inclusive: some tokens have thousands. */
const secretBytesMax = 64 << 10;

type Asked = {
  /** The account, for messages and questions. */
  readonly name: string;
  readonly surroundings: SecretSurroundings;
  readonly signal: AbortSignal | undefined;
};

/**
 * Gets a password or an access token from where its user said; null: by asking who sits at the terminal. Throws
 * `config` where there is none, and the reason of `signal`. No message has anything of what was read.
 */
export async function readSecret(source: SecretSource | null, asked: Asked): Promise<string> {
  if (source === null) return ask(asked);
  const secret = await fromSource(source, asked);
  if (secret !== '') return secret;
  throw cannotRead(asked.name, source, 'nothing is there, or its first line is empty');
}

async function ask({ name, surroundings, signal }: Asked): Promise<string> {
  const typed = await surroundings.ask(`Password for ${name}: `);
  signal?.throwIfAborted();
  if (typed !== null && typed !== '') return typed;
  throw new Failure('config', `cannot log in to ${name}: no password was given`, {
    hint:
      typed === ''
        ? 'Run it again and type the password.'
        : 'Where nobody sits at a terminal, say how to get it: mrepl relocate with --password-command, --password-file or --password-variable.',
  });
}

async function fromSource(source: SecretSource, asked: Asked): Promise<string> {
  switch (source.kind) {
    case 'password-command':
    case 'token-command':
      return firstLine(await printed(source, asked));
    case 'password-variable':
      return asked.surroundings.env[source.name] ?? '';
    case 'password-file':
      return firstLine(await privateFile(source.path, source, asked));
    case 'password-credential': {
      const directory = asked.surroundings.env.CREDENTIALS_DIRECTORY;
      if (directory === undefined) {
        throw cannotRead(asked.name, source, 'no service of systemd is run here (CREDENTIALS_DIRECTORY is not set)');
      }
      return firstLine(await privateFile(join(directory, source.name), source, asked));
    }
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}

type CommandSource = Extract<SecretSource, { readonly command: string }>;

/** What a command prints. It may ask at the terminal, and what it complains of is seen. */
async function printed(source: CommandSource, { name, surroundings, signal }: Asked): Promise<string> {
  signal?.throwIfAborted();
  surroundings.leaveTerminal();
  const child = spawn('sh', ['-c', source.command], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: surroundings.env,
    timeout: commandMsMax,
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    let text = '';
    const ended = new Promise<string | null>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (status, killedBy) => {
        resolve(
          status === 0 ? null : status === null ? `it was ended by ${killedBy}` : `it ended with status ${status}`,
        );
      });
    });
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      if (text.length <= secretBytesMax) text += piece;
      else stop();
    });
    const wrong = await ended;
    signal?.throwIfAborted();
    if (wrong !== null) throw cannotRead(name, source, wrong);
    return text;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The content of a file that belongs to this user or root and that nobody else may read. */
async function privateFile(path: string, source: SecretSource, { name, signal }: Asked): Promise<string> {
  try {
    const opened = openUntrusted(path, { links: 'follow', bytesMax: secretBytesMax });
    const { mode, uid } = opened.stats;
    if ((mode & 0o077n) !== 0n || ![0n, BigInt(process.geteuid?.() ?? 0)].includes(uid)) {
      closeSync(opened.fd);
      throw cannotRead(name, source, `others may read ${path}, or it is another user's`, `Run: chmod 600 ${path}`);
    }
    return (await readOpened(opened, { path, bytesMax: secretBytesMax, signal })).toString();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw cannotRead(name, source, errnoOf(error) === 'ENOENT' ? `${path} is not there` : (error as Error).message);
  }
}

const shownSources: Readonly<Record<SecretSource['kind'], string>> = {
  'password-command': 'the command for the password',
  'token-command': 'the command for the access token',
  'password-variable': 'the variable for the password',
  'password-file': 'the file for the password',
  'password-credential': 'the credential of systemd for the password',
};

/** A command is not shown: it may have more in it than a name. */
function cannotRead(name: string, source: SecretSource, what: string, hint?: string): Failure {
  return new Failure('config', `cannot log in to ${name}: ${shownSources[source.kind]} gives none: ${what}`, {
    hint:
      hint ??
      ('command' in source ? 'Try the command by hand.' : 'Put it there, or say another way with "mrepl relocate".'),
  });
}
