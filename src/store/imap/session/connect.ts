import { spawn } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { ImapFlow } from 'imapflow';
import { streamedLiteralBytesMax } from '../protocol/protocol-limits.js';
import { loginFailure } from './login-failure.js';
import { type Namespace, namespaceOf } from './namespace.js';

/** What proves to the server who asks: never in a message, a log or a description. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  | { readonly user: string; readonly accessToken: string };

/** How a server is reached. */
export type Access = {
  /** For messages and descriptions: `imaps://alice@example.org`, without secrets. */
  readonly name: string;
  readonly way:
    | {
        readonly kind: 'network';
        readonly host: string;
        readonly port: number;
        /** starttls: required, before anything else is said. none: for the loopback, or who insists. */
        readonly tls: 'implicit' | 'starttls' | 'none';
        /** A function is asked whenever somebody logs in. */
        readonly credentials: Credentials | (() => Promise<Credentials>);
        /** PEM of authorities to believe beside those that Node believes. */
        readonly authorities?: string;
      }
    /** A command of the user's shell whose input and output are an IMAP session that is logged in (PREAUTH). */
    | {
        readonly kind: 'tunnel';
        readonly command: string;
        /** Called before it is run: it may ask something at the terminal. */
        readonly leaveTerminal?: () => void;
      };
};

/** Streams on which the server waits for commands of somebody who has logged in. */
export type LoggedIn = {
  readonly input: Readable;
  readonly output: Writable;
  /** What the server said after the login that it can, in capitals. */
  readonly capabilities: ReadonlySet<string>;
  readonly namespace: Namespace;
  release(): void;
};

/** For connecting, and for the greeting, each; in milliseconds. */
const connectMsMax = 30_000;

/**
 * Connects, makes it private, logs in; the client library then lets go of the connection. Throws `config` where the
 * server does not believe the credentials, or its certificate is not to be believed, `io` for all else.
 */
export async function connect(access: Access): Promise<LoggedIn> {
  const { way } = access;
  const credentials = way.kind === 'tunnel' ? null : await credentialsFor(way);
  const { ImapFlow: Client } = await import('imapflow'); // not before somebody has an IMAP account: it is slow to load
  const { options, release } = optionsFor(access, credentials);
  const client = new Client(options);
  keepAnonymous(client);
  client.on('error', () => undefined); // `connect` throws it; without a listener the process would end
  try {
    await client.connect();
  } catch (error) {
    client.close();
    release();
    throw loginFailure(access.name, secretsOf(access, credentials), error);
  }
  const { readSocket, writeSocket } = client.unbind();
  return {
    input: readSocket as Readable,
    output: writeSocket as Writable,
    // The library has asked for both, and to ask again would cost two turns.
    capabilities: new Set([...client.capabilities.keys()].map((name) => name.toUpperCase())),
    namespace: namespaceOf(client.namespaces),
    release,
  };
}

/** The library would tell the server its own name, twice. That a command can be left out is not among its types. */
function keepAnonymous(client: ImapFlow): void {
  const internal = client as unknown as { commands: ReadonlyMap<string, unknown> };
  internal.commands = new Map([...internal.commands].filter(([command]) => command !== 'ID'));
}

type Options = ConstructorParameters<typeof ImapFlow>[0];

type Network = Extract<Access['way'], { readonly kind: 'network' }>;

async function credentialsFor({ credentials }: Network): Promise<Credentials> {
  return typeof credentials === 'function' ? credentials() : credentials;
}

function optionsFor({ way }: Access, credentials: Credentials | null): { readonly options: Options; release(): void } {
  const always = {
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    disableAutoEnable: true,
    disableIMAP4rev2: true,
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    maxLiteralSize: streamedLiteralBytesMax,
  } as const;
  if (way.kind === 'tunnel') {
    const tunnel = startTunnel(way);
    return { options: { ...always, host: 'tunnel', secure: false, transport: tunnel }, release: tunnel.release };
  }
  const { host, port, tls, authorities } = way;
  const options = {
    ...always,
    ...{ host, port, secure: tls === 'implicit' },
    ...(credentials && { auth: authOf(credentials) }),
    ...(tls === 'implicit' ? {} : { doSTARTTLS: tls === 'starttls' }),
    ...(authorities === undefined ? {} : { tls: { ca: [...rootCertificates, authorities] } }),
  };
  return { options, release: () => undefined };
}

function authOf(credentials: Credentials) {
  const { user } = credentials;
  return 'password' in credentials
    ? { user, pass: credentials.password }
    : { user, accessToken: credentials.accessToken };
}

/** Runs the command when the client connects, and ends it with the connection. */
function startTunnel({ command, leaveTerminal }: Extract<Access['way'], { readonly kind: 'tunnel' }>) {
  let end = (): void => undefined;
  return {
    connect(_options: unknown, onConnect: () => void) {
      leaveTerminal?.();
      const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
      const line = Duplex.from({ readable: child.stdout, writable: child.stdin });
      child.once('spawn', onConnect);
      child.once('error', (error) => line.destroy(error));
      end = () => void child.kill('SIGTERM');
      return Object.assign(line, { setTimeout: () => line }); // how long silence may last is for the connection to say
    },
    release: () => end(),
  };
}

/** What must not be in any message: the proof, and the texts within which mechanisms send it, which become Base64. */
function secretsOf({ way }: Access, credentials: Credentials | null): readonly string[] {
  if (way.kind === 'tunnel' || credentials === null) return [];
  const { host, port } = way;
  const { user } = credentials;
  if ('password' in credentials) {
    const { password } = credentials;
    return [password, `\0${user}\0${password}`]; // PLAIN (RFC 4616)
  }
  const bearer = `auth=Bearer ${credentials.accessToken}\x01\x01`;
  // XOAUTH2, and OAUTHBEARER (RFC 7628), in which the name of the user is escaped (RFC 5801)
  const name = user.replaceAll('=', '=3D').replaceAll(',', '=2C');
  const texts = [`user=${user}\x01${bearer}`, `n,a=${name},\x01host=${host}\x01port=${port}\x01${bearer}`];
  return [credentials.accessToken, ...texts];
}
