import { Failure } from '../../failure.js';
import { type Database, firstRow } from './database.js';
import { asCount } from './parse-column.js';

/** `mrpl`: tells a catalog from any other SQLite file (PRAGMA application_id). */
const applicationId = 0x6d72706c;

/**
 * Each entry takes the schema one version further; `user_version` counts them. An entry that was ever released is never
 * changed. Hosts are numbers of `host`, guids 32 bytes, clocks as `version-vector-column.ts` writes them, flags JSON.
 *
 * `mailbox` keeps the counts of its messages so that a run with nothing to do reads this one table; `mailbox_ledger`
 * and `mailbox_waiting` stand apart from it for the same reason. `mailbox_waiting` is derived: the guids of living
 * instances without a holding that has been seen. `same` is the second digest of a text where it is not its guid, and
 * `holding.size` the bytes of a text that is not that of its instance. `flaw` names holdings whose file does not hold
 * their text, and is mostly empty. What no query asks for stands together in `instance.registers` (see
 * `message-rows.ts`): one text is read and written in half the time of its dozen values.
 *
 * What is kept of all messages of a mailbox together, so that a change of one of them reads no other: `mailbox_outline`
 * has the serials that live and the births that are not settled (`messages-read-on-demand.ts`), and is derived like
 * `mailbox_waiting`; `instance.changed` is the highest modseq in any register of a message.
 *
 * What ends the rows of each table:
 * - `identity`, `paired_host`, `peer`, `host`, `spelling`: nothing; there are as many as hosts and keywords.
 * - `mailbox` and what belongs to it: nothing, as others may still speak of a mailbox that is gone; its messages go
 * with their last instance or file.
 * - `instance`, `holding`, `flaw`, `body`, `impossible`: their message is expunged, or its file goes.
 * - `export`: every peer has the bundle, or it was seen nowhere while `unseenMax` others were written.
 * - `taken`, and the notes `bundle:HOST:NUMBER`: a rejoin, or `takenMax` newer ones of that host (of this host itself
 * all notes stay). By them a bundle is known again, and a clone that writes another one under its number: an unknown
 * bundle in this host's name means a clone. Some 200 bytes for each bundle.
 * - `statement`: a newer one of that host, or other keys of it.
 * - `departed`: every peer has heard of it. `trash`: its days are over, or there is more than its limit. `log`:
 * `logEntriesMax` newer ones.
 * - `note`: `refused:IMPRINT` when hosts are paired or limited, or it is one of more than `refusalsMax`; `strangers`,
 * `left-out-hosts` and `readers` are as many as hosts are let in; `damaged:PLACE` when nothing damaged lies there any
 * more; `medium:DIRECTORY` nothing, one for each mount point; `spoken` and `written-to` with the bundles they speak of;
 * `run-died` when what that run left was cleared away; `received-in-vain` when an import took bundles in, or a run
 * died; `in-step-since` when a peer is not in step any more; `unlinked` when all mailboxes are in sight, or after
 * `unlinkedMax` messages; `left-out` and `no-room` when the texts have gone, or are not here any more; `unsettled` when
 * a run has come to its end.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE identity (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    host_id TEXT NOT NULL, host_name TEXT NOT NULL, account TEXT NOT NULL, store TEXT NOT NULL,
    next_number INTEGER NOT NULL, last_export_number INTEGER, last_export_at INTEGER
  ) STRICT;
  CREATE TABLE host (number INTEGER PRIMARY KEY, host TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
    clock TEXT NOT NULL, highest_modseq INTEGER NOT NULL, resets INTEGER, uid_validity INTEGER, uid_next INTEGER NOT NULL,
    exists_on INTEGER NOT NULL, exists_modseq INTEGER NOT NULL, exists_host INTEGER NOT NULL,
    subscribed_on INTEGER NOT NULL, subscribed_modseq INTEGER NOT NULL, subscribed_host INTEGER NOT NULL,
    store_uid_validity INTEGER, store_uid_next INTEGER, stored INTEGER NOT NULL, store_subscribed INTEGER NOT NULL,
    fingerprint TEXT, mailbox_id TEXT,
    messages INTEGER NOT NULL, waiting INTEGER NOT NULL, leftovers INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE mailbox_ledger (mailbox INTEGER PRIMARY KEY, claims TEXT NOT NULL, agreements TEXT NOT NULL) STRICT;
  CREATE TABLE mailbox_waiting (mailbox INTEGER PRIMARY KEY, guids BLOB NOT NULL) STRICT;
  CREATE TABLE instance (
    mailbox INTEGER NOT NULL, host INTEGER NOT NULL, serial INTEGER NOT NULL, guid BLOB NOT NULL, registers TEXT NOT NULL,
    PRIMARY KEY (mailbox, host, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX instance_guid ON instance (guid);
  CREATE TABLE holding (
    mailbox INTEGER NOT NULL, ref TEXT NOT NULL, host INTEGER NOT NULL, serial INTEGER NOT NULL, uid INTEGER,
    flags TEXT NOT NULL, guid BLOB NOT NULL, PRIMARY KEY (mailbox, ref)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holding_seen ON holding (guid) WHERE uid IS NOT NULL;
  CREATE TABLE flaw (
    mailbox INTEGER NOT NULL, ref TEXT NOT NULL, kind TEXT NOT NULL, found BLOB, PRIMARY KEY (mailbox, ref)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE body (guid BLOB PRIMARY KEY, size INTEGER NOT NULL, crc INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE peer (
    host_id TEXT PRIMARY KEY, name TEXT NOT NULL, last_number INTEGER NOT NULL, last_heard INTEGER NOT NULL,
    taken TEXT NOT NULL, heard TEXT NOT NULL, clocks TEXT NOT NULL, heard_of_us TEXT NOT NULL, told TEXT NOT NULL,
    wanted BLOB NOT NULL, unheard TEXT NOT NULL, direct INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE paired_host (
    host_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, signing_key TEXT NOT NULL, age_recipient TEXT NOT NULL,
    host_right TEXT NOT NULL, revoked INTEGER NOT NULL, retired INTEGER NOT NULL, paired_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE export (
    number INTEGER PRIMARY KEY, file_name TEXT NOT NULL, size INTEGER NOT NULL, imprint TEXT NOT NULL, made_at INTEGER NOT NULL,
    recipients TEXT NOT NULL,
    base TEXT NOT NULL, carried TEXT NOT NULL, clocks TEXT NOT NULL, wanted BLOB NOT NULL, answered BLOB NOT NULL,
    unheard TEXT NOT NULL, relayed TEXT NOT NULL, last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE taken (imprint TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE departed (
    mailbox TEXT NOT NULL, host INTEGER NOT NULL, serial INTEGER NOT NULL, guid BLOB NOT NULL, modseq INTEGER NOT NULL,
    told INTEGER NOT NULL, PRIMARY KEY (mailbox, host, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE trash (
    mailbox TEXT NOT NULL, host INTEGER NOT NULL, serial INTEGER NOT NULL, guid BLOB NOT NULL, size INTEGER NOT NULL,
    uid_validity INTEGER NOT NULL, uid INTEGER NOT NULL, flags TEXT NOT NULL, received INTEGER NOT NULL, hint TEXT NOT NULL,
    at INTEGER NOT NULL, by_host INTEGER NOT NULL, file_name TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (mailbox, host, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX trash_at ON trash (at);
  CREATE TABLE log (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, details TEXT NOT NULL) STRICT;
  CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // What lies in the trash of 0.1 counts as put there now: by its clock nobody can tell. Its bundles nobody understands
  // any more. Keywords that differ in case only have become one flag: mailboxes with keywords are compared once with
  // what they should show. Mailboxes that have no UIDVALIDITY yet, or are near the end of their UIDs, are looked at
  // again. Texts have second digests, for which all mail is read once. What a file was like when it was read is kept
  // since: of those that 0.1 has read nobody knows, but that they are older than now. What was known of others, who had
  // not signed anything, goes on being believed (`unsigned_clock`).
  `
  ALTER TABLE trash ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
  DROP INDEX trash_at;
  CREATE INDEX trash_seen ON trash (seen);
  UPDATE mailbox SET fingerprint = NULL WHERE uid_validity IS NULL OR uid_next > 4000000000;
  DELETE FROM export;
  CREATE TABLE statement (
    host_id TEXT PRIMARY KEY, number INTEGER NOT NULL, verified INTEGER NOT NULL, said_by TEXT NOT NULL, text TEXT NOT NULL, sig TEXT NOT NULL
  ) STRICT;
  ALTER TABLE peer ADD COLUMN statements TEXT NOT NULL DEFAULT '[]';
  CREATE TABLE modseq_duty (
    mailbox TEXT PRIMARY KEY, above INTEGER NOT NULL, behind INTEGER NOT NULL, births TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE stated_modseq (mailbox TEXT PRIMARY KEY, highest INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE modseqs_heard (host TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE spelling (flag TEXT PRIMARY KEY, spelling TEXT NOT NULL) STRICT, WITHOUT ROWID;
  INSERT OR REPLACE INTO note (key, value) SELECT 'unsettled', json_group_array(name) FROM (
    SELECT name FROM mailbox WHERE EXISTS (SELECT 1 FROM holding WHERE mailbox = mailbox.id AND flags GLOB '*"[!-[]*')
    UNION SELECT value FROM json_each((SELECT value FROM note WHERE key = 'unsettled'))
  );
  CREATE TABLE impossible (guid BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
  ALTER TABLE instance ADD COLUMN same BLOB;
  CREATE INDEX instance_same ON instance (same) WHERE same IS NOT NULL;
  ALTER TABLE holding ADD COLUMN same BLOB;
  ALTER TABLE holding ADD COLUMN size INTEGER;
  CREATE INDEX holding_same ON holding (same) WHERE same IS NOT NULL AND uid IS NOT NULL;
  INSERT INTO note (key, value) SELECT 'second-digests', 'unknown' WHERE EXISTS (SELECT 1 FROM holding);
  ALTER TABLE departed ADD COLUMN same BLOB;
  ALTER TABLE trash ADD COLUMN same BLOB;
  ALTER TABLE holding ADD COLUMN file TEXT;
  ALTER TABLE body ADD COLUMN text_size INTEGER;
  ALTER TABLE body ADD COLUMN marks BLOB;
  ALTER TABLE flaw ADD COLUMN successor TEXT;
  INSERT INTO note (key, value) SELECT 'files-since', strftime('%s', 'now') WHERE EXISTS (SELECT 1 FROM holding);
  CREATE TABLE signed (
    host_id TEXT NOT NULL, number INTEGER NOT NULL, ticks TEXT NOT NULL, PRIMARY KEY (host_id, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unsigned_clock (name TEXT PRIMARY KEY, clock TEXT NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO unsigned_clock SELECT name, clock FROM mailbox;
  ALTER TABLE taken ADD COLUMN host TEXT;
  CREATE INDEX taken_host ON taken (host, at) WHERE host IS NOT NULL;
  `,
  // Outlines are made when a mailbox changes next.
  `
  CREATE TABLE mailbox_outline (
    mailbox INTEGER PRIMARY KEY, uid_validity INTEGER, living TEXT NOT NULL, open TEXT NOT NULL, stamps TEXT NOT NULL,
    files INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE instance ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
  UPDATE instance SET changed = max(
    json_extract(registers, '$[0]'), json_extract(registers, '$[7]'), ifnull(json_extract(registers, '$[11]'), 0),
    ifnull((SELECT max(json_extract(value, '$[2]')) FROM json_each(json_extract(registers, '$[9]'))), 0)
  );
  CREATE INDEX instance_changed ON instance (mailbox, changed);
  CREATE INDEX holding_birth ON holding (mailbox, host, serial);
  `,
];

/**
 * What a file is: blank (nothing in it yet, or the trace of an `init` that died), a catalog of ours of some version, or
 * something else.
 */
