import { Failure } from '../../failure.js';
import { absolutePath } from '../../fs/absolute-path.js';
import type { SecretSource } from './session/read-secret.js';

/** An IMAP account as its user names it, and how it is reached. Holds no secret. */
export type ImapLocation = {
  readonly user: string;
  /** In lower case; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** starttls: demanded before anything else is said. none: to the loopback, or for who insists. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** May a password be sent in the clear over a network? */
  readonly isInsecure: boolean;
  /** A command of the user's shell that speaks IMAP for somebody who is logged in; null: the host is connected to. */
  readonly tunnel: string | null;
  /** A file of PEM certificates of authorities to believe, too. */
  readonly authoritiesFile: string | null;
  /** Null: whoever sits at the terminal is asked. */
  readonly secret: SecretSource | null;
};

/** The words behind `?` in an address, each an option of `mrepl init`, too. */
export const serverWords = [
  'password-command',
  'password-variable',
  'password-file',
  'password-credential',
  'token-command',
  'tunnel',
  'ca-file',
  'insecure',
] as const;
export type ServerWord = (typeof serverWords)[number];

const secretWords: readonly ServerWord[] = serverWords.filter((word) => /^(?:password|token)-/.test(word));

const defaultPorts = { imaps: 993, imap: 143 } as const;

