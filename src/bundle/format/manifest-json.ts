import { isOfOneThing } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { guidPattern } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock } from '../../replica/version-vector.js';
import type { Equivocation, Preamble, SignedStatement, Witnessed } from './bundle-contents.js';
import {
  equivocationsMax,
  featureBytesMax,
  featuresMax,
  fedMax,
  hostsMax,
  mailboxesMax,
  manifestBytesMax,
  recordBytesMax,
  textBytesMax,
  wantedMax,
  witnessedMax,
} from './bundle-limits.js';
import { recordEntry } from './entry-names.js';
import { checkVersion, formatVersion, isOldVersion, tooNew } from './format-version.js';
import {
  clockJson,
  type HostTable,
  hostRangesJson,
  parseClock,
  parseHost,
  parseHostRanges,
  parseHosts,
} from './host-table-json.js';
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
} from './parse-json-value.js';
import { parseGuids, parseMailboxName, parseName } from './parse-names-and-guids.js';
import { decodeStatement, digestPattern, parseSigned, recordsDigest } from './signed-statement-json.js';

const formatName = 'mrepl-bundle';

/** What a manifest is signed as: such a signature is good for nothing else. */
export const signatureNamespace = formatName;

/** Features of the format that this code understands; a bundle that lists another one is refused. */
const knownFeatures: ReadonlySet<string> = new Set();

