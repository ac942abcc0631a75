/** One message in a UID list. `name` is the file name when last written: only its base name is to be relied upon. */
export type UidRecord = {
  readonly uid: number;
  /** The fields between UID and file name as they stand, each with a space before it: ` S1234 Gabc`. Often empty. */
  readonly fields: string;
  readonly name: string;
};

/** A `dovecot-uidlist` taken apart; it is written as version 3, as Dovecot does with one of version 1. */
export type UidList = {
  readonly uidValidity: number;
  /** As the header says. Dovecot appends records without raising it: `uidNextOf` is what counts. */
  readonly headerUidNext: number;
  /** 32 hex digits, or null where the header has none. */
  readonly mailboxGuid: string | null;
  /** Header fields beyond V, N and G, kept as they are. */
  readonly otherFields: readonly string[];
  readonly records: readonly UidRecord[];
  /** The file ended within a line: an append is under way, or was cut off. That line is not in `records`. */
  readonly cutOff: boolean;
};

/** The highest UID and UIDVALIDITY there can be: 32 bits, inclusive. */
export const uidMax = 0xffff_ffff;

/** Above every UID given out. */
export function uidNextOf(list: Pick<UidList, 'headerUidNext' | 'records'>): number {
  return Math.max(list.headerUidNext, (list.records.at(-1)?.uid ?? 0) + 1);
}

/** The message GUID a record names, if it names one; else Dovecot takes the base file name. */
export function guidField(record: UidRecord): string | undefined {
  if (record.fields === '') return undefined;
  return record.fields
    .split(' ')
    .find((field) => field.startsWith('G'))
    ?.slice(1);
}

/** The base name of a file name: what stays when flags change. */
export function baseOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(0, colon);
}

/** Undefined for what Dovecot would throw away and number anew: no or another header, records out of order. */
export function parseUidList(text: string): UidList | undefined {
  const headerEnd = text.indexOf('\n');
  if (headerEnd < 0) return undefined;
  const line = text.slice(0, headerEnd);
  const isFirstVersion = line.startsWith('1 ');
  const header = isFirstVersion ? parseFirstHeader(line) : parseHeader(line);
  if (header === undefined) return undefined;
  const uidEnd = isFirstVersion ? header.headerUidNext : Number.POSITIVE_INFINITY;
  const records: UidRecord[] = [];
  let at = headerEnd + 1;
  let previousUid = 0;
  let cutOff = false;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    if (end < 0) {
      cutOff = true;
      const uid = parseNumber(/^(\d+) /.exec(text.slice(at, at + 12))?.[1] ?? '');
      if (uid !== undefined) header.headerUidNext = Math.max(header.headerUidNext, uid + 1); // it may have been seen
      break;
    }
    const record = isFirstVersion ? parseFirstRecord(text.slice(at, end)) : parseRecord(text, at, end);
    if (record === undefined || record.uid <= previousUid || record.uid >= uidEnd) return undefined;
    previousUid = record.uid;
    records.push(record);
    at = end + 1;
  }
  return { ...header, records, cutOff };
}

/** The text of a list; parsing it gives the list again. Ends in a newline, has no blank line. */
export function formatUidList(list: Omit<UidList, 'cutOff'>): string {
  const fields = [`V${list.uidValidity}`, `N${list.headerUidNext}`];
  if (list.mailboxGuid !== null) fields.push(`G${list.mailboxGuid}`);
  const lines = [['3', ...fields, ...list.otherFields].join(' ')];
  for (const record of list.records) lines.push(`${record.uid}${record.fields} :${record.name}`);
  return `${lines.join('\n')}\n`;
}

function parseHeader(line: string) {
  const [version, ...fields] = line.split(' ');
  if (version !== '3') return undefined;
  let uidValidity: number | undefined;
  let headerUidNext: number | undefined;
  let mailboxGuid: string | null = null;
  const otherFields: string[] = [];
  for (const field of fields) {
    if (field.startsWith('V')) uidValidity = parseNumber(field.slice(1));
    else if (field.startsWith('N')) headerUidNext = parseNumber(field.slice(1));
    else if (/^G[0-9a-f]{32}$/.test(field)) mailboxGuid = field.slice(1);
    else if (field !== '') otherFields.push(field);
  }
  if (uidValidity === undefined || headerUidNext === undefined) return undefined;
  return { uidValidity, headerUidNext, mailboxGuid, otherFields };
}

/** Of version 1, from before Dovecot 1.1: `1 UIDVALIDITY UIDNEXT`, and what else may stand there. */
function parseFirstHeader(line: string): ReturnType<typeof parseHeader> {
  const [, uidValidity, headerUidNext] = line.split(' ').map(parseNumber);
  if (uidValidity === undefined || headerUidNext === undefined) return undefined;
  return { uidValidity, headerUidNext, mailboxGuid: null, otherFields: [] };
}

/** Of version 1: `UID NAME`. */
function parseFirstRecord(line: string): UidRecord | undefined {
  const [, digits = '', name = ''] = /^(\d+) ([^:].*)$/.exec(line) ?? [];
  const uid = parseNumber(digits);
  return uid === undefined ? undefined : { uid, fields: '', name };
}

function parseRecord(text: string, from: number, to: number): UidRecord | undefined {
  const colon = text.indexOf(' :', from);
  if (colon < 0 || colon >= to) return undefined;
  const space = text.indexOf(' ', from); // at the colon's place where there are no fields
  const uid = parseNumber(text.slice(from, space));
  if (uid === undefined) return undefined;
  return { uid, fields: text.slice(space, colon), name: text.slice(colon + 2, to) };
}

const zero = '0'.charCodeAt(0);

/** Digits without a leading zero. Regular expressions would be most of the work for a million lines. */
function parseNumber(digits: string): number | undefined {
  if (digits.length === 0 || digits.length > 10 || digits.charCodeAt(0) === zero) return undefined;
  let value = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= uidMax + 1 ? value : undefined; // UIDNEXT may be one past the last UID
}