/** An address: user, host in brackets or not, port, and words behind `?`. The last `@` ends the user. */
const addressPattern = /^(imaps?):\/\/(?:([^?/]*)@)?(\[[0-9a-f:.]+\]|[^\s/?#@:[\]]+)(?::(\d{1,5}))?\/?(?:\?(.*))?$/is;

/** Is this the address of an IMAP account, right or wrong? */
export function isImapAddress(spec: string): boolean {
  return /^imaps?:/i.test(spec);
}

/**
 * Reads `imaps://alice@example.org:993?password-command=pass%20mail` (RFC 5092 for what stands before `?`). Throws
 * `usage`; no message has anything of a password that somebody wrote into the address.
 */
export function parseImapLocation(spec: string): ImapLocation {
  const [, scheme = '', written, bracketed = '', digits, query = ''] = addressPattern.exec(spec) ?? [];
  if (scheme === '') throw wrongAddress('it is no address of an IMAP account');
  if (written?.includes(':') === true) {
    throw wrongAddress('a password in an address can be read by others', secretHint);
  }
  const user = decoded(written ?? '');
  if (user === null || user === '' || /\p{Cc}/u.test(user)) throw wrongAddress('it does not say whose account it is');
  const kind = scheme.toLowerCase() as keyof typeof defaultPorts;
  const host = bracketed.replace(/^\[|\]$/g, '').toLowerCase();
  const port = digits === undefined ? defaultPorts[kind] : Number(digits);
  if (port < 1 || port > 65_535) throw wrongAddress(`${port} is no port`);
  const words = readWords(query);
  const isInsecure = words.has('insecure');
  const isPlain = kind === 'imap' && (isInsecure || isLoopback(host));
  return {
    ...{ user, host, port, isInsecure },
    tls: kind === 'imaps' ? 'implicit' : isPlain ? 'none' : 'starttls',
    tunnel: words.get('tunnel') ?? null,
    authoritiesFile: words.get('ca-file') ?? null,
    secret: secretOf(words),
  };
}

/** The same with files as they are found from wherever mrepl is run. */
export function withAbsoluteFiles(location: ImapLocation, home: string): ImapLocation {
  const { authoritiesFile, secret } = location;
  return {
    ...location,
    authoritiesFile: authoritiesFile && absolutePath(authoritiesFile, home),
    secret: secret?.kind === 'password-file' ? { ...secret, path: absolutePath(secret.path, home) } : secret,
  };
}

/** The address with what is said by options added to its words. Throws `usage` as `parseImapLocation` does. */
export function withServerWords(spec: string, more: ReadonlyMap<ServerWord, string>): string {
  const location = parseImapLocation(spec);
  if (more.size === 0) return formatImapLocation(location);
  const [address = '', query = ''] = spec.split(/\?(.*)/s);
  const words = readWords(query);
  // Of the ways to a secret an option is the one that is meant.
  if ([...more.keys()].some((word) => secretWords.includes(word))) for (const word of secretWords) words.delete(word);
  return formatImapLocation(parseImapLocation(`${address}?${formatWords(new Map([...words, ...more]))}`));
}

/** As `parseImapLocation` reads it, in one spelling. */
export function formatImapLocation(location: ImapLocation): string {
  const { isInsecure, tunnel, authoritiesFile, secret } = location;
  const words = new Map<ServerWord, string>();
  if (secret !== null) {
    words.set(secret.kind, 'command' in secret ? secret.command : 'name' in secret ? secret.name : secret.path);
  }
  if (tunnel !== null) words.set('tunnel', tunnel);
  if (authoritiesFile !== null) words.set('ca-file', authoritiesFile);
  if (isInsecure) words.set('insecure', 'yes');
  const query = formatWords(words);
  return `${nameOfImapAccount(location)}${query === '' ? '' : `?${query}`}`;
}

/** For messages: `imaps://alice@example.org`, with the port where it is not the usual one. */
export function nameOfImapAccount({ user, host, port, tls }: ImapLocation): string {
  const scheme = tls === 'implicit' ? 'imaps' : 'imap';
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const shownUser = encodeURIComponent(user).replaceAll('%40', '@').replaceAll('%2B', '+');
  return `${scheme}://${shownUser}@${shownHost}${port === defaultPorts[scheme] ? '' : `:${port}`}`;
}

/** The one account that is meant, whatever way leads to it: for comparing. */
export function accountAtServer({ user, host }: ImapLocation): string {
  return `${user}@${host}`;
}

function readWords(query: string): Map<ServerWord, string> {
  const words = new Map<ServerWord, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [name = '', value = ''] = part.split(/=(.*)/s);
    const word = serverWords.find((each) => each === name);
    const text = decoded(value);
    if (word === undefined) {
      throw wrongAddress(`"${name}" is not among the words behind "?", which are ${serverWords.join(', ')}`);
    }
    if (word === 'insecure' ? !['', 'yes'].includes(value) : text === null || text === '') {
      throw wrongAddress(`"${word}" behind "?" has no value that could be meant`);
    }
    words.set(word, text ?? '');
  }
  return words;
}

function formatWords(words: ReadonlyMap<ServerWord, string>): string {
  return serverWords
    .flatMap((word) => (words.has(word) ? [`${word}=${encoded(words.get(word) ?? '')}`] : []))
    .join('&');
}

function secretOf(words: ReadonlyMap<ServerWord, string>): SecretSource | null {
  const [kind, another] = secretWords.filter((word) => words.has(word));
  if (another !== undefined) throw wrongAddress(`of ${kind} and ${another} only one can be meant`);
  const value = words.get(kind ?? 'insecure') ?? '';
  switch (kind) {
    case 'password-command':
    case 'token-command':
      return { kind, command: value };
    case 'password-variable':
      return { kind, name: value };
    case 'password-credential':
      if (value.includes('/') || value.startsWith('.')) throw wrongAddress(`${kind} wants a name without "/"`);
      return { kind, name: value };
    case 'password-file':
      return { kind, path: value };
    default:
      return null;
  }
}

/** RFC 6761, section 6.3, and the addresses of the loopback. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** What would end a word, or the address, and blanks; the rest stays readable. */
function encoded(text: string): string {
  return text.replace(/[%&#\s\p{Cc}]/gu, (character) => encodeURIComponent(character));
}

const secretHint = 'Say how to get it: --password-command, --password-file, or nothing at all to be asked.';

/** The address itself is not shown: somebody may have written a password into it. */
function wrongAddress(what: string, hint?: string): Failure {
  return new Failure('usage', `the address of the IMAP account cannot be used: ${what}`, {
    hint: hint ?? 'It is written like imaps://alice@mail.example.org, or imap://alice@mail.example.org:143.',
  });
}
