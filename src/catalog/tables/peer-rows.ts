import { formatRanges } from '../../replica/number-ranges.js';
import type { Peer, PeerCatalog } from '../interface/peer-catalog.js';
import type { Database } from '../sql/database.js';
import {
  asBoolean,
  asCount,
  asFilledText,
  asHostId,
  asHostIds,
  asList,
  asRanges,
  asText,
  asTime,
  asTuple,
} from '../sql/parse-column.js';
import { guidsFromCell, guidsToCell } from './guid-column.js';
import type { OpenTables } from './shared-by-all-tables.js';
import type { ClockCells } from './version-vector-column.js';

/** Every peer, by name. */
function readPeers(db: Database, clocks: ClockCells): Peer[] {
  return db.all('SELECT * FROM peer ORDER BY name, host_id').map((row) => ({
    hostId: asHostId(row.host_id, 'peer.host_id'),
    hostName: asText(row.name, 'peer.name'),
    lastNumber: asCount(row.last_number, 'peer.last_number'),
    lastHeardS: asTime(row.last_heard, 'peer.last_heard'),
    taken: asRanges(row.taken, 'peer.taken'),
    heard: asRanges(row.heard, 'peer.heard'),
    clocks: clocks.fromMapCell(row.clocks, 'peer.clocks'),
    heardOfUs: clocks.fromMapCell(row.heard_of_us, 'peer.heard_of_us'),
    told: clocks.fromMapCell(row.told, 'peer.told'),
    wanted: new Set(guidsFromCell(row.wanted, 'peer.wanted')),
    unheard: new Set(asHostIds(row.unheard, 'peer.unheard')),
    statements: new Map(
      asList(row.statements, 'peer.statements').map((item) => {
        const what = 'peer.statements';
        const [host, number, digest] = asTuple(item, 3, what);
        return [asHostId(host, what), { number: asCount(number, what), digest: asFilledText(digest, what) }];
      }),
    ),
    isDirect: asBoolean(row.direct, 'peer.direct'),
  }));
}

function writePeer(db: Database, clocks: ClockCells, peer: Peer): void {
  db.run(
    `INSERT OR REPLACE INTO peer (host_id, name, last_number, last_heard, taken, heard, clocks, heard_of_us, told, wanted, unheard, statements, direct)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    peer.hostId,
    peer.hostName,
    peer.lastNumber,
    peer.lastHeardS,
    formatRanges(peer.taken),
    formatRanges(peer.heard),
    clocks.toMapCell(peer.clocks),
    clocks.toMapCell(peer.heardOfUs),
    clocks.toMapCell(peer.told),
    guidsToCell(peer.wanted),
    JSON.stringify([...peer.unheard]),
    JSON.stringify([...peer.statements].map(([host, { number, digest }]) => [host, number, digest])),
    Number(peer.isDirect),
  );
}

/** What is known of other hosts, in the tables `peer` and `host`. */
export function peerCatalog({ db, clocks, read, change }: OpenTables): PeerCatalog {
  return {
    knownHosts: () =>
      read(() => db.all('SELECT host FROM host ORDER BY number').map((row) => asHostId(row.host, 'host.host'))),
    peers: () => read(() => readPeers(db, clocks)),
    putPeer: (peer) => change(() => writePeer(db, clocks, peer)),
    dropRelayedPeer: (host) => change(() => db.run('DELETE FROM peer WHERE host_id = ? AND direct = 0', host)),
  };
}
