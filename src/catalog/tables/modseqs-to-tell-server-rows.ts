import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { BirthKey } from '../../replica/message-birth.js';
import type { ModseqCatalog, ModseqDuty } from '../interface/modseq-catalog.js';
import type { Database } from '../sql/database.js';
import { asBoolean, asCount, asFilledText, asHostId, asList } from '../sql/parse-column.js';
import type { HostTable } from './host-number-rows.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** A row ends when the server was told what it says. */
function readModseqDuties(db: Database, hosts: HostTable): ModseqDuty[] {
  return db.all('SELECT mailbox, above, behind, births FROM modseq_duty ORDER BY mailbox').map((row) => ({
    mailbox: asFilledText(row.mailbox, 'modseq_duty.mailbox'),
    above: asCount(row.above, 'modseq_duty.above'),
    isBehind: asBoolean(row.behind, 'modseq_duty.behind'),
    births: new Set(
      asList(row.births, 'modseq_duty.births').map((entry): BirthKey => {
        const [host, serial] = Array.isArray(entry) ? entry : [];
        return hosts.birthKeyOf(host, serial, 'modseq_duty.births');
      }),
    ),
  }));
}

/** Joined with what is due there already. */
function addModseqDuty(db: Database, hosts: HostTable, { mailbox, above, isBehind, births }: ModseqDuty): void {
  const before = readModseqDuties(db, hosts).find((duty) => duty.mailbox === mailbox);
  const all = new Set([...(before?.births ?? []), ...births]);
  db.run(
    'INSERT OR REPLACE INTO modseq_duty (mailbox, above, behind, births) VALUES (?, ?, ?, ?)',
    mailbox,
    Math.max(above, before?.above ?? 0),
    Number(isBehind || before?.isBehind === true),
    JSON.stringify([...all].map((birth) => hosts.birthOf(birth))),
  );
}

/** As many rows as mailboxes that were ever served here or at peers with a right to change something here. */
function readStatedModseqs(db: Database): ReadonlyMap<MailboxName, number> {
  const rows = db.all('SELECT mailbox, highest FROM stated_modseq');
  return new Map(
    rows.map((row) => [
      asFilledText(row.mailbox, 'stated_modseq.mailbox'),
      asCount(row.highest, 'stated_modseq.highest'),
    ]),
  );
}

function writeStatedModseqs(db: Database, served: ReadonlyMap<MailboxName, number>): void {
  for (const [mailbox, highest] of served) {
    db.run(
      'INSERT INTO stated_modseq VALUES (?, ?) ON CONFLICT DO UPDATE SET highest = max(highest, excluded.highest)',
      mailbox,
      highest,
    );
  }
}

/** Of each host the number of the statement whose modseqs were seen to last. A row a host that was ever paired here. */
function readModseqsHeard(db: Database): ReadonlyMap<HostId, number> {
  const rows = db.all('SELECT host, number FROM modseqs_heard');
  return new Map(
    rows.map((row) => [asHostId(row.host, 'modseqs_heard.host'), asCount(row.number, 'modseqs_heard.number')]),
  );
}

/**
 * What the mail server has to be told and what peers said of theirs, in `modseq_duty`, `stated_modseq` and
 * `modseqs_heard`.
 */
export function modseqCatalog({ db, hosts, read, change }: OpenTables): ModseqCatalog {
  return {
    modseqDuties: () => read(() => readModseqDuties(db, hosts)),
    addModseqDuty: (duty) => change(() => addModseqDuty(db, hosts, duty)),
    dropModseqDuty: (mailbox) => change(() => db.run('DELETE FROM modseq_duty WHERE mailbox = ?', mailbox)),
    statedModseqs: () => read(() => readStatedModseqs(db)),
    noteStatedModseqs(served) {
      if (served.size > 0) change(() => writeStatedModseqs(db, served));
    },
    modseqsHeard: () => read(() => readModseqsHeard(db)),
    noteModseqsHeard: (host, number) =>
      change(() => db.run('INSERT OR REPLACE INTO modseqs_heard (host, number) VALUES (?, ?)', host, number)),
  };
}
