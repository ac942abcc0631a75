import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock, Tick } from '../../replica/version-vector.js';
import type { SignedChangesCatalog, SignedDeeds } from '../interface/signed-changes-catalog.js';
import { type Database, firstRow } from '../sql/database.js';
import { asCount, asFilledText, asHostId, asList, asTuple } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';
import type { ClockCells } from './version-vector-column.js';

/**
 * So many statements of one host are remembered, inclusive, by what it did up to each: a peer that was not heard of for
 * long may build upon one that is not the newest any more. One that says the same as the next takes no place.
 */
const rememberedMax = 16;

/**
 * Characters of all of them but the newest, inclusive: of a host that speaks of tens of thousands of mailboxes fewer
 * are remembered.
 */
const rememberedCharactersMax = 4 << 20;

/** By host. */
function readSignedNumbers(db: Database): Map<HostId, number> {
  const rows = db.all('SELECT host_id, max(number) AS number FROM signed GROUP BY host_id ORDER BY host_id');
  return new Map(
    rows.map((row) => [asHostId(row.host_id, 'signed.host_id'), asCount(row.number, 'signed.number')] as const),
  );
}

function readSignedUpTo(db: Database, host: HostId, number: number): SignedDeeds | null {
  const select = 'SELECT number, ticks FROM signed WHERE host_id = ? AND number >= ? ORDER BY number LIMIT 1';
  const row = firstRow(db, select, host, number);
  if (row === undefined) return null;
  return { number: asCount(row.number, 'signed.number'), ticks: ticksFromCell(row.ticks) };
}

function writeSigned(db: Database, host: HostId, { number, ticks }: SignedDeeds): void {
  const cell = JSON.stringify([...ticks].map(([mailbox, { serial, modseq }]) => [mailbox, serial, modseq]));
  db.run('DELETE FROM signed WHERE host_id = ? AND ticks = ?', host, cell);
  db.run('INSERT OR REPLACE INTO signed (host_id, number, ticks) VALUES (?, ?, ?)', host, number, cell);
  db.run(
    `DELETE FROM signed WHERE host_id = ? AND number NOT IN (
       SELECT number FROM signed WHERE host_id = ? ORDER BY number DESC LIMIT ${rememberedMax}
     )`,
    host,
    host,
  );
  const rows = db.all('SELECT number, length(ticks) AS size FROM signed WHERE host_id = ? ORDER BY number DESC', host);
  let characters = 0;
  for (const row of rows.slice(1)) {
    characters += asCount(row.size, 'the size of signed.ticks');
    if (characters <= rememberedCharactersMax) continue;
    db.run('DELETE FROM signed WHERE host_id = ? AND number <= ?', host, asCount(row.number, 'signed.number'));
    return;
  }
}

/** The clocks of a catalog of 0.1 as it was, by mailbox. */
function readUnsignedClocks(db: Database, clocks: ClockCells): Map<MailboxName, Clock> {
  return new Map(
    db
      .all('SELECT name, clock FROM unsigned_clock ORDER BY name')
      .map((row) => [
        asFilledText(row.name, 'unsigned_clock.name'),
        clocks.fromCell(row.clock, 'unsigned_clock.clock'),
      ]),
  );
}

function removeUnsigned(db: Database, clocks: ClockCells, host: HostId): void {
  for (const [name, clock] of readUnsignedClocks(db, clocks)) {
    if (!clock.has(host)) continue;
    const rest = new Map([...clock].filter(([each]) => each !== host));
    db.run('UPDATE unsigned_clock SET clock = ? WHERE name = ?', clocks.toCell(rest), name);
  }
}

function ticksFromCell(cell: unknown): ReadonlyMap<MailboxName, Tick> {
  const what = 'signed.ticks';
  return new Map(
    asList(cell, what).map((item) => {
      const [mailbox, serial, modseq] = asTuple(item, 3, what);
      return [asFilledText(mailbox, what), { serial: asCount(serial, what), modseq: asCount(modseq, what) }];
    }),
  );
}

/** How far what each host did is signed, in the tables `signed` and `unsigned_clock`. */
export function signedChangesCatalog({ db, clocks, read, change }: OpenTables): SignedChangesCatalog {
  return {
    signedNumbers: () => read(() => readSignedNumbers(db)),
    signedUpTo: (host, number) => read(() => readSignedUpTo(db, host, number)),
    putSigned: (host, deeds) => change(() => writeSigned(db, host, deeds)),
    dropSigned: (host) => change(() => db.run('DELETE FROM signed WHERE host_id = ?', host)),
    unsignedClocks: () => read(() => readUnsignedClocks(db, clocks)),
    dropUnsigned: (host) => change(() => removeUnsigned(db, clocks, host)),
  };
}
