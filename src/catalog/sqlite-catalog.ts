import { Failure, invariant } from '../failure.js';
import type { Guid } from '../mail/text/text-guid.js';
import type { Catalog } from './interface/catalog.js';
import type { Identity } from './interface/host-identity.js';
import type { OwnerLock } from './lock/account-lock.js';
import { type Database, firstRow } from './sql/database.js';
import { asCount, asFilledText, asHostId, asText, asTime } from './sql/parse-column.js';
import { sqliteFailure } from './sql/sqlite-failure.js';
import { transactionsOn } from './sql/transactions.js';
import { findBodies, readBody, writeBodies } from './tables/body-checksum-rows.js';
import { readFlaws, readSuccessors, removeFlaw, writeFlaw } from './tables/damaged-text-rows.js';
import { readExports, readLastExport, readNextNumber, takeExportNumber, writeExport } from './tables/export-rows.js';
import {
  findBirths,
  findCopy,
  findFiles,
  findNamed,
  findSize,
  hasStamped,
  readImpossible,
  writeImpossible,
} from './tables/find-text-rows.js';
import { addDeparted, dropDeparted, readDeparted } from './tables/gone-here-still-at-peers-rows.js';
import { guidsFromCell } from './tables/guid-column.js';
import { hostTable } from './tables/host-number-rows.js';
import { spellingRows } from './tables/keyword-spelling-rows.js';
import { appendLog, readLog } from './tables/log-rows.js';
import { mailboxRows } from './tables/mailbox-rows.js';
import { instanceRows } from './tables/message-rows.js';
import {
  addModseqDuty,
  dropModseqDuty,
  readModseqDuties,
  readModseqsHeard,
  readStatedModseqs,
  writeModseqsHeard,
  writeStatedModseqs,
} from './tables/modseqs-to-tell-server-rows.js';
import { readPairedHosts, writePairedHost } from './tables/paired-host-rows.js';
import { readPeers, writePeer } from './tables/peer-rows.js';
import {
  readSignedNumbers,
  readSignedUpTo,
  readUnsignedClocks,
  removeSigned,
  removeUnsigned,
  writeSigned,
} from './tables/signed-changes-rows.js';
import { readStatement, readStatementNumbers, removeStatement, writeStatement } from './tables/statement-rows.js';
import { holdingRows, readFile, writeFile } from './tables/stored-file-rows.js';
import { addTrash, dropTrash, hasTrashBefore, readTrash, readTrashBytes } from './tables/trash-rows.js';
import { clockCells } from './tables/version-vector-column.js';

/** One is reason enough to act; a few say where it is. Inclusive. */
const integrityTroublesMax = 5;

/**
 * The catalog on an open database of the newest schema. `path` is for messages; `lock` is given back once, after the
 * database is closed. Every failure is a `Failure`: `store-damaged` where the file holds what was never written, `io`,
 * `locked`.
 */