/** `bundle.json`: all that is known of a bundle before its records are read. */
export type Manifest = {
  readonly version: string;
  readonly preamble: Preamble;
  /** What the sender says of itself, as it signed it: `preamble` has it read. */
  readonly statement: SignedStatement;
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
 * The one way to write a manifest: a line per key, and per mailbox, so that people can read it. Of texts wanted the
 * first `wantedMax` are asked for, and of what others said as much is passed on as there is room for.
 */
export function encodeManifest({ preamble, statement, hosts, files, announced }: Omit<Manifest, 'version'>): Buffer {
  const { account, from, to, number, madeAtS, heard, witnessed, statements, answers, relayed, fed } = preamble;
  const before = [
    field('format', formatName),
    field('version', formatVersion),
    field('features', []),
    field('account', account),
    field('from', { host: hosts.indexOf(from.hostId), name: from.name }),
    field('to', to.map(hosts.indexOf)),
    field('number', number),
    field('made', madeAtS),
    listField('hosts', hosts.ids),
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
    field('statements', heldJson(statements, hosts)),
    field(
      'disowned',
      preamble.disowned.map(hosts.indexOf).sort((a, b) => a - b),
    ),
    field('fed', fed),
    ...(preamble.serverAccount === undefined ? [] : [field('serverAccount', preamble.serverAccount)]),
    listField('fetch', preamble.wanted.slice(0, wantedMax)),
    listField('answers', answers.slice(0, wantedMax)),
    field('statement', signedJson(statement)),
  ];
  const after = field('texts', announced === null ? null : { count: announced.texts, bytes: announced.bytes });
  const taken = [...before, after].reduce((sum, line) => sum + Buffer.byteLength(line) + lineEndBytes, 0);
  const shown = preamble.equivocations.slice(0, equivocationsMax).map((pair) => JSON.stringify(pair.map(signedJson)));
  const equivocations = listOf('equivocations', fitting(shown, manifestBytesMax - taken - emptyListBytes));
  const left = manifestBytesMax - taken - Buffer.byteLength(equivocations) - lineEndBytes;
  const others = relayed.slice(0, hostsMax).map((statement) => JSON.stringify(signedJson(statement)));
  const passedOn = listOf('relayed', fitting(others, left));
  return Buffer.from(`{\n${[...before, equivocations, passedOn, after].join(',\n')}\n}\n`);
}

/** A comma and a line feed, and of the last line a bracket. */
const lineEndBytes = 4;

/** More than a key with an empty list takes. */
const emptyListBytes = 64;

/** As many of these items of a list as fit. */
function fitting(all: readonly string[], roomBytes: number): readonly string[] {
  const items: string[] = [];
  let left = roomBytes - emptyListBytes;
  for (const item of all) {
    const bytes = Buffer.byteLength(item) + lineEndBytes;
    if (bytes > left) continue;
    left -= bytes;
    items.push(item);
  }
  return items;
}

/** Without whatever else the object may have. */
function signedJson({ text, sig }: SignedStatement): SignedStatement {
  return { text, sig };
}

/**
 * Throws `bundle-not-understood` for another format, a newer major version, an unknown feature, and whatever breaks a
 * rule.
 */
export function decodeManifest(bytes: Uint8Array, subject = 'bundle.json'): Manifest {
  return readingOf(subject, () => {
    if (bytes.length > manifestBytesMax) throw malformed(`it is larger than ${manifestBytesMax} bytes`);
    const json = parseObject(bytes);
    const version = checkFormat(json);
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
    const statement = parseSigned(json.statement, '"statement"');
    const preamble = parsePreamble(json, hosts, { signed: statement, files });
    return { version, preamble, statement, hosts, files, announced: parseAnnounced(json.texts) };
  });
}

/** The host that wrote a manifest of an older version than is read; null where it is none, or does not say. */
export function senderOfOld(bytes: Uint8Array): HostId | null {
  try {
    const json = parseObject(bytes);
    if (json.format !== formatName || !isOldVersion(json.version)) return null;
    return parseHost(toObject(json.from, '"from"').host, parseHosts(json.hosts));
  } catch (cause) {
    if (isOfOneThing(cause, 'bundle-not-understood')) return null;
    throw cause;
  }
}

function checkFormat(json: JsonObject): string {
  if (json.format !== formatName) throw malformed('it does not say that this is a bundle of mrepl');
  const version = checkVersion(json.version);
  const features = toList(json.features, '"features"', featuresMax).map((name) =>
    toText(name, 'a feature', featureBytesMax),
  );
  const unknown = features.filter((name) => !knownFeatures.has(name));
  if (unknown.length > 0) throw tooNew(`it needs a reader that knows "${unknown.join('", "')}"`);
  return version;
}

function parsePreamble(
  json: JsonObject,
  hosts: HostTable,
  { signed, files }: { readonly signed: SignedStatement; readonly files: readonly RecordFile[] },
): Preamble {
  const from = toObject(json.from, '"from"');
  const to = toList(json.to, '"to"', hostsMax).map((host) => parseHost(host, hosts));
  const preamble = {
    account: parseName(json.account, '"account"'),
    from: { hostId: parseHost(from.host, hosts), name: parseName(from.name, '"name"') },
    to: distinct(to, '"to"'),
    number: toPositive(json.number, '"number"'),
    madeAtS: toCounter(json.made, '"made"'),
    heard: parseHostRanges(json.heard, '"heard"', hosts),
    witnessed: parseWitnessed(json.witnessed, hosts),
    statements: parseHeld(json.statements, hosts),
    disowned: distinct(
      toList(json.disowned, '"disowned"', hostsMax).map((host) => parseHost(host, hosts)),
      '"disowned"',
    ),
    equivocations: toList(json.equivocations, '"equivocations"', equivocationsMax).map(parseEquivocation),
    fed: parseFed(json.fed),
    ...(json.serverAccount === undefined
      ? {}
      : { serverAccount: toMatch(json.serverAccount, '"serverAccount"', /^[0-9a-f]{32}$/) }),
    wanted: parseGuids(json.fetch, '"fetch"', wantedMax),
    answers: parseGuids(json.answers, '"answers"', wantedMax),
    relayed: toList(json.relayed, '"relayed"', hostsMax).map((item) => parseSigned(item, 'an item of "relayed"')),
  };
  const said = decodeStatement(signed.text, 'its statement');
  const { account, from: maker, number, clocks, unheard, served, strangers, before, records } = said;
  if (account !== preamble.account || maker.hostId !== preamble.from.hostId || number !== preamble.number) {
    throw malformed('its statement is not of the account, host and number that it is of itself');
  }
  if (records !== recordsDigest(files)) throw malformed('its statement is not of what it tells of mailboxes');
  return { ...preamble, clocks, unheard, served, strangers, before };
}

function parseFed(value: unknown): readonly string[] {
  const names = toList(value, '"fed"', fedMax).map((name) => toMatch(name, 'an item of "fed"', /^[a-z0-9-]{1,64}$/));
  return distinct(names, '"fed"');
}

/** `[[host, number, digest], ...]`, by ascending index. */
function heldJson(statements: Preamble['statements'], hosts: HostTable): readonly unknown[] {
  return [...statements]
    .map(([host, { number, digest }]) => [hosts.indexOf(host), number, digest] as const)
    .sort((a, b) => a[0] - b[0]);
}

function parseHeld(value: unknown, hosts: HostTable): Preamble['statements'] {
  const statements = new Map<HostId, Witnessed>();
  for (const item of toList(value, '"statements"', hostsMax)) {
    const [index, number, digest] = toTuple(item, 'an item of "statements"', 3);
    const host = parseHost(index, hosts);
    if (statements.has(host)) throw malformed('"statements" names a host twice');
    statements.set(host, {
      number: toPositive(number, 'a number of a statement'),
      digest: toMatch(digest, 'a digest of a statement', digestPattern),
    });
  }
  return statements;
}

/** `[{"text":..., "sig":...}, {...}]`: whether they show anything is for the reader to find out. */
function parseEquivocation(value: unknown): Equivocation {
  const [one, other] = toTuple(value, 'an item of "equivocations"', 2);
  const what = 'a statement in "equivocations"';
  return [parseSigned(one, what), parseSigned(other, what)];
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
