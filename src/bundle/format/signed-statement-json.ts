import { createHash } from 'node:crypto';
import type { ServedMailbox } from '../../mail/imap-mailbox-status.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import { hostIdPattern } from '../../replica/host-id.js';
import type { Clock } from '../../replica/version-vector.js';
import type { Strangers, Vouch } from '../../replica/vouched-hosts.js';
import type { PublicKey } from '../../trust/ssh/ed25519-public-key.js';
import type { SigningKey } from '../../trust/ssh/ed25519-signing-key.js';
import { signatureBytesMax, signDetached, verifyDetached } from '../../trust/ssh/ssh-signature.js';
import { type SignedStatement, type Statement, type Witnessed, witnessDigits } from './bundle-contents.js';
import { hostsMax, mailboxesMax, statedMax, statementBytesMax, statementWantedMax } from './bundle-limits.js';
import { checkVersion, formatVersion } from './format-version.js';
import { clockJson, type HostTable, hostTable, parseClock, parseHost, parseHosts } from './host-table-json.js';
import {
  distinct,
  type JsonObject,
  malformed,
  parseObject,
  readingOf,
  toList,
  toMatch,
  toObject,
  toPositive,
  toText,
  toTuple,
} from './parse-json-value.js';
import { parseGuids, parseMailboxName, parseName } from './parse-names-and-guids.js';
import { toUid } from './registers-json.js';

const formatName = 'mrepl-statement';

/** What a statement is signed as: such a signature is good for nothing else. */
const statementNamespace = formatName;

/**
 * The one way to write a statement: what a host knows and asks for, in its own words, so that others can pass it on as
 * it is. It asks for texts only where it knows of hosts that do not read it, and then for the first
 * `statementWantedMax`.
 */
export function signStatement(statement: Statement, signingKey: SigningKey): SignedStatement {
  const text = encodeStatement(statement);
  return { text, sig: signDetached(signingKey, statementNamespace, Buffer.from(text)).toString() };
}

/**
 * The key that signed a statement; null where it is not what was signed. Whose key that is, is for the caller to find
 * out.
 */
export function signerOf({ text, sig }: SignedStatement): PublicKey | null {
  return verifyDetached(Buffer.from(sig), statementNamespace, Buffer.from(text));
}

/**
 * Throws `bundle-not-understood` for a text of another format or major version, and whatever breaks a rule of
 * mrepl-bundle(5).
 */
export function decodeStatement(text: string, subject = 'a statement'): Statement {
  return readingOf(subject, () => {
    if (text.length > statementBytesMax) throw malformed(`it is larger than ${statementBytesMax} bytes`);
    const bytes = Buffer.from(text);
    if (bytes.length > statementBytesMax) throw malformed(`it is larger than ${statementBytesMax} bytes`);
    const json = parseObject(bytes);
    if (json.format !== formatName) throw malformed('it does not say that this is a statement of mrepl');
    checkVersion(json.version);
    const hosts = parseHosts(json.hosts);
    const unheard = toList(json.unheard, '"unheard"', hostsMax).map((host) => parseHost(host, hosts));
    return {
      account: parseName(json.account, '"account"'),
      from: {
        hostId: toMatch(json.host, '"host"', hostIdPattern),
        name: parseName(json.name, '"name"'),
      },
      number: toPositive(json.number, '"number"'),
      clocks: parseClocks(json.clocks, hosts),
      unheard: distinct(unheard, '"unheard"'),
      wanted: parseGuids(json.fetch, '"fetch"', statementWantedMax),
      served: 'served' in json ? parseServed(json.served) : new Map(),
      strangers: 'strangers' in json ? parseStrangers(json.strangers, hosts) : new Map(),
      before: parseBefore(json.before, toPositive(json.number, '"number"')),
      records: toMatch(json.records, '"records"', digestPattern),
    };
  });
}

/** By what a statement is known among those of its maker. */
export function statementDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, witnessDigits);
}

/** Of the record files of a bundle, in their order, by their SHA-256. */
export function recordsDigest(files: readonly { readonly sha256: string }[]): string {
  const lines = files.map(({ sha256 }) => `${sha256}\n`).join('');
  return createHash('sha256').update(lines).digest('hex').slice(0, witnessDigits);
}

/** Of a statement, of a manifest, of what a bundle tells. */
export const digestPattern: RegExp = new RegExp(`^[0-9a-f]{${witnessDigits}}$`);