export function sqliteCatalog(db: Database, path: string, lock: OwnerLock): Catalog {
  const hosts = hostTable(db);
  const clocks = clockCells(hosts);
  const instances = instanceRows(db, hosts, clocks);
  const mailboxes = mailboxRows(db, { hosts, clocks, instances, holdings: holdingRows(db, hosts) });
  const spellings = spellingRows(db);
  let isOpen = true;

  function guarded<T>(work: () => T): T {
    invariant(isOpen, 'the catalog is used after it was closed');
    try {
      return work();
    } catch (cause) {
      throw sqliteFailure(cause, path);
    }
  }

  const transactions = transactionsOn(db, {
    guarded,
    undone() {
      // Numbers that were given to hosts in what is undone do not exist any more.
      hosts.forget();
      clocks.forget();
      spellings.forget();
      identity = null;
    },
  });

  /** A change: a transaction of its own, or a part of the open one that happens wholly or not at all. */
  function change(work: () => void): void {
    transactions.run(() => guarded(work));
  }

  function waitingGuids(sql: string): Guid[] {
    return guarded(() => {
      const guids = new Set<Guid>();
      for (const row of db.all(sql)) {
        for (const guid of guidsFromCell(row.guids, 'mailbox_waiting.guids')) guids.add(guid);
      }
      for (const { wanted, kind } of readFlaws(db)) if (kind === 'damaged') guids.add(wanted);
      return [...guids];
    });
  }

  let identity: Identity | null = guarded(() => readIdentity(db));
  return {
    get identity() {
      identity ??= guarded(() => readIdentity(db));
      return identity;
    },
    putIdentity({ hostId, hostName, store }) {
      change(() => {
        const id = asHostId(hostId, 'the host id');
        db.run('UPDATE identity SET host_id = ?, host_name = ?, store = ?', id, hostName, store);
        identity = null;
      });
    },
    lastRunDied: lock.lastOwnerDied,
    transaction: (work, { keep } = {}) => transactions.run(work, keep),

    summaries: () => guarded(() => mailboxes.summaries()),
    load: (mailbox) => guarded(() => mailboxes.load(mailbox)),
    save: (before, after) => change(() => mailboxes.save(before, after)),

    copyOf: (mail) => guarded(() => findCopy(db, mail)),
    textNamed: (guid) => guarded(() => findNamed(db, guid)),
    textsNamed: (guids) =>
      guarded(() => {
        const isStamped = hasStamped(db);
        return Array.from(guids, (guid) => (isStamped ? findNamed(db, guid) : { guid }));
      }),
    sizeOf: (guid) => guarded(() => findSize(db, guid)),
    birthsOf: (mail) => guarded(() => findBirths(db, hosts, mail)),
    filesOf: (mail) => guarded(() => findFiles(db, mail)),
    waitingGuids: () => waitingGuids('SELECT guids FROM mailbox_waiting ORDER BY mailbox'),
    deliverableGuids() {
      const impossible = guarded(() => readImpossible(db));
      return waitingGuids(
        'SELECT guids FROM mailbox_waiting JOIN mailbox ON id = mailbox WHERE stored = 1 ORDER BY mailbox',
      ).filter((guid) => !impossible.has(guid));
    },
    impossibleGuids: () => guarded(() => readImpossible(db)),
    noteImpossible: (guids) => change(() => writeImpossible(db, guids)),

    flawedTexts: () => guarded(() => readFlaws(db)),
    putFlaw: (flaw) => change(() => writeFlaw(db, flaw)),
    dropFlaw: (mailbox, ref) => change(() => removeFlaw(db, mailbox, ref)),
    successorsIn: (mailbox) => guarded(() => readSuccessors(db, mailbox)),
    fileOf: (mailbox, ref) => guarded(() => readFile(db, mailbox, ref)),
    noteFile: (mailbox, ref, file) => change(() => writeFile(db, file, { mailbox, ref })),
    bodyOf: (guid) => guarded(() => readBody(db, guid)),
    textsWithBodies: (bodies) => guarded(() => findBodies(db, bodies)),
    noteBodies: (bodies) => change(() => writeBodies(db, bodies)),

    knownHosts: () =>
      guarded(() => db.all('SELECT host FROM host ORDER BY number').map((row) => asHostId(row.host, 'host.host'))),

    peers: () => guarded(() => readPeers(db, clocks)),
    putPeer: (peer) => change(() => writePeer(db, clocks, peer)),
    dropRelayedPeer: (host) => change(() => db.run('DELETE FROM peer WHERE host_id = ? AND direct = 0', host)),

    statementNumbers: () => guarded(() => readStatementNumbers(db)),
    statementOf: (host) => guarded(() => readStatement(db, host)),
    putStatement: (statement) => change(() => writeStatement(db, statement)),
    dropStatement: (host) => change(() => removeStatement(db, host)),
    signedNumbers: () => guarded(() => readSignedNumbers(db)),
    signedUpTo: (host, number) => guarded(() => readSignedUpTo(db, host, number)),
    putSigned: (host, deeds) => change(() => writeSigned(db, host, deeds)),
    dropSigned: (host) => change(() => removeSigned(db, host)),
    unsignedClocks: () => guarded(() => readUnsignedClocks(db, clocks)),
    dropUnsigned: (host) => change(() => removeUnsigned(db, clocks, host)),

    pairedHosts: () => guarded(() => readPairedHosts(db)),
    putPairedHost: (host) => change(() => writePairedHost(db, host)),

    exports: () => guarded(() => readExports(db, clocks)),
    exportNumbers: () =>
      guarded(() =>
        db.all('SELECT number FROM export ORDER BY number').map((row) => asCount(row.number, 'export.number')),
      ),
    putExport: (exported) => change(() => writeExport(db, clocks, exported)),
    dropExport: (number) => change(() => db.run('DELETE FROM export WHERE number = ?', number)),
    lastExport: () => guarded(() => readLastExport(db)),
    lastNumber: () => guarded(() => readNextNumber(db) - 1),
    takeNumber() {
      let number = 0;
      change(() => {
        number = takeExportNumber(db);
      });
      return number;
    },

    isTaken: (imprint) => guarded(() => db.all('SELECT 1 FROM taken WHERE imprint = ?', imprint).length > 0),
    markTaken: (imprint, atS) =>
      change(() => db.run('INSERT OR IGNORE INTO taken (imprint, at) VALUES (?, ?)', imprint, atS)),
    takenImprints: () =>
      guarded(() =>
        db.all('SELECT imprint, at FROM taken ORDER BY imprint').map((row) => ({
          imprint: asText(row.imprint, 'taken.imprint'),
          atS: asTime(row.at, 'taken.at'),
        })),
      ),

    forgetTaken: () => change(() => db.run('DELETE FROM taken')),

    addDeparted: (rows) => change(() => addDeparted(db, hosts, rows)),
    departed: () => guarded(() => readDeparted(db, hosts)),
    dropDeparted: (rows) => change(() => dropDeparted(db, hosts, rows)),

    addTrash: (rows) => change(() => addTrash(db, hosts, rows)),
    trash: () => guarded(() => readTrash(db, hosts)),
    dropTrash: (rows) => change(() => dropTrash(db, hosts, rows)),
    trashBytes: () => guarded(() => readTrashBytes(db)),
    dropTrashBefore(seenS) {
      if (!guarded(() => hasTrashBefore(db, seenS))) return false;
      change(() => db.run('DELETE FROM trash WHERE seen < ?', seenS));
      return true;
    },

    modseqDuties: () => guarded(() => readModseqDuties(db, hosts)),
    addModseqDuty: (duty) => change(() => addModseqDuty(db, hosts, duty)),
    dropModseqDuty: (mailbox) => change(() => dropModseqDuty(db, mailbox)),
    statedModseqs: () => guarded(() => readStatedModseqs(db)),
    noteStatedModseqs(served) {
      if (served.size > 0) change(() => writeStatedModseqs(db, served));
    },
    modseqsHeard: () => guarded(() => readModseqsHeard(db)),
    noteModseqsHeard: (host, number) => change(() => writeModseqsHeard(db, host, number)),
    log: (entry) => change(() => appendLog(db, entry)),
    entries: (limit) => guarded(() => readLog(db, limit)),

    integrityTroubles: () =>
      guarded(() =>
        db
          .all(`PRAGMA integrity_check(${integrityTroublesMax})`)
          .map((row) => asText(row.integrity_check, 'integrity_check'))
          .filter((text) => text !== 'ok'),
      ),

    note: (key) =>
      guarded(() => {
        const row = firstRow(db, 'SELECT value FROM note WHERE key = ?', key);
        return row === undefined ? null : asText(row.value, 'note.value');
      }),
    spellings: () => guarded(() => spellings.all()),
    noteSpellings(list) {
      const fresh = guarded(() => spellings.missing(list));
      if (fresh.length > 0) change(() => spellings.add(fresh));
    },
    setNote: (key, value) =>
      change(() => {
        if (value === null) db.run('DELETE FROM note WHERE key = ?', key);
        else db.run('INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)', key, value);
      }),
    notes: () =>
      guarded(() => {
        const rows = db.all('SELECT key, value FROM note ORDER BY key');
        return new Map(rows.map((row) => [asText(row.key, 'note.key'), asText(row.value, 'note.value')]));
      }),

    close() {
      if (!isOpen) return;
      try {
        guarded(() => db.close());
      } finally {
        isOpen = false;
        lock.release();
      }
    },
  };
}

/** Lays down who this host is, in the caller's transaction or its own; once. */
export function writeIdentity(db: Database, { hostId, hostName, account, store }: Identity): void {
  db.run(
    'INSERT INTO identity (only_row, host_id, host_name, account, store, next_number) VALUES (1, ?, ?, ?, ?, 1)',
    asHostId(hostId, 'the host id'),
    hostName,
    account,
    store,
  );
}

function readIdentity(db: Database): Identity {
  const row = firstRow(db, 'SELECT host_id, host_name, account, store FROM identity');
  if (row === undefined) {
    throw new Failure('config', 'this catalog was never set up to the end', { hint: 'Run `mrepl init` again.' });
  }
  return {
    hostId: asHostId(row.host_id, 'identity.host_id'),
    hostName: asFilledText(row.host_name, 'identity.host_name'),
    account: asFilledText(row.account, 'identity.account'),
    store: asFilledText(row.store, 'identity.store'),
  };
}
