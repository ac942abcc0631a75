import { advice, Failure, invariant, typed } from '../../failure.js';
import { type HostId, hostIdPattern } from '../../replica/host-id.js';
import { isUsableName } from '../../replica/host-name.js';
import { type AgeRecipient, parseAgeRecipient } from '../age/recipient-keys.js';
import { type PublicKey, parsePublicKey } from '../ssh/ed25519-public-key.js';
import type { SigningKey } from '../ssh/ed25519-signing-key.js';
import { armorBegin, armorEnd, signatureBytesMax, signDetached, verifyDetached } from '../ssh/ssh-signature.js';

/** Who a host is: what it leaves on the stick for hosts that are to know it. */
export type Card = {
  readonly account: string;
  readonly hostId: HostId;
  /** What the host calls itself. Not fit to be a file's name: it comes from elsewhere. */
  readonly hostName: string;
  readonly signingKey: PublicKey;
  /** Whom its mail is sealed for: `age1...`. */
  readonly ageRecipient: AgeRecipient;
  /** Where the host was known under another id before. */
  readonly succession?: Succession;
};

/** That a host goes on as the one of a card, said with the key it had before: see `sign-succession.ts`. */
export type Succession = { readonly formerId: HostId; readonly signature: string };

/**
 * Bytes of a card, inclusive: the longest names, all of it control characters, fit. Who reads one need not read
 * further.
 */
export const cardBytesMax = 4096;

/** Bytes of an account's or host's name in UTF-8, inclusive: as in a bundle's manifest. */
export const cardNameBytesMax = 255;

/** What is signed as a card is nothing else. */
const namespace = 'mrepl-card';

/** The keys in the order of their lines; those of later minor versions stand behind them. */
const keys: readonly string[] = [
  'format',
  'version',
  'account',
  'host',
  'name',
  'signingKey',
  'ageRecipient',
  'formerHost',
  'formerSignature',
];

/** Major and minor version that this code writes; it reads every minor version of the same major one. */
const cardVersion = { major: 1, minor: 0 } as const;

/**
 * The first bytes of every card of every version; the version stands behind them, before anything that may change with
 * it.
 */
const magic = Buffer.from('{\n"format":"mrepl-card",\n"version":"');
const versionPattern = /^(\d{1,4})\.\d{1,4}",\n/;

/**
 * The one way to write a card: a JSON object of strings, a line per key, and behind it the signature of these lines, by
 * which the host shows that the key on the card is its own.
 */
export function encodeCard(card: Card, signingKey: SigningKey): Buffer {
  invariant(card.signingKey === signingKey.publicKey, 'a card is signed with the key that stands on it');
  const fields: Readonly<Record<string, string>> = {
    format: 'mrepl-card',
    version: `${cardVersion.major}.${cardVersion.minor}`,
    account: card.account,
    host: card.hostId,
    name: card.hostName,
    signingKey: card.signingKey,
    ageRecipient: card.ageRecipient,
    ...(card.succession === undefined
      ? {}
      : { formerHost: card.succession.formerId, formerSignature: card.succession.signature }),
  };
  invariant(cardOf(new Map(Object.entries(fields))) !== null, 'a card breaks the rules of its format');
  const lines = linesOf(fields);
  return Buffer.concat([lines, signDetached(signingKey, namespace, lines)]);
}

/** Is the last of the cards in these bytes whole? */
export function endsCard(bytes: Buffer): boolean {
  return bytes.subarray(-armorEnd.length).toString('latin1') === armorEnd;
}

/**
 * Takes apart cards that lie one behind the other, as they come through a pipe; the last may be the beginning of one.
 */
export function splitCards(bytes: Buffer): Buffer[] {
  const cards: Buffer[] = [];
  let rest = bytes;
  for (let end = rest.indexOf(armorEnd); end >= 0; end = rest.indexOf(armorEnd)) {
    cards.push(rest.subarray(0, end + armorEnd.length));
    rest = rest.subarray(end + armorEnd.length);
  }
  return rest.length === 0 ? cards : [...cards, rest];
}

/**
 * Reads and verifies a card. That it is intact and was signed with its own key says nothing of whose it is: people
 * compare fingerprints for that. Throws `bundle-not-understood` for what is no card or one of another major version,
 * `bundle-damaged` for one that is not to the byte as its host wrote it, `untrusted` for one of a host with a name that
 * no host is given. `subject` names the card in messages.
 */
