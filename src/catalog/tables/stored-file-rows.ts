import { invariant } from '../../failure.js';
import type { FileStamp } from '../../mail/file-change-stamp.js';
import { type Flag, flagOf } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { differences } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type Holding, unstored } from '../../replica/mailbox-state-and-stored-files.js';
import { MapReadOnDemand } from '../../replica/map-read-on-demand.js';
import { type BirthKey, birthOf } from '../../replica/message-birth.js';
import type { FileSource } from '../../replica/messages-read-on-demand.js';
import type { FileEvidenceCatalog } from '../interface/file-evidence-catalog.js';
import { type Database, firstRow, type SqlValue } from '../sql/database.js';
import { asCount, asFilledText, asList, asNullable, asText, asTextId, asTuple, Garbled } from '../sql/parse-column.js';
import { chunkRows, rowChunks, rowsIn, textIn } from '../sql/read-rows-in-chunks.js';
import { dropStrayBody, findBodies, readBody, writeBodies } from './body-checksum-rows.js';
import { guidToCell, sameToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import { mapsOnDemand } from './maps-on-demand.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** The rows of `holding`, by the row id of their mailbox. */
interface HoldingRows {
  /** `instances`: those of the mailbox, whose guids are shared instead of read again. */
  load(mailbox: number, instances: ReadonlyMap<BirthKey, Instance>): Map<string, Holding>;
  /** A map of `size` files that reads them when they are asked for. */
  onDemand(mailbox: number, size: number): MapReadOnDemand<string, Holding>;
  /** Writes the differences, by the identity of the objects. */
  save(mailbox: number, before: ReadonlyMap<string, Holding>, after: ReadonlyMap<string, Holding>): void;
}

const columns = 8;
const selectFrom = (rows: string, index = ''): string => `
  SELECT CAST(group_concat(json_array(ref, host, serial, uid, flags, lower(hex(guid)), lower(hex(same)), size)) AS BLOB) AS rows
  FROM (SELECT * FROM holding ${index} WHERE mailbox = ? AND ${rows})`;
const select = selectFrom(`ref > ? ORDER BY ref LIMIT ${chunkRows}`);
const selectOne = selectFrom('ref = ?');
const selectOfBirth = selectFrom('host = ? AND serial = ? ORDER BY ref', 'INDEXED BY holding_birth');
/** A line for each file. Flags are JSON, which has no tab and no line feed; refs of files have none either. */
const selectLines = `
  SELECT CAST(group_concat(ifnull(uid, '') || char(9) || flags || char(9) || ref, char(10)) AS BLOB) AS rows
  FROM (SELECT * FROM holding WHERE mailbox = ? AND ref > ? ORDER BY ref LIMIT ${chunkRows})`;
const insert =
  'INSERT INTO holding (host, serial, uid, flags, guid, same, size, file, mailbox, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
const update = `UPDATE holding SET host = ?, serial = ?, uid = ?, flags = ?, guid = ?, same = ?, size = ?, file = ifnull(?, file)
  WHERE mailbox = ? AND ref = ?`;
const remove = 'DELETE FROM holding WHERE mailbox = ? AND ref = ?';

/** Reads and writes the rows of `holding` of a mailbox, of which there may be many. */
export function holdingRows({ db, hosts, read }: OpenTables): HoldingRows {
  const onDemand = mapsOnDemand<string, Holding>();
  const { flagsIn, parse } = holdingParser(hosts);

  function load(mailbox: number, instances: ReadonlyMap<BirthKey, Instance>): Map<string, Holding> {
    const holdings = new Map<string, Holding>();
    for (const rows of rowChunks(db, select, mailbox, { after: [''], keyOf })) {
      for (const row of rows) {
        const holding = parse(row, instances);
        holdings.set(holding.ref, holding);
      }
    }
    return holdings;
  }

  const table: FileTable = {
    load: (mailbox) => read(() => load(mailbox, noInstances)),
    find: (sql, values) =>
      read(() =>
        rowsIn(db, sql, values).map((row) => {
          const holding = parse(row, noInstances);
          return [holding.ref, holding];
        }),
      ),
    lines: (mailbox, after) => read(() => textIn(db, selectLines, [mailbox, after])),
    parse: (lines, each) => read(() => parseLines(lines, flagsIn, each)),
    numberOf: (host) => read(() => hosts.knownNumberOf(host)),
  };

  function write(sql: string, mailbox: number, holding: Holding): void {
    invariant(holding.ref !== '', 'a holding without a ref');
    const [host, serial] = hosts.birthOf(holding.birth);
    const flags = holding.flags.size === 0 ? '[]' : JSON.stringify([...holding.flags]);
    const { guid, sizeBytes = null, file } = holding;
    db.run(
      sql,
      host,
      serial,
      holding.uid,
      flags,
      guidToCell(guid),
      sameToCell(holding),
      sizeBytes,
      file === undefined ? null : fileToCell(file),
      mailbox,
      holding.ref,
    );
  }

  return {
    load,
    onDemand: (mailbox, size) => onDemand.add(mailbox, new MapReadOnDemand(fileSource(table, mailbox, size))),
    save(mailbox, before, after) {
      const gone: Guid[] = [];
      for (const change of differences(before, after)) {
        onDemand.keep(mailbox, change.key);
        if (change.after !== undefined) write(change.before === undefined ? insert : update, mailbox, change.after);
        else {
          db.run(remove, mailbox, change.before.ref);
          if (change.before.uid !== null) gone.push(change.before.guid);
        }
        const { before: old } = change;
        if (old !== undefined && change.after !== undefined && old.guid !== change.after.guid) gone.push(old.guid);
      }
      for (const guid of gone) dropStrayBody(db, guid); // last: a file may just have got another name
    },
  };
}

/** Reads rows, and sets of flags, of which each is made once. */
function holdingParser(hosts: HostTable) {
  // Flags by their text: many messages have the same ones, and then share one object.
  const flagSets = new Map<string, ReadonlySet<Flag>>();

  function flagsIn(text: string): ReadonlySet<Flag> {
    const known = flagSets.get(text);
    if (known !== undefined) return known;
    const flags = notedFlags(asList(text, 'holding.flags').map((flag) => asFilledText(flag, 'holding.flags')));
    flagSets.set(text, flags);
    return flags;
  }

  function parse(row: unknown, instances: ReadonlyMap<BirthKey, Instance>): Holding {
    const [ref, host, serial, uid, flags, guid, same, size] = asTuple(row, columns, 'holding');
    const birth = hosts.birthKeyOf(host, serial, 'holding');
    const instance = instances.get(birth);
    return {
      ref: asFilledText(ref, 'holding.ref'),
      birth,
      uid: asNullable(uid, 'holding.uid', asCount),
      flags: flagsIn(asText(flags, 'holding.flags')),
      ...(isTextOfRow(instance, guid, same) ? textIdOf(instance) : asTextId(guid, same, 'holding')),
      ...(size === null ? {} : { sizeBytes: asCount(size, 'holding.size') }),
    };
  }

  return { flagsIn, parse };
}

/** What a source asks of the table; each is guarded as every read of the catalog is. */
type FileTable = {
  load(mailbox: number): Map<string, Holding>;
  find(sql: string, values: readonly SqlValue[]): [string, Holding][];
  /** The lines of the files whose refs come after this one, at most `chunkRows`. */
  lines(mailbox: number, after: string): string;
  /** Answers the last ref. */
  parse(lines: readonly string[], each: VisitFile): string;
  numberOf(host: HostId): number | undefined;
};

type VisitFile = Parameters<FileSource['visit']>[0];

function fileSource(table: FileTable, mailbox: number, size: number): FileSource {
  return {
    size,
    read: (ref) => table.find(selectOne, [mailbox, ref])[0]?.[1],
    readAll(kept) {
      const all = table.load(mailbox);
      for (const [ref, holding] of kept) {
        if (holding === undefined) all.delete(ref);
        else all.set(ref, holding);
      }
      return all;
    },
    ofBirth(birth) {
      const { host, serial } = birthOf(birth);
      const number = table.numberOf(host);
      return number === undefined ? [] : table.find(selectOfBirth, [mailbox, number, serial]);
    },
    visit(each) {
      let after = '';
      for (;;) {
        const text = table.lines(mailbox, after);
        if (text === '') return;
        const lines = text.split('\n');
        after = table.parse(lines, each);
        if (lines.length < chunkRows) return;
      }
    },
  };
}

function parseLines(lines: readonly string[], flagsIn: (text: string) => ReadonlySet<Flag>, each: VisitFile): string {
  let ref = '';
  for (const line of lines) {
    const uidEnd = line.indexOf('\t');
    const flagsEnd = line.indexOf('\t', uidEnd + 1);
    ref = asFilledText(line.slice(flagsEnd + 1), 'holding.ref');
    const uid = uidEnd > 0 ? asCount(Number(line.slice(0, uidEnd)), 'holding.uid') : null;
    each(ref, uid, flagsIn(line.slice(uidEnd + 1, flagsEnd)));
  }
  return ref;
}

const noInstances: ReadonlyMap<BirthKey, Instance> = new Map();

/**
 * Version 0.1 kept keywords that differ in case only apart, and noted of some that the store had no room for them
 * beside another.
 */
function notedFlags(noted: readonly string[]): ReadonlySet<Flag> {
  const flags = new Set(noted.map(flagOf));
  for (const flag of flags) flags.delete(unstored(flag));
  return flags;
}

/** Then its digits are shared instead of read again. */
function isTextOfRow(instance: Instance | undefined, guid: unknown, same: unknown): instance is Instance {
  return instance !== undefined && instance.guid === guid && (instance.same ?? '') === (same ?? '');
}

function keyOf(row: unknown): readonly [string] {
  return [asText(asTuple(row, columns, 'holding')[0], 'holding.ref')];
}

const selectFile = 'SELECT file FROM holding JOIN mailbox ON id = mailbox WHERE name = ? AND ref = ?';

/** What the file of a message was like when it was read; null where nobody noted that. */
function readFile(db: Database, mailbox: MailboxName, ref: string): FileStamp | null {
  const file = firstRow(db, selectFile, mailbox, ref)?.file ?? null;
  return file === null ? null : fileFromCell(file);
}

/** Notes it, in place of what was noted of the file before. */
function writeFile(db: Database, file: FileStamp, { mailbox, ref }: { mailbox: MailboxName; ref: string }): void {
  const set = 'UPDATE holding SET file = ? WHERE ref = ? AND mailbox = (SELECT id FROM mailbox WHERE name = ?)';
  db.run(set, fileToCell(file), ref, mailbox);
}

/** Nanoseconds are more than SQLite's numbers come back as. */
function fileToCell({ sizeBytes, mtimeNs }: FileStamp): string {
  return `${sizeBytes} ${mtimeNs}`;
}

function fileFromCell(cell: unknown): FileStamp {
  const [, size, time] = /^(\d{1,16}) (-?\d{1,20})$/.exec(asText(cell, 'holding.file')) ?? [];
  if (size === undefined || time === undefined) throw new Garbled('holding.file is no size and time');
  return { sizeBytes: Number(size), mtimeNs: BigInt(time) };
}

/** What the files of messages were like while they held their texts, in the tables `holding` and `body`. */
export function fileEvidenceCatalog({ db, read, change }: OpenTables): FileEvidenceCatalog {
  return {
    fileOf: (mailbox, ref) => read(() => readFile(db, mailbox, ref)),
    noteFile: (mailbox, ref, file) => change(() => writeFile(db, file, { mailbox, ref })),
    bodyOf: (guid) => read(() => readBody(db, guid)),
    textsWithBodies: (bodies) => read(() => findBodies(db, bodies)),
    noteBodies: (bodies) => change(() => writeBodies(db, bodies)),
  };
}
