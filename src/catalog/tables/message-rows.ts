import { invariant } from '../../failure.js';
import { type Flag, flagOf } from '../../mail/flags.js';
import { differences } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import { type FlagRegister, laterRegister } from '../../replica/last-writer-registers.js';
import type { Outline } from '../../replica/mailbox-outline.js';
import type { Instance, Source } from '../../replica/mailbox-state.js';
import { MapReadOnDemand } from '../../replica/map-read-on-demand.js';
import { type BirthKey, birthKey, birthOf } from '../../replica/message-birth.js';
import type { MessageSource } from '../../replica/messages-read-on-demand.js';
import { type Clock, tickOf } from '../../replica/version-vector.js';
import type { SqlValue } from '../sql/database.js';
import { asCount, asFilledText, asList, asText, asTextId, asTime, asTuple, Garbled } from '../sql/parse-column.js';
import { chunkRows, countIn, rowChunks, rowsIn } from '../sql/read-rows-in-chunks.js';
import { guidToCell, sameToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import { mapsOnDemand } from './maps-on-demand.js';
import type { OpenTables } from './shared-by-all-tables.js';
import type { ClockCells } from './version-vector-column.js';

/** The rows of `instance`, by the row id of their mailbox. */
interface InstanceRows {
  load(mailbox: number): Map<BirthKey, Instance>;
  /** A map of `size` messages that reads them when they are asked for. */
  onDemand(mailbox: number, summary: Summary): MapReadOnDemand<BirthKey, Instance>;
  /** Writes the differences, by the identity of the objects. */
  save(mailbox: number, before: ReadonlyMap<BirthKey, Instance>, after: ReadonlyMap<BirthKey, Instance>): void;
}

/** What is known of the messages of a mailbox before any is read. */
type Summary = { readonly size: number; readonly uidNext: number; readonly outline: Outline };

/**
 * `registers` is a JSON list: modseq, size, received, hint; then of the uid register uidValidity, uid, round, modseq,
 * host; the flag registers, as JSON within a text (so that equal ones are seen to be equal without being parsed); where
 * the message was moved from, or null; and, only where it was born anew, under which modseq.
 */
const registersLength = 11;
const selectFrom = (rows: string): string => `
  SELECT CAST(group_concat(
    '[' || host || ',' || serial || ',"' || lower(hex(guid)) || '","' || lower(hex(ifnull(same, ''))) || '",' || registers || ']'
  ) AS BLOB) AS rows
  FROM (SELECT * FROM instance WHERE mailbox = ? AND ${rows})`;
const select = selectFrom(`(host, serial) > (?, ?) ORDER BY host, serial LIMIT ${chunkRows}`);
const selectOne = selectFrom('host = ? AND serial = ?');
const selectChanged = selectFrom('changed > ? ORDER BY host, serial');
const selectBorn = selectFrom('host = ? AND serial > ? ORDER BY host, serial');
/** A superset: where a message came from stands last, but for under which modseq it was born anew. */
const selectMoved = selectFrom("substr(registers, -5) <> 'null]' ORDER BY host, serial");
const countChanged = 'SELECT count(*) AS count FROM instance WHERE mailbox = ? AND changed > ?';
const countBorn = 'SELECT count(*) AS count FROM instance WHERE mailbox = ? AND host = ? AND serial > ?';
const insert =
  'INSERT INTO instance (guid, same, registers, changed, mailbox, host, serial) VALUES (?, ?, ?, ?, ?, ?, ?)';
const update =
  'UPDATE instance SET guid = ?, same = ?, registers = ?, changed = ? WHERE mailbox = ? AND host = ? AND serial = ?';
const remove = 'DELETE FROM instance WHERE mailbox = ? AND host = ? AND serial = ?';

type Registers = ReadonlyMap<Flag, FlagRegister>;

/** What is kept as the numbers of hosts. */
type Numbered = { readonly hosts: HostTable; readonly clocks: ClockCells };

/** Reads and writes the rows of `instance` of a mailbox, of which there may be many. */
export function instanceRows({ db, hosts, clocks, read }: OpenTables): InstanceRows {
  const numbered: Numbered = { hosts, clocks };
  const onDemand = mapsOnDemand<BirthKey, Instance>();

  function load(mailbox: number): Map<BirthKey, Instance> {
    const instances = new Map<BirthKey, Instance>();
    // Registers by their text: many messages have the same ones, and then share one object.
    const known = new Map<string, Registers>();
    for (const rows of rowChunks(db, select, mailbox, { after: [-1, 0], keyOf })) {
      for (const row of rows) {
        const instance = parse(asTuple(row, 5, 'instance'), known, numbered);
        instances.set(birthKey(instance.birth), instance);
      }
    }
    return instances;
  }

  function write(sql: string, mailbox: number, instance: Instance): void {
    const { birth } = instance;
    const host = hosts.numberOf(birth.host);
    db.run(
      sql,
      guidToCell(instance.guid),
      sameToCell(instance),
      registersToText(instance, numbered),
      lastChangeOf(instance),
      mailbox,
      host,
      birth.serial,
    );
  }

  const table: MessageTable = {
    load: (mailbox) => read(() => load(mailbox)),
    find(sql, values) {
      const known = new Map<string, Registers>();
      return read(() =>
        rowsIn(db, sql, values).map((row) => {
          const instance = parse(asTuple(row, 5, 'instance'), known, numbered);
          return [birthKey(instance.birth), instance];
        }),
      );
    },
    count: (sql, values) => read(() => countIn(db, sql, values)),
    numberOf: (host) => read(() => hosts.knownNumberOf(host)),
    refuse: (found, size) => read(() => wrongCount(found, size)),
  };

  return {
    load,
    onDemand: (mailbox, summary) => onDemand.add(mailbox, new MapReadOnDemand(messageSource(table, mailbox, summary))),
    save(mailbox, before, after) {
      for (const change of differences(before, after)) {
        onDemand.keep(mailbox, change.key);
        if (change.after !== undefined) write(change.before === undefined ? insert : update, mailbox, change.after);
        else db.run(remove, mailbox, hosts.numberOf(change.before.birth.host), change.before.birth.serial);
      }
    },
  };
}

/** What a source asks of the table; each is guarded as every read of the catalog is. */
type MessageTable = {
  load(mailbox: number): Map<BirthKey, Instance>;
  find(sql: string, values: readonly SqlValue[]): [BirthKey, Instance][];
  count(sql: string, values: readonly SqlValue[]): number;
  numberOf(host: HostId): number | undefined;
  refuse(found: number, size: number): never;
};

function messageSource(table: MessageTable, mailbox: number, { size, uidNext, outline }: Summary): MessageSource {
  return {
    ...{ size, uidNext, living: outline.living, open: outline.open, uidValidity: outline.uidValidity },
    read(key) {
      const { host, serial } = birthOf(key);
      const number = table.numberOf(host);
      return number === undefined ? undefined : table.find(selectOne, [mailbox, number, serial])[0]?.[1];
    },
    readAll(kept) {
      const all = table.load(mailbox);
      for (const [key, instance] of kept) {
        if (instance === undefined) all.delete(key);
        else all.set(key, instance);
      }
      if (all.size !== size) table.refuse(all.size, size);
      return all;
    },
    beyond(clock) {
      const questions: { readonly count: string; readonly select: string; readonly values: readonly SqlValue[] }[] = [];
      const floor = lowestUnknown(outline.stamps, clock);
      if (floor !== null) questions.push({ count: countChanged, select: selectChanged, values: [mailbox, floor] });
      for (const [host, ranges] of outline.living) {
        const { serial } = tickOf(clock, host);
        const number = table.numberOf(host);
        if ((ranges.at(-1)?.[1] ?? 0) > serial && number !== undefined)
          questions.push({ count: countBorn, select: selectBorn, values: [mailbox, number, serial] });
      }
      const rows = questions.reduce((sum, { count, values }) => sum + table.count(count, values), 0);
      if (rows > size / beyondShare) return null;
      return new Map(questions.flatMap(({ select, values }) => table.find(select, values)));
    },
    moved: () => table.find(selectMoved, [mailbox]),
  };
}

/** With more than this part of all messages (one of so many) to be read, all are. */
const beyondShare = 4;

/** The modseq above which registers may be unknown to whoever has this clock; null where none are. */
function lowestUnknown(stamps: Outline['stamps'], clock: Clock): number | null {
  let lowest: number | null = null;
  for (const [host, last] of stamps) {
    const { modseq } = tickOf(clock, host);
    if (last > modseq && (lowest === null || modseq < lowest)) lowest = modseq;
  }
  return lowest;
}

/** The highest modseq in the registers of a message. */
function lastChangeOf({ modseq, anew = 0, uid, flags }: Instance): number {
  let last = Math.max(modseq, anew, uid.modseq);
  for (const register of flags.values()) if (register.modseq > last) last = register.modseq;
  return last;
}

function wrongCount(found: number, written: number): never {
  throw new Garbled(`instance: ${found} rows where ${written} were written`);
}

/** `known`: registers that were parsed before, by their text. */
function parse(
  [host, serial, guid, same, registers]: readonly unknown[],
  known: Map<string, Registers>,
  { hosts, clocks }: Numbered,
): Instance {
  const isAnew = Array.isArray(registers) && registers.length > registersLength;
  const [modseq, size, received, hint, uidValidity, uid, round, uidModseq, uidHost, flags, moved, anew] = asTuple(
    registers,
    isAnew ? registersLength + 1 : registersLength,
    'instance.registers',
  );
  const flagsText = asText(flags, 'instance.flags');
  let flagRegisters = known.get(flagsText);
  if (flagRegisters === undefined) {
    flagRegisters = parseFlags(flagsText, hosts);
    known.set(flagsText, flagRegisters);
  }
  const instance: Instance = {
    birth: { host: hosts.someHostOf(host, 'instance.host'), serial: asCount(serial, 'instance.serial') },
    modseq: asCount(modseq, 'instance.modseq'),
    ...asTextId(guid, same, 'instance'),
    sizeBytes: asCount(size, 'instance.size'),
    receivedS: asTime(received, 'instance.received'),
    hint: asText(hint, 'instance.hint'),
    ...(isAnew ? { anew: asCount(anew, 'instance.anew') } : {}),
    uid: {
      uidValidity: asCount(uidValidity, 'instance.uid_validity'),
      uid: asCount(uid, 'instance.uid'),
      round: asCount(round, 'instance.uid_round'),
      modseq: asCount(uidModseq, 'instance.uid_modseq'),
      host: hosts.hostOf(uidHost, 'instance.uid_host'),
    },
    flags: flagRegisters,
  };
  return moved === null ? instance : { ...instance, movedFrom: parseSource(moved, { hosts, clocks }) };
}

function parseFlags(text: string, hosts: HostTable): Registers {
  const what = 'instance.flags';
  const registers = new Map<Flag, FlagRegister>();
  for (const entry of asList(text, what)) {
    const [flag, on, modseq, host] = asTuple(entry, 4, what);
    if (on !== 0 && on !== 1) throw new Garbled(`${what} is neither on nor off`);
    const stamp = { modseq: asCount(modseq, what), host: hosts.hostOf(host, what) };
    const register = { on: on === 1, ...stamp };
    // Version 0.1 kept keywords that differ in case only apart.
    const key = flagOf(asFilledText(flag, what));
    const other = registers.get(key);
    registers.set(key, other === undefined ? register : laterRegister(other, register));
  }
  return registers;
}

function flagsToText(registers: Registers, hosts: HostTable): string {
  if (registers.size === 0) return '[]';
  const list = [...registers].map(([flag, { on, modseq, host }]) => [flag, on ? 1 : 0, modseq, hosts.numberOf(host)]);
  return JSON.stringify(list);
}

function parseSource(value: unknown, { hosts, clocks }: Numbered): Source {
  const what = 'instance.moved_from';
  const [mailbox, host, serial, clock] = asTuple(value, 4, what);
  return {
    mailbox: asFilledText(mailbox, what),
    birth: { host: hosts.someHostOf(host, what), serial: asCount(serial, what) },
    clock: clocks.fromCell(clock, what),
  };
}

function sourceToList({ mailbox, birth, clock }: Source, { hosts, clocks }: Numbered): readonly unknown[] {
  return [mailbox, hosts.numberOf(birth.host), birth.serial, clocks.toCell(clock)];
}

/** The cell `registers` of a message. */
function registersToText(instance: Instance, { hosts, clocks }: Numbered): string {
  const { uid, movedFrom, anew } = instance;
  const registers = [
    instance.modseq,
    instance.sizeBytes,
    instance.receivedS,
    instance.hint,
    uid.uidValidity,
    uid.uid,
    uid.round,
    uid.modseq,
    hosts.numberOf(uid.host),
    flagsToText(instance.flags, hosts),
    movedFrom === undefined ? null : sourceToList(movedFrom, { hosts, clocks }),
    ...(anew === undefined ? [] : [anew]),
  ];
  for (const value of registers) {
    invariant(typeof value !== 'number' || Number.isSafeInteger(value), `${value} in a message is no integer`);
  }
  return JSON.stringify(registers);
}

function keyOf(row: unknown): readonly [number, number] {
  const [host, serial] = asTuple(row, 5, 'instance');
  return [asCount(host, 'instance.host'), asCount(serial, 'instance.serial')];
}
