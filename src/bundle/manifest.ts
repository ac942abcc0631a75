import { Failure } from '../failure.js';
import { type Guid, guidPattern } from '../mail/guid.js';
import { isMailboxName, type MailboxName } from '../mail/mailbox-name.js';
import type { Clock } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { Ranges } from '../replica/ranges.js';
import { type Preamble, type RelayedStatement, type Statement, type Witnessed, witnessDigits } from './bundle.js';
import { recordEntry } from './entry-name.js';
import {
  clockJson,
  type HostTable,
  hostRangesJson,
  parseClock,
  parseHost,
  parseHostRanges,
  parseHosts,
} from './host-table.js';
import {
  distinct,
  type JsonObject,
  malformed,
  parseObject,
  readingOf,
  toCounter,
  toList,
  toMatch,
  toObject,
  toPositive,
  toText,
  toTuple,
} from './json-value.js';
import {
  featureBytesMax,
  featuresMax,
  hostsMax,
  mailboxesMax,
  manifestBytesMax,
  nameBytesMax,
  recordBytesMax,
  textBytesMax,
  wantedMax,
  witnessedMax,
} from './limits.js';

const formatName = 'mrepl-bundle';

/** What a manifest is signed as: such a signature is good for nothing else. */
export const signatureNamespace = formatName;

/** Major and minor version that this code writes; it reads every minor version of the same major one. */
export const formatVersion = { major: 1, minor: 0 } as const;

/** Features of the format that this code understands; a bundle that lists another one is refused. */
const knownFeatures: ReadonlySet<string> = new Set();

/** `bundle.json`: all that is known of a bundle before its records are read. */
export type Manifest = {
  readonly version: string;
  readonly preamble: Preamble;
  readonly hosts: HostTable;
  readonly files: readonly RecordFile[];
  /** The texts that will follow, as far as it was known beforehand: some may turn out to be unreadable. */
  readonly announced: { readonly texts: number; readonly bytes: number } | null;
};

/** The record file of one mailbox, and what its records must come to. */
export type RecordFile = {
  readonly mailbox: MailboxName;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly base: Clock;
  readonly living: number;
  readonly saves: number;
  readonly updates: number;
};

/**
 * The one way to write a manifest: a line per key, and per mailbox, so that people can read it. Of texts wanted the first `wantedMax` are
 * asked for, and of what others said as much is passed on as there is room for.
 */
export function encodeManifest({ preamble, hosts, files, announced }: Omit<Manifest, 'version'>): Buffer {
  const { account, from, to, number, madeAtS, heard, witnessed, answers, relayed } = preamble;
  const before = [
    field('format', formatName),
    field('version', `${formatVersion.major}.${formatVersion.minor}`),
    field('features', []),
    field('account', account),
    field('from', { host: hosts.indexOf(from.hostId), name: from.name }),
    field('to', to.map(hosts.indexOf)),
    field('number', number),
    field('made', madeAtS),
    listField('hosts', hosts.ids),
    listField('clocks', clocksJson(preamble, hosts)),
    listField(
      'mailboxes',
      files.map(({ mailbox, sizeBytes, sha256, base, living, saves, updates }, index) => ({
        name: mailbox,
        file: recordEntry(index),
        size: sizeBytes,
        sha256,
        base: clockJson(base, hosts),
        living,
        saves,
        updates,
      })),
    ),
    field('heard', hostRangesJson(heard, hosts)),
    field('witnessed', witnessedJson(witnessed, hosts)),
    field('unheard', unheardJson(preamble, hosts)),
    listField('fetch', preamble.wanted.slice(0, wantedMax)),
    listField('answers', answers.slice(0, wantedMax)),
  ];
  const after = field('texts', announced === null ? null : { count: announced.texts, bytes: announced.bytes });
  const taken = [...before, after].reduce((sum, line) => sum + Buffer.byteLength(line) + lineEndBytes, 0);
  const passedOn = relayedItems(relayed, hosts, manifestBytesMax - taken);
  return Buffer.from(`{\n${[...before, listOf('relayed', passedOn), after].join(',\n')}\n}\n`);
}

/** A comma and a line feed, and of the last line a bracket. */
const lineEndBytes = 4;

