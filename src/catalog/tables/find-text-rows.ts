import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { isTextOf, sameOf, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { BirthKey } from '../../replica/message-birth.js';
import type { HeldCopy, TextCatalog } from '../interface/text-catalog.js';
import type { Database, Row } from '../sql/database.js';
import { asCount, asFilledText, asGuid, asNullable, asTextId } from '../sql/parse-column.js';
import { readFlaws } from './damaged-text-rows.js';
import { guidsFromCell, guidToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import type { OpenTables } from './shared-by-all-tables.js';

// A text is looked for by its guid, and the mail that it is by its second digest: that of a text without stamped lines
// is its guid. Each query answers from one index.

const isSeen = 'holding.uid IS NOT NULL';
const hasGuid = 'holding.guid = ?';
const isUnstamped = 'holding.guid = ? AND holding.same IS NULL';
const hasSame = 'holding.same = ?';

const selectCopies = (which: string): string => `
  SELECT name, ref, lower(hex(holding.guid)) AS guid, lower(hex(holding.same)) AS same,
    ifnull(holding.size, json_extract(registers, '$[1]')) AS size
  FROM holding JOIN mailbox ON id = mailbox LEFT JOIN instance USING (mailbox, host, serial)
  WHERE ${which} AND ${isSeen} AND NOT EXISTS (
    SELECT 1 FROM flaw WHERE flaw.mailbox = holding.mailbox AND flaw.ref = holding.ref
  ) ORDER BY name, ref LIMIT 1`;
const selectExact = selectCopies(hasGuid);
const selectUnstamped = selectCopies(isUnstamped);
const selectStamped = selectCopies(hasSame);

function findCopy(db: Database, mail: TextId): HeldCopy | null {
  const exact = firstCopy(db, selectExact, mail.guid);
  if (exact !== null && isTextOf(exact, mail)) return exact;
  const same = sameOf(mail);
  return (mail.same === undefined ? null : firstCopy(db, selectUnstamped, same)) ?? firstCopy(db, selectStamped, same);
}

function firstCopy(db: Database, select: string, digest: Guid): HeldCopy | null {
  const [row] = db.all(select, guidToCell(digest));
  if (row === undefined) return null;
  return {
    ...placeOf(row),
    ...asTextId(row.guid, row.same, 'holding'),
    sizeBytes: asNullable(row.size, 'holding.size', asCount),
  };
}

function findSize(db: Database, guid: Guid): number | null {
  const [row] = db.all(
    `SELECT ifnull(holding.size, json_extract(registers, '$[1]')) AS size
     FROM holding JOIN instance USING (mailbox, host, serial) WHERE ${hasGuid} AND ${isSeen} LIMIT 1`,
    guidToCell(guid),
  );
  return row === undefined ? null : asCount(row.size, 'holding.size');
}

function findNamed(db: Database, guid: Guid): TextId {
  const cell = guidToCell(guid);
  const known = ['instance', 'holding'].map(
    (table) => `SELECT lower(hex(same)) AS same FROM ${table} WHERE guid = ? AND same IS NOT NULL LIMIT 1`,
  );
  for (const select of known) {
    const [row] = db.all(select, cell);
    if (row !== undefined) return { guid, same: asGuid(row.same, 'same') };
  }
  return { guid };
}

/** Does anything here have a second digest? Most users' mail has none. */
function hasStamped(db: Database): boolean {
  return db.all('SELECT 1 FROM instance WHERE same IS NOT NULL LIMIT 1').length > 0;
}

function findBirths(
  db: Database,
  hosts: HostTable,
  mail: TextId,
): { mailbox: MailboxName; birth: BirthKey; guid: Guid }[] {
  const same = guidToCell(sameOf(mail));
  const select = `SELECT name, host, serial, lower(hex(guid)) AS guid FROM instance JOIN mailbox ON id = mailbox
    WHERE guid = ? OR guid = ? OR same = ? ORDER BY name, host, serial`;
  return db.all(select, guidToCell(mail.guid), same, same).map((row) => ({
    mailbox: asFilledText(row.name, 'mailbox.name'),
    birth: hosts.birthKeyOf(row.host, row.serial, 'instance'),
    guid: asGuid(row.guid, 'instance.guid'),
  }));
}

function findFiles(db: Database, mail: TextId): { mailbox: MailboxName; ref: string }[] {
  const guid = guidToCell(mail.guid);
  const same = guidToCell(sameOf(mail));
  const select = `SELECT name, ref FROM holding JOIN mailbox ON id = mailbox
    WHERE (holding.guid = ? OR (${isUnstamped}) OR ${hasSame}) AND ${isSeen} ORDER BY holding.guid <> ?, name, ref`;
  return db.all(select, guid, same, same, guid).map(placeOf);
}

function placeOf(row: Row): { mailbox: MailboxName; ref: string } {
  return { mailbox: asFilledText(row.name, 'mailbox.name'), ref: asFilledText(row.ref, 'holding.ref') };
}

/** Guids that no text can have here: see `TextCatalog.impossibleGuids`. */
function readImpossible(db: Database): ReadonlySet<Guid> {
  return new Set(
    db.all('SELECT lower(hex(guid)) AS guid FROM impossible').map(({ guid }) => asGuid(guid, 'impossible.guid')),
  );
}

/** Forgets at the same time those that no message is said to have any more. */
function writeImpossible(db: Database, guids: Iterable<Guid>): void {
  for (const guid of guids) db.run('INSERT OR IGNORE INTO impossible (guid) VALUES (?)', guidToCell(guid));
  db.run('DELETE FROM impossible WHERE guid NOT IN (SELECT guid FROM instance)');
}

/** The guids that mailboxes wait for, by what `select` gives of `mailbox_waiting`, and those of damaged texts. */
function findWaiting(db: Database, select: string): Guid[] {
  const guids = new Set<Guid>();
  for (const row of db.all(select)) {
    for (const guid of guidsFromCell(row.guids, 'mailbox_waiting.guids')) guids.add(guid);
  }
  for (const { wanted, kind } of readFlaws(db)) if (kind === 'damaged') guids.add(wanted);
  return [...guids];
}

const selectWaiting = 'SELECT guids FROM mailbox_waiting ORDER BY mailbox';
const selectDeliverable =
  'SELECT guids FROM mailbox_waiting JOIN mailbox ON id = mailbox WHERE stored = 1 ORDER BY mailbox';

/** Finds texts in all mailboxes, by the indexes of the tables `instance` and `holding`. */
export function textCatalog({ db, hosts, read, change }: OpenTables): TextCatalog {
  return {
    copyOf: (mail) => read(() => findCopy(db, mail)),
    textNamed: (guid) => read(() => findNamed(db, guid)),
    textsNamed: (guids) =>
      read(() => {
        const isStamped = hasStamped(db);
        return Array.from(guids, (guid) => (isStamped ? findNamed(db, guid) : { guid }));
      }),
    sizeOf: (guid) => read(() => findSize(db, guid)),
    birthsOf: (mail) => read(() => findBirths(db, hosts, mail)),
    filesOf: (mail) => read(() => findFiles(db, mail)),
    waitingGuids: () => read(() => findWaiting(db, selectWaiting)),
    deliverableGuids: () =>
      read(() => {
        const impossible = readImpossible(db);
        return findWaiting(db, selectDeliverable).filter((guid) => !impossible.has(guid));
      }),
    impossibleGuids: () => read(() => readImpossible(db)),
    noteImpossible: (guids) => change(() => writeImpossible(db, guids)),
  };
}
