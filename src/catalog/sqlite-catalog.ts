import { invariant } from '../failure.js';
import type { Catalog } from './interface/catalog.js';
import type { OwnerLock } from './lock/account-lock.js';
import type { Database } from './sql/database.js';
import { asText } from './sql/parse-column.js';
import { sqliteFailure } from './sql/sqlite-failure.js';
import { transactionsOn } from './sql/transactions.js';
import { damagedTextCatalog } from './tables/damaged-text-rows.js';
import { exportCatalog } from './tables/export-rows.js';
import { factCatalog } from './tables/fact-rows.js';
import { textCatalog } from './tables/find-text-rows.js';
import { goneMessageCatalog } from './tables/gone-here-still-at-peers-rows.js';
import { hostTable } from './tables/host-number-rows.js';
import { identityCatalog } from './tables/identity-row.js';
import { spellingCatalog } from './tables/keyword-spelling-rows.js';
import { logCatalog } from './tables/log-rows.js';
import { mailboxCatalog } from './tables/mailbox-rows.js';
import { modseqCatalog } from './tables/modseqs-to-tell-server-rows.js';
import { pairedHostCatalog } from './tables/paired-host-rows.js';
import { peerCatalog } from './tables/peer-rows.js';
import type { OpenTables } from './tables/shared-by-all-tables.js';
import { signedChangesCatalog } from './tables/signed-changes-rows.js';
import { statementCatalog } from './tables/statement-rows.js';
import { fileEvidenceCatalog } from './tables/stored-file-rows.js';
import { takenBundleCatalog } from './tables/taken-bundle-rows.js';
import { trashCatalog } from './tables/trash-rows.js';
import { clockCells } from './tables/version-vector-column.js';

/** One is reason enough to act; a few say where it is. Inclusive. */
const integrityTroublesMax = 5;

/**
 * The catalog on an open database of the newest schema, put together from a piece for each of its interfaces. `path` is
 * for messages; `lock` is given back once, after the database is closed. Every failure is a `Failure`: `store-damaged`
 * where the file holds what was never written, `io`, `locked`.
 */
export function sqliteCatalog(db: Database, path: string, lock: OwnerLock): Catalog {
  let isOpen = true;

  function read<T>(work: () => T): T {
    invariant(isOpen, 'the catalog is used after it was closed');
    try {
      return work();
    } catch (cause) {
      throw sqliteFailure(cause, path);
    }
  }

  const hosts = hostTable(db);
  const clocks = clockCells(hosts);
  // Numbers that were given to hosts in what is undone do not exist any more.
  const forgetting = [hosts.forget, clocks.forget];
  const undone = (): void => {
    for (const forget of forgetting) forget();
  };
  const transactions = transactionsOn(db, { guarded: read, undone });
  const tables: OpenTables = {
    db,
    hosts,
    clocks,
    read,
    change: (work) => transactions.run(() => read(work)),
    afterUndo: (forget) => void forgetting.push(forget),
  };
  const who = identityCatalog(tables);
  return {
    ...mailboxCatalog(tables),
    ...spellingCatalog(tables),
    ...textCatalog(tables),
    ...damagedTextCatalog(tables),
    ...fileEvidenceCatalog(tables),
    ...peerCatalog(tables),
    ...pairedHostCatalog(tables),
    ...statementCatalog(tables),
    ...signedChangesCatalog(tables),
    ...exportCatalog(tables),
    ...takenBundleCatalog(tables),
    ...goneMessageCatalog(tables),
    ...trashCatalog(tables),
    ...modseqCatalog(tables),
    ...logCatalog(tables),
    ...factCatalog(tables),
    get identity() {
      return who.identity;
    },
    putIdentity: who.putIdentity,
    transaction: (work, { keep } = {}) => transactions.run(work, keep),
    integrityTroubles: () =>
      read(() =>
        db
          .all(`PRAGMA integrity_check(${integrityTroublesMax})`)
          .map((row) => asText(row.integrity_check, 'integrity_check'))
          .filter((text) => text !== 'ok'),
      ),
    close() {
      if (!isOpen) return;
      try {
        read(() => db.close());
      } finally {
        isOpen = false;
        lock.release();
      }
    },
  };
}
