import { Failure } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { isReceivedS } from '../../mail/received-date.js';
import { guidPattern } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews, Update } from '../../replica/mailbox-news.js';
import type { Instance, Source } from '../../replica/mailbox-state.js';
import type { Birth } from '../../replica/message-birth.js';
import type { Range, Ranges } from '../../replica/number-ranges.js';
import { uidMax } from '../../replica/replica-limits.js';
import type { Clock } from '../../replica/version-vector.js';
import { hintBytesMax, recordBytesMax, recordLineBytesMax } from './bundle-limits.js';
import {
  clockJson,
  type HostTable,
  hostRangesJson,
  parseBirth,
  parseClock,
  parseHostRanges,
} from './host-table-json.js';
import {
  type JsonObject,
  malformed,
  notUnderstood,
  parseObject,
  readingOf,
  toCounter,
  toMatch,
  toPositive,
  toText,
  toTuple,
} from './parse-json-value.js';
import { parseMailboxName } from './parse-names-and-guids.js';
import {
  flagsJson,
  parseFlags,
  parseSpelling,
  parseSwitch,
  parseUidRegister,
  parseValidity,
  switchJson,
  uidJson,
  validityJson,
} from './registers-json.js';
import { ledgerJson, parseLedger } from './uid-ledger-json.js';

/** Lines that are joined at a time: one string of all of them could be longer than strings can be. */
const linesJoined = 10_000;

/**
 * The record file of one mailbox, one JSON object per line: MBOX, EXPUNGE where something is, a SAVE for each instance
 * the base does not cover, UIDFIX and STORE for what changed of the others. Updates that say nothing are left out.
 * Throws `cannot-create` where that is more than a reader takes.
 */
export function encodeRecords(news: MailboxNews, hosts: HostTable): Buffer {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length === 0) return;
    const piece = Buffer.from(`${lines.join('\n')}\n`);
    pieces.push(piece);
    sizeBytes += piece.length;
    lines = [];
    if (sizeBytes > recordBytesMax) throw tooLarge(news.name);
  };
  for (const record of recordsJson(news, hosts)) {
    const line = JSON.stringify(record);
    if (line.length > recordLineBytesMax) throw tooLarge(news.name);
    lines.push(line);
    if (lines.length === linesJoined) flush();
  }
  flush();
  return Buffer.concat(pieces);
}

/** A record is known by which of these keys it has. */
const recordNames = ['MBOX', 'EXPUNGE', 'SAVE', 'UIDFIX', 'STORE'] as const;

type RecordContext = { readonly from: HostId; readonly hosts: HostTable; readonly fileName: string };

/**
 * Throws `bundle-not-understood`, naming the line, for whatever breaks a rule. Records of other names are passed over.
 */
export function decodeRecords(bytes: Uint8Array, { from, hosts, fileName }: RecordContext): MailboxNews {
  let mailbox: Omit<MailboxNews, 'saves' | 'updates'> | null = null;
  const saves: Instance[] = [];
  const updates: Update[] = [];
  const seen = new Map<HostId, Set<number>>();
  const once = ({ host, serial }: Birth): void => {
    const serials = seen.get(host) ?? new Set();
    seen.set(host, serials);
    if (serials.has(serial)) throw malformed('there is a second record of the same kind for one message');
    serials.add(serial);
  };
  /** The birth of the UIDFIX that is the record before, if that is one. */
  let fixed: Birth | null = null;
  let number = 0;
  for (const line of linesOf(bytes, fileName)) {
    number++;
    readingOf(`${fileName}, line ${number}`, () => {
      const json = parseObject(line);
      const before = fixed;
      fixed = null;
      if (recordNames.filter((name) => name in json).length > 1) throw malformed('it is a record of two kinds');
      if (mailbox === null) mailbox = parseMailbox(json, from, hosts);
      else if ('MBOX' in json) throw malformed('there is a second MBOX record');
      else if ('EXPUNGE' in json) parseHostRanges(json.EXPUNGE, '"EXPUNGE"', hosts);
      else if ('SAVE' in json) {
        const instance = parseSave(json, hosts);
        once(instance.birth);
        saves.push(instance);
      } else if ('UIDFIX' in json) {
        const update = {
          birth: parseBirth(json.UIDFIX, hosts),
          uid: parseUidRegister(json.u, hosts),
          flags: new Map(),
        };
        once(update.birth);
        updates.push(update);
        fixed = update.birth;
      } else if ('STORE' in json) {
        const birth = parseBirth(json.STORE, hosts);
        const flags = parseFlags(json.f, hosts);
        if (before !== null && sameBirth(before, birth)) updates.push({ ...(updates.pop() as Update), flags });
        else {
          once(birth);
          updates.push({ birth, flags });
        }
      }
    });
  }
  if (mailbox === null) throw unreadable(fileName, 'it has no MBOX record');
  return { ...(mailbox as Omit<MailboxNews, 'saves' | 'updates'>), saves, updates };
}

function* recordsJson(news: MailboxNews, hosts: HostTable): Generator<object> {
  yield mailboxJson(news, hosts);
  const expunged = expungedSince(news.base, news.living);
  if (expunged.size > 0) yield { EXPUNGE: hostRangesJson(expunged, hosts) };
  for (const instance of news.saves) yield saveJson(instance, hosts);
  for (const { birth, uid, flags } of news.updates) {
    const of = birthJson(birth, hosts);
    if (uid !== undefined) yield { UIDFIX: of, u: uidJson(uid, hosts) };
    if (flags.size > 0) yield { STORE: of, f: flagsJson(flags, hosts) };
  }
}