export function decodeCard(bytes: Uint8Array, subject: string): Card {
  const file = Buffer.from(bytes);
  checkVersion(file, subject);
  if (file.length > cardBytesMax) throw damaged(subject, `it is larger than ${cardBytesMax} bytes`);
  const signatureAt = file.indexOf(`\n${armorBegin}`) + 1;
  if (signatureAt === 0) throw damaged(subject, 'it has no signature');
  const lines = file.subarray(0, signatureAt);
  const signer = verifyDetached(file.subarray(signatureAt), namespace, lines);
  if (signer === null) throw damaged(subject, 'its signature is not that of its content');
  const fields = parseLines(lines);
  if (fields === null) throw damaged(subject, 'it is not one string a line, each key once and in its place');
  const card = cardOf(fields);
  if (card === null) throw damaged(subject, 'something on it is not what it has to be');
  if (card.signingKey !== signer) throw damaged(subject, 'it is signed with a key that is not its own');
  if (!isUsableName(card.hostName)) throw oddName(subject, card.hostName);
  return card;
}

/** Before the signature: another major version may have another kind. */
function checkVersion(file: Buffer, subject: string): void {
  const head = file.subarray(0, magic.length);
  if (!magic.subarray(0, head.length).equals(head)) {
    throw notUnderstood(subject, 'it is not an identity card of mrepl', 'Cards are files whose name ends in .card.');
  }
  const version = versionPattern.exec(file.subarray(magic.length, magic.length + 12).toString('latin1'));
  if (version === null) throw damaged(subject, 'it is cut off, or does not say its version');
  if (Number(version[1]) !== cardVersion.major) {
    const what = `it is a card of version ${version[1]}, and this mrepl reads version ${cardVersion.major}`;
    throw notUnderstood(subject, what, 'Install a newer mrepl on this host.');
  }
}

function linesOf(fields: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(fields).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return Buffer.from(`{\n${lines.join(',\n')}\n}\n`);
}

/**
 * The strings of what `linesOf` wrote; null for all else. Whatever could be read in two ways (a key twice, escapes,
 * spaces, bytes that are not UTF-8, lines in another order) is not what it would write again. Nesting cannot go deeper
 * than `cardBytesMax`, which a JSON parser takes.
 */
function parseLines(bytes: Buffer): ReadonlyMap<string, string> | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return null; // not JSON
  }
  if (!isObjectOfStrings(value) || !linesOf(inOrder(value)).equals(bytes)) return null;
  return new Map(Object.entries(value));
}

/** The fields as they stand on a card. */
function inOrder(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const known = keys.flatMap((key) => (Object.hasOwn(fields, key) ? [[key, fields[key] as string] as const] : []));
  return { ...Object.fromEntries(known), ...fields };
}

function isObjectOfStrings(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((item) => typeof item === 'string');
}

/** Null where something is missing or breaks a rule. Keys that are not known are from a later minor version. */
function cardOf(fields: ReadonlyMap<string, string>): Card | null {
  const account = fields.get('account') ?? '';
  const hostId = fields.get('host') ?? '';
  const hostName = fields.get('name') ?? '';
  const signingKey = parsePublicKey(fields.get('signingKey') ?? '');
  const ageRecipient = parseAgeRecipient(fields.get('ageRecipient') ?? '');
  if (!isName(account) || !isName(hostName) || !hostIdPattern.test(hostId)) return null;
  if (signingKey === null || ageRecipient === null) return null;
  const card = { account, hostId, hostName, signingKey, ageRecipient };
  const formerId = fields.get('formerHost');
  const signature = fields.get('formerSignature');
  if (formerId === undefined && signature === undefined) return card;
  if (formerId === undefined || signature === undefined) return null;
  if (!hostIdPattern.test(formerId) || signature.length > signatureBytesMax) return null;
  return { ...card, succession: { formerId, signature } };
}

function isName(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= cardNameBytesMax && !/\p{Surrogate}/u.test(text);
}

function damaged(subject: string, what: string): Failure {
  return new Failure('bundle-damaged', `reading ${subject}: ${what}`, {
    hint: advice`Let that host write its card anew, with: ${typed('mrepl', 'pair', 'DIR')}`,
  });
}

/**
 * A name in other letters can look like that of a host which is known, and one that begins with a dash is an option
 * where it is typed.
 */
function oddName(subject: string, name: string): Failure {
  return new Failure(
    'untrusted',
    `reading ${subject}: it is of a host that calls itself ${name}, as mrepl init lets no host be called; it was NOT taken up`,
    { hint: 'It may be forged. Names of hosts are up to 32 lower-case letters, digits and dashes.' },
  );
}

function notUnderstood(subject: string, what: string, hint: string): Failure {
  return new Failure('bundle-not-understood', `reading ${subject}: ${what}`, { hint });
}
