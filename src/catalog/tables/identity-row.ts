import { Failure } from '../../failure.js';
import type { Identity, IdentityCatalog } from '../interface/host-identity.js';
import { type Database, firstRow } from '../sql/database.js';
import { asFilledText, asHostId } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** Who this host is, in the one row of the table `identity`; read once. Throws `config` where that row is not there. */
export function identityCatalog({ db, read, change, afterUndo }: OpenTables): IdentityCatalog {
  let identity: Identity | null = read(() => readIdentity(db));
  const forget = (): void => {
    identity = null;
  };
  afterUndo(forget);
  return {
    get identity() {
      identity ??= read(() => readIdentity(db));
      return identity;
    },
    putIdentity({ hostId, hostName, store }) {
      change(() => {
        const id = asHostId(hostId, 'the host id');
        db.run('UPDATE identity SET host_id = ?, host_name = ?, store = ?', id, hostName, store);
        forget();
      });
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
    throw new Failure('config', 'this catalog was never set up to the end', { hint: 'Run "mrepl init" again.' });
  }
  return {
    hostId: asHostId(row.host_id, 'identity.host_id'),
    hostName: asFilledText(row.host_name, 'identity.host_name'),
    account: asFilledText(row.account, 'identity.account'),
    store: asFilledText(row.store, 'identity.store'),
  };
}