export function kindOf(db: Database): 'blank' | 'catalog' | 'foreign' {
  const id = pragma(db, 'application_id');
  if (id === applicationId) return 'catalog';
  const tables = asCount(firstRow(db, 'SELECT count(*) AS n FROM sqlite_schema')?.n, 'the number of tables');
  return id === 0 && tables === 0 ? 'blank' : 'foreign';
}

/**
 * Brings the schema to the newest version, all in one transaction; a blank file becomes an empty catalog. `finish` runs
 * in the same transaction. Throws `config` where the file is of a newer version than this program knows; nothing is
 * changed then.
 */
export function migrate(
  db: Database,
  { steps = migrations, finish }: { steps?: readonly string[]; finish?: () => void } = {},
): void {
  const version = pragma(db, 'user_version');
  if (version > steps.length) {
    throw new Failure(
      'config',
      `the catalog is of version ${version}, and this mrepl knows versions up to ${steps.length}`,
      { hint: 'Nothing was changed. Use the newer mrepl that wrote it.' },
    );
  }
  if (version === steps.length && finish === undefined) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const sql of steps.slice(version)) db.exec(sql);
    db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`);
    finish?.();
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function pragma(db: Database, name: 'application_id' | 'user_version'): number {
  return asCount(firstRow(db, `PRAGMA ${name}`)?.[name], name);
}