/** As JSON, as many as fit. */
function relayedItems(relayed: readonly RelayedStatement[], hosts: HostTable, roomBytes: number): readonly string[] {
  const items: string[] = [];
  let left = roomBytes - listOf('relayed', [' ']).length;
  for (const statement of relayed) {
    const item = JSON.stringify({
      host: hosts.indexOf(statement.hostId),
      name: statement.name,
      number: statement.number,
      clocks: clocksJson(statement, hosts),
      unheard: unheardJson(statement, hosts),
      fetch: statement.wanted.slice(0, wantedMax),
    });
    const bytes = Buffer.byteLength(item) + lineEndBytes;
    if (bytes > left) continue;
    left -= bytes;
    items.push(item);
  }
  return items;
}

/** Throws `bundle-not-understood` for another format, a newer major version, an unknown feature, and whatever breaks a rule. */
export function decodeManifest(bytes: Uint8Array, subject = 'bundle.json'): Manifest {
  return readingOf(subject, () => {
    if (bytes.length > manifestBytesMax) throw malformed(`it is larger than ${manifestBytesMax} bytes`);
    const json = parseObject(bytes);
    const version = checkVersion(json);
    const hosts = parseHosts(json.hosts);
    const files = toList(json.mailboxes, '"mailboxes"', mailboxesMax).map((item, index) =>
      parseFile(item, index, hosts),
    );
    distinct(
      files.map(({ mailbox }) => mailbox),
      '"mailboxes"',
    );
    if (files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > recordBytesMax) {
      throw malformed(`its record files are larger than ${recordBytesMax} bytes`);
    }
    return { version, preamble: parsePreamble(json, hosts), hosts, files, announced: parseAnnounced(json.texts) };
  });
}

function checkVersion(json: JsonObject): string {
  if (json.format !== formatName) throw malformed('it does not say that this is a bundle of mrepl');
  const version = toMatch(json.version, '"version"', /^\d{1,4}\.\d{1,4}$/);
  if (Number(version.split('.')[0]) !== formatVersion.major) {
    throw tooNew(`it is of format version ${version}, and this mrepl reads version ${formatVersion.major}`);
  }
  const features = toList(json.features, '"features"', featuresMax).map((name) =>
    toText(name, 'a feature', featureBytesMax),
  );
  const unknown = features.filter((name) => !knownFeatures.has(name));
  if (unknown.length > 0) throw tooNew(`it needs a reader that knows "${unknown.join('", "')}"`);
  return version;
}

function tooNew(what: string): Failure {
  return new Failure('bundle-not-understood', what, { hint: 'Install a newer mrepl on this host.' });
}

function parsePreamble(json: JsonObject, hosts: HostTable): Preamble {
  const from = toObject(json.from, '"from"');
  const heard: ReadonlyMap<HostId, Ranges> = parseHostRanges(json.heard, '"heard"', hosts);
  const to = toList(json.to, '"to"', hostsMax).map((host) => parseHost(host, hosts));
  return {
    account: parseName(json.account, '"account"'),
    from: { hostId: parseHost(from.host, hosts), name: parseName(from.name, '"name"') },
    to: distinct(to, '"to"'),
    number: toPositive(json.number, '"number"'),
    madeAtS: toCounter(json.made, '"made"'),
    heard,
    witnessed: parseWitnessed(json.witnessed, hosts),
    answers: parseGuids(json.answers, '"answers"'),
    ...parseStatement(json, hosts),
    relayed: parseRelayed(json.relayed, hosts),
  };
}

/** `[[host, [[number, digest], ...]], ...]`, hosts by ascending index, numbers ascending. */
function witnessedJson(witnessed: Preamble['witnessed'], hosts: HostTable): readonly unknown[] {
  return [...witnessed]
    .map(([host, bundles]) => [hosts.indexOf(host), bundles.map(({ number, digest }) => [number, digest])] as const)
    .sort((a, b) => a[0] - b[0]);
}

function parseWitnessed(value: unknown, hosts: HostTable): Preamble['witnessed'] {
  const witnessed = new Map<HostId, Witnessed[]>();
  for (const item of toList(value, '"witnessed"', hostsMax)) {
    const [index, list] = toTuple(item, 'an item of "witnessed"', 2);
    const host = parseHost(index, hosts);
    if (witnessed.has(host)) throw malformed('"witnessed" names a host twice');
    const bundles = toList(list, 'the bundles in "witnessed"', witnessedMax).map((each) => {
      const [number, digest] = toTuple(each, 'a bundle in "witnessed"', 2);
      return { number: toPositive(number, 'its number'), digest: toMatch(digest, 'its digest', digestPattern) };
    });
    if (bundles.some(({ number }, n) => n > 0 && number <= (bundles[n - 1]?.number ?? 0))) {
      throw malformed('the numbers in "witnessed" do not ascend');
    }
    witnessed.set(host, bundles);
  }
  return witnessed;
}