function mailboxJson(news: MailboxNews, hosts: HostTable): object {
  return {
    MBOX: news.name,
    v: validityJson(news.validity),
    n: news.uidNext,
    m: news.highestModseq,
    x: switchJson(news.exists, hosts),
    s: switchJson(news.subscribed, hosts),
    clock: clockJson(news.clock, hosts),
    base: clockJson(news.base, hosts),
    living: hostRangesJson(news.living, hosts),
    ...ledgerJson(news.ledger, hosts),
    ...(news.spelling.length === 0 ? {} : { spelling: news.spelling }),
  };
}

function parseMailbox(json: JsonObject, from: HostId, hosts: HostTable): Omit<MailboxNews, 'saves' | 'updates'> {
  if (!('MBOX' in json)) throw malformed('the first record is not MBOX');
  const uidNext = toPositive(json.n, 'UIDNEXT');
  if (uidNext > uidMax + 1) throw malformed('UIDNEXT goes beyond 32 bit');
  return {
    name: parseMailboxName(json.MBOX),
    from,
    base: parseClock(json.base, hosts),
    clock: parseClock(json.clock, hosts),
    highestModseq: toCounter(json.m, 'the highest modseq'),
    validity: parseValidity(json.v),
    uidNext,
    exists: parseSwitch(json.x, '"x"', hosts),
    subscribed: parseSwitch(json.s, '"s"', hosts),
    living: parseHostRanges(json.living, '"living"', hosts),
    ledger: parseLedger({ claims: json.claims, agreed: json.agreed }, hosts),
    spelling: 'spelling' in json ? parseSpelling(json.spelling) : [],
  };
}

function saveJson(
  { birth, modseq, guid, same, sizeBytes, receivedS, hint, anew, uid, flags, movedFrom }: Instance,
  hosts: HostTable,
): object {
  return {
    SAVE: birthJson(birth, hosts),
    m: modseq,
    g: guid,
    ...(same === undefined ? {} : { s: same }),
    z: sizeBytes,
    d: receivedS,
    u: uidJson(uid, hosts),
    f: flagsJson(flags, hosts),
    h: hint,
    ...(anew === undefined ? {} : { a: anew }),
    ...(movedFrom === undefined ? {} : { from: sourceJson(movedFrom, hosts) }),
  };
}

function parseSave(json: JsonObject, hosts: HostTable): Instance {
  const guid = toMatch(json.g, 'a guid', guidPattern);
  const same = 's' in json ? toMatch(json.s, 'a second digest', guidPattern) : guid;
  const receivedS = toCounter(json.d, 'a received date');
  if (!isReceivedS(receivedS)) throw malformed('a received date is beyond the year 9999');
  return {
    birth: parseBirth(json.SAVE, hosts),
    modseq: toCounter(json.m, 'a modseq'),
    guid,
    ...(same === guid ? {} : { same }),
    sizeBytes: toCounter(json.z, 'a size'),
    receivedS,
    hint: toText(json.h, 'a hint', hintBytesMax),
    uid: parseUidRegister(json.u, hosts),
    flags: parseFlags(json.f, hosts),
    ...('a' in json ? { anew: toPositive(json.a, 'what a message was born anew under') } : {}),
    ...('from' in json ? { movedFrom: parseSource(json.from, hosts) } : {}),
  };
}

/** `[mailbox, [host, serial], clock]` */
function sourceJson({ mailbox, birth, clock }: Source, hosts: HostTable): readonly [MailboxName, unknown, unknown] {
  return [mailbox, birthJson(birth, hosts), clockJson(clock, hosts)];
}

function parseSource(value: unknown, hosts: HostTable): Source {
  const [mailbox, birth, clock] = toTuple(value, '"from"', 3);
  return { mailbox: parseMailboxName(mailbox), birth: parseBirth(birth, hosts), clock: parseClock(clock, hosts) };
}

function birthJson({ host, serial }: Birth, hosts: HostTable): readonly [number, number] {
  return [hosts.indexOf(host), serial];
}

function sameBirth(a: Birth, b: Birth): boolean {
  return a.host === b.host && a.serial === b.serial;
}

/**
 * What the base knows of and lives no more, as far as it can be said without a history: for people who read the file.
 */
function expungedSince(base: Clock, living: ReadonlyMap<HostId, Ranges>): ReadonlyMap<HostId, Ranges> {
  const result = new Map<HostId, Ranges>();
  for (const [host, { serial }] of base) {
    const gone: Range[] = [];
    let next = 1;
    for (const [lo, hi] of living.get(host) ?? []) {
      if (lo > serial) break;
      if (lo > next) gone.push([next, lo - 1]);
      next = hi + 1;
    }
    if (next <= serial) gone.push([next, serial]);
    if (gone.length > 0) result.set(host, gone);
  }
  return result;
}

function* linesOf(bytes: Uint8Array, fileName: string): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) throw unreadable(fileName, 'its last line has no end');
    if (end - at > recordLineBytesMax) throw unreadable(fileName, 'a line is too long');
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}

function unreadable(fileName: string, what: string): Failure {
  return notUnderstood(fileName, malformed(what));
}

function tooLarge(mailbox: MailboxName): Failure {
  return new Failure(
    'cannot-create',
    `writing the records of mailbox ${mailbox}: they are more than a bundle can hold`,
  );
}
