import { type Right, rightOf } from '../../replica/peer-permission.js';
import type { PairedHost, PairedHostCatalog } from '../interface/paired-host-catalog.js';
import type { Database } from '../sql/database.js';
import { asBoolean, asFilledText, asHostId, asTime, Garbled } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** Every paired host, by name. */
function readPairedHosts(db: Database): PairedHost[] {
  return db.all('SELECT * FROM paired_host ORDER BY name').map((row) => ({
    hostId: asHostId(row.host_id, 'paired_host.host_id'),
    name: asFilledText(row.name, 'paired_host.name'),
    signingKey: asFilledText(row.signing_key, 'paired_host.signing_key'),
    ageRecipient: asFilledText(row.age_recipient, 'paired_host.age_recipient'),
    right: asRight(row.host_right),
    isRevoked: asBoolean(row.revoked, 'paired_host.revoked'),
    isRetired: asBoolean(row.retired, 'paired_host.retired'),
    pairedAtS: asTime(row.paired_at, 'paired_host.paired_at'),
  }));
}

function writePairedHost(db: Database, host: PairedHost): void {
  db.run(
    `INSERT INTO paired_host (host_id, name, signing_key, age_recipient, host_right, revoked, retired, paired_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (host_id) DO UPDATE SET name = excluded.name, signing_key = excluded.signing_key,
       age_recipient = excluded.age_recipient, host_right = excluded.host_right, revoked = excluded.revoked, retired = excluded.retired,
       paired_at = excluded.paired_at`,
    host.hostId,
    host.name,
    host.signingKey,
    host.ageRecipient,
    host.right,
    Number(host.isRevoked),
    Number(host.isRetired),
    host.pairedAtS,
  );
}

function asRight(value: unknown): Right {
  const right = rightOf(value);
  if (right !== null) return right;
  throw new Garbled('paired_host.host_right is not a right');
}

/** The hosts that the user has paired, in the table `paired_host`. */
export function pairedHostCatalog({ db, read, change }: OpenTables): PairedHostCatalog {
  return {
    pairedHosts: () => read(() => readPairedHosts(db)),
    putPairedHost: (host) => change(() => writePairedHost(db, host)),
  };
}