const digestPattern = new RegExp(`^[0-9a-f]{${witnessDigits}}$`);

function parseStatement(json: JsonObject, hosts: HostTable): Statement {
  const clocks = new Map<MailboxName, Clock>();
  for (const item of toList(json.clocks, '"clocks"', mailboxesMax)) {
    const [name, clock] = toTuple(item, 'an item of "clocks"', 2);
    const mailbox = parseMailboxName(name);
    if (clocks.has(mailbox)) throw malformed('"clocks" names a mailbox twice');
    clocks.set(mailbox, parseClock(clock, hosts));
  }
  const unheard = toList(json.unheard, '"unheard"', hostsMax).map((host) => parseHost(host, hosts));
  return { clocks, unheard: distinct(unheard, '"unheard"'), wanted: parseGuids(json.fetch, '"fetch"') };
}

function parseRelayed(value: unknown, hosts: HostTable): readonly RelayedStatement[] {
  const relayed = toList(value, '"relayed"', hostsMax).map((item) => {
    const json = toObject(item, 'an item of "relayed"');
    return {
      hostId: parseHost(json.host, hosts),
      name: parseName(json.name, '"name"'),
      number: toPositive(json.number, '"number"'),
      ...parseStatement(json, hosts),
    };
  });
  distinct(
    relayed.map(({ hostId }) => hostId),
    '"relayed"',
  );
  return relayed;
}

function parseFile(item: unknown, index: number, hosts: HostTable): RecordFile {
  const file = toObject(item, 'an item of "mailboxes"');
  if (file.file !== recordEntry(index))
    throw malformed(`the record file of mailbox ${index + 1} is not ${recordEntry(index)}`);
  return {
    mailbox: parseMailboxName(file.name),
    sizeBytes: toPositive(file.size, '"size"'),
    sha256: toMatch(file.sha256, '"sha256"', guidPattern),
    base: parseClock(file.base, hosts),
    living: toCounter(file.living, '"living"'),
    saves: toCounter(file.saves, '"saves"'),
    updates: toCounter(file.updates, '"updates"'),
  };
}

function parseAnnounced(value: unknown): Manifest['announced'] {
  if (value === null) return null;
  const { count, bytes } = toObject(value, '"texts"');
  const texts = toCounter(count, '"count"');
  const total = toCounter(bytes, '"bytes"');
  if (total > texts * textBytesMax) throw malformed('"texts" has more bytes than so many texts can have');
  return { texts, bytes: total };
}

export function parseMailboxName(value: unknown): MailboxName {
  if (typeof value !== 'string' || !isMailboxName(value))
    throw malformed('the name of a mailbox is not in its one spelling');
  return value;
}

function parseName(value: unknown, what: string): string {
  const name = toText(value, what, nameBytesMax);
  if (name === '' || /\p{Surrogate}/u.test(name)) throw malformed(`${what} is not a name`);
  return name;
}

function parseGuids(value: unknown, what: string): readonly Guid[] {
  const guids = toList(value, what, wantedMax).map((guid) => toMatch(guid, `an item of ${what}`, guidPattern));
  return distinct(guids, what);
}

function field(key: string, value: unknown): string {
  return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
}

function listField(key: string, items: readonly unknown[]): string {
  return listOf(
    key,
    items.map((item) => JSON.stringify(item)),
  );
}

/** A list of what is JSON already, each on a line of its own. */
function listOf(key: string, items: readonly string[]): string {
  return items.length === 0 ? field(key, []) : `${JSON.stringify(key)}:[\n${items.join(',\n')}\n]`;
}

function clocksJson({ clocks }: Statement, hosts: HostTable): readonly unknown[] {
  return [...clocks].sort(byName).map(([name, clock]) => [name, clockJson(clock, hosts)]);
}

function unheardJson({ unheard }: Statement, hosts: HostTable): readonly number[] {
  return unheard.map(hosts.indexOf).sort((a, b) => a - b);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