/** Every host that it names. */
function hostsInStatement({
  from,
  clocks,
  unheard,
  strangers,
}: Pick<Statement, 'from' | 'clocks' | 'unheard' | 'strangers'>): Set<HostId> {
  const hosts = new Set<HostId>([from.hostId, ...unheard]);
  for (const clock of clocks.values()) for (const host of clock.keys()) hosts.add(host);
  for (const [host, { by }] of strangers) hosts.add(host).add(by);
  return hosts;
}

/** `{"text":..., "sig":...}` */
export function parseSigned(value: unknown, what: string): SignedStatement {
  const { text, sig }: JsonObject = toObject(value, what);
  return {
    text: toText(text, `the text of ${what}`, statementBytesMax),
    sig: toText(sig, `the signature of ${what}`, signatureBytesMax),
  };
}

function encodeStatement(statement: Statement): string {
  const { account, from, number, clocks, unheard, wanted, served, strangers, before, records } = statement;
  const hosts = hostTable([...hostsInStatement(statement)].sort());
  return JSON.stringify({
    format: formatName,
    version: formatVersion,
    account,
    host: from.hostId,
    name: from.name,
    number,
    hosts: hosts.ids,
    clocks: [...clocks].sort(byName).map(([name, clock]) => [name, clockJson(clock, hosts)]),
    unheard: unheard.map(hosts.indexOf).sort((a, b) => a - b),
    fetch: unheard.length === 0 ? [] : wanted.slice(0, statementWantedMax),
    before: before.map(({ number: earlier, digest }) => [earlier, digest]),
    records,
    ...(served.size === 0 ? {} : { served: servedJson(served) }),
    ...(strangers.size === 0 ? {} : { strangers: strangersJson(strangers, hosts) }),
  });
}

function parseClocks(value: unknown, hosts: HostTable): ReadonlyMap<MailboxName, Clock> {
  const clocks = new Map<MailboxName, Clock>();
  for (const item of toList(value, '"clocks"', mailboxesMax)) {
    const [name, clock] = toTuple(item, 'an item of "clocks"', 2);
    const mailbox = parseMailboxName(name);
    if (clocks.has(mailbox)) throw malformed('"clocks" names a mailbox twice');
    clocks.set(mailbox, parseClock(clock, hosts));
  }
  return clocks;
}

/** `[[mailbox, highestmodseq, uidvalidity, uidnext], ...]`, by name. */
function servedJson(served: Statement['served']): readonly unknown[] {
  return [...served]
    .sort(byName)
    .map(([name, { highestModseq, uidValidity, uidNext }]) => [name, highestModseq, uidValidity, uidNext]);
}

function parseServed(value: unknown): Statement['served'] {
  const served = new Map<MailboxName, ServedMailbox>();
  for (const item of toList(value, '"served"', mailboxesMax)) {
    const [name, highestModseq, uidValidity, uidNext] = toTuple(item, 'an item of "served"', 4);
    const mailbox = parseMailboxName(name);
    if (served.has(mailbox)) throw malformed('"served" names a mailbox twice');
    served.set(mailbox, {
      highestModseq: toPositive(highestModseq, 'a HIGHESTMODSEQ'),
      uidValidity: toUid(uidValidity, 'a UIDVALIDITY'),
      uidNext: toPositive(uidNext, 'a UIDNEXT'),
    });
  }
  return served;
}

/** `[[host, steps, by], ...]`, by ascending index. */
function strangersJson(strangers: Strangers, hosts: HostTable): readonly unknown[] {
  return [...strangers]
    .map(([host, { by, steps }]) => [hosts.indexOf(host), steps, hosts.indexOf(by)] as const)
    .sort((a, b) => a[0] - b[0]);
}

function parseStrangers(value: unknown, hosts: HostTable): Strangers {
  const strangers = new Map<HostId, Vouch>();
  for (const item of toList(value, '"strangers"', hostsMax)) {
    const [index, steps, by] = toTuple(item, 'an item of "strangers"', 3);
    const host = parseHost(index, hosts);
    if (strangers.has(host)) throw malformed('"strangers" names a host twice');
    strangers.set(host, { by: parseHost(by, hosts), steps: toPositive(steps, 'a number of steps') });
  }
  return strangers;
}

/** `[[number, digest], ...]`, numbers ascending, and below that of the statement. */
function parseBefore(value: unknown, last: number): readonly Witnessed[] {
  const before = toList(value, '"before"', statedMax).map((item) => {
    const [number, digest] = toTuple(item, 'an item of "before"', 2);
    return { number: toPositive(number, 'its number'), digest: toMatch(digest, 'its digest', digestPattern) };
  });
  if (before.some(({ number }, n) => number <= (before[n - 1]?.number ?? 0) || number >= last)) {
    throw malformed('the numbers in "before" do not ascend to that of the statement');
  }
  return before;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
