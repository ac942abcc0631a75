import { invariant } from '../../failure.js';
import type { FileStamp } from '../../mail/file-change-stamp.js';
import { type Flag, flagOf } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type Holding, unstored } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';
import type { FileEvidenceCatalog } from '../interface/file-evidence-catalog.js';
import { type Database, firstRow } from '../sql/database.js';
import { asCount, asFilledText, asList, asNullable, asText, asTextId, asTuple, Garbled } from '../sql/parse-column.js';
import { chunkRows, rowChunks } from '../sql/read-rows-in-chunks.js';
import { dropStrayBody, findBodies, readBody, writeBodies } from './body-checksum-rows.js';
import { guidToCell, sameToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import { differences } from './map-differences.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** The rows of `holding`, by the row id of their mailbox. */
interface HoldingRows {
  /** `instances`: those of the mailbox, whose guids are shared instead of read again. */
  load(mailbox: number, instances: ReadonlyMap<BirthKey, Instance>): Map<string, Holding>;
  /** Writes the differences, by the identity of the objects. */
  save(mailbox: number, before: ReadonlyMap<string, Holding>, after: ReadonlyMap<string, Holding>): void;
}

const columns = 8;
const select = `
  SELECT CAST(group_concat(json_array(ref, host, serial, uid, flags, lower(hex(guid)), lower(hex(same)), size)) AS BLOB) AS rows
  FROM (SELECT * FROM holding WHERE mailbox = ? AND ref > ? ORDER BY ref LIMIT ${chunkRows})`;
const insert =
  'INSERT INTO holding (host, serial, uid, flags, guid, same, size, file, mailbox, ref) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';
const update = `UPDATE holding SET host = ?, serial = ?, uid = ?, flags = ?, guid = ?, same = ?, size = ?, file = ifnull(?, file)
  WHERE mailbox = ? AND ref = ?`;
const remove = 'DELETE FROM holding WHERE mailbox = ? AND ref = ?';

/** Reads and writes the rows of `holding` of a mailbox, of which there may be many. */
export function holdingRows(db: Database, hosts: HostTable): HoldingRows {
  function load(mailbox: number, instances: ReadonlyMap<BirthKey, Instance>): Map<string, Holding> {
    const holdings = new Map<string, Holding>();
    // Flags by their text: many messages have the same ones, and then share one object.
    const known = new Map<string, ReadonlySet<Flag>>();
    for (const rows of rowChunks(db, select, mailbox, { after: [''], keyOf })) {
      for (const row of rows) {
        const [ref, host, serial, uid, flags, guid, same, size] = asTuple(row, columns, 'holding');
        const flagsText = asText(flags, 'holding.flags');
        let flagSet = known.get(flagsText);
        if (flagSet === undefined) {
          flagSet = notedFlags(asList(flagsText, 'holding.flags').map((flag) => asFilledText(flag, 'holding.flags')));
          known.set(flagsText, flagSet);
        }
        const birth = hosts.birthKeyOf(host, serial, 'holding');
        const instance = instances.get(birth);
        const holding: Holding = {
          ref: asFilledText(ref, 'holding.ref'),
          birth,
          uid: asNullable(uid, 'holding.uid', asCount),
          flags: flagSet,
          ...(isTextOfRow(instance, guid, same) ? textIdOf(instance) : asTextId(guid, same, 'holding')),
          ...(size === null ? {} : { sizeBytes: asCount(size, 'holding.size') }),
        };
        holdings.set(holding.ref, holding);
      }
    }
    return holdings;
  }

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
    save(mailbox, before, after) {
      const gone: Guid[] = [];
      for (const change of differences(before, after)) {
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
