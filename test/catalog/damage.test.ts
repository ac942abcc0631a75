import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { createCatalog, endSetUp, openCatalog } from '../../src/catalog/open-catalog.js';
import type { Database } from '../../src/catalog/sql/database.js';
import { type Backend, openDatabase } from '../../src/catalog/sql/open-database.js';
import { migrate, migrations } from '../../src/catalog/sql/schema-migrations.js';
import { sqliteFailure } from '../../src/catalog/sql/sqlite-failure.js';
import { Failure, type FailureCode } from '../../src/failure.js';
import { onEachBackend, scratch } from './backends.js';
import { cabin, guidOf, holdingOf, home, identity, inFull, instanceOf, mailboxOf, range, trashedOf } from './sample.js';

type Test = { after(clean: () => void): void };

/** A catalog with something in every table. */
async function filled(t: Test, backend: Backend): Promise<string> {
  const path = join(scratch(t), 'catalog.db');
  const catalog = await createCatalog(path, identity, { waitMs: 0, backend });
  const moved = instanceOf(2, {
    movedFrom: { mailbox: 'A', birth: { host: home, serial: 1 }, clock: new Map([[home, { serial: 1, modseq: 1 }]]) },
  });
  catalog.save(null, mailboxOf('INBOX', [instanceOf(1), moved], [holdingOf(moved)]));
  const clocks = new Map([['INBOX', new Map([[cabin, { serial: 1, modseq: 1 }]])]]);
  const wanted = new Set([guidOf(1)]);
  catalog.putPeer({
    hostId: cabin,
    hostName: 'cabin',
    lastNumber: 1,
    lastHeardS: 1,
    taken: [[1, 1]],
    heard: [],
    clocks,
    heardOfUs: clocks,
    told: clocks,
    wanted,
    unheard: new Set([home]),
    statements: new Map([[home, { number: 1, digest: 'd'.repeat(32) }]]),
    isDirect: true,
  });
  catalog.putExport({
    number: 1,
    fileName: 'f',
    sizeBytes: 1,
    imprint: 's',
    madeAtS: 1,
    recipients: new Set(),
    base: clocks,
    carried: clocks,
    clocks,
    wanted,
    answered: wanted,
    unheard: new Set([home]),
    relayed: new Map([[home, 'digest']]),
    lastSeen: 1,
  });
  catalog.addDeparted([{ mailbox: 'INBOX', birth: `${home}/3`, guid: guidOf(3), modseq: 1, told: false }]);
  catalog.addTrash([trashedOf(`${home}/3`)]);
  catalog.log({ atS: 1, what: 'scan', details: {} });
  catalog.close();
  return path;
}

function meddle(path: string, backend: Backend, work: (db: Database) => void): void {
  const db = openDatabase(path, backend);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    work(db);
  } finally {
    db.close();
  }
}

function isFailure(code: FailureCode, about: RegExp) {
  return (failure: unknown): boolean => {
    assert.ok(failure instanceof Failure, String(failure));
    assert.equal(failure.code, code, failure.message);
    assert.match(`${failure.message} / ${failure.hint}`, about);
    return true;
  };
}

/** Reads everything there is. */
async function readAll(path: string, backend: Backend): Promise<void> {
  const catalog = await openCatalog(path, { waitMs: 0, backend });
  try {
    for (const { state } of catalog.summaries()) inFull(catalog.load(state.name));
    catalog.waitingGuids();
    catalog.peers();
    catalog.exports();
    catalog.lastExport();
    catalog.departed();
    catalog.trash();
    catalog.entries(10);
    catalog.birthsOf({ guid: guidOf(1) });
    catalog.copyOf({ guid: guidOf(2) });
    catalog.takeNumber();
  } finally {
    catalog.close();
  }
}

/** What somebody, or a failing disk, might make of a row that SQLite itself finds nothing wrong with. */
const garblings = [
  "UPDATE identity SET host_id = 'home'",
  "UPDATE identity SET account = ''",
  'UPDATE identity SET next_number = -1',
  'UPDATE identity SET last_export_number = -1',
  'UPDATE host SET host = upper(host)',
  'DELETE FROM host',
  "UPDATE mailbox SET name = ''",
  "UPDATE mailbox SET clock = '1.1'",
  "UPDATE mailbox SET clock = '77.1.1'",
  "UPDATE mailbox SET clock = '1.1.99999999999999999999'",
  'UPDATE mailbox SET highest_modseq = 9223372036854775807',
  'UPDATE mailbox SET resets = NULL',
  'UPDATE mailbox SET store_uid_next = NULL',
  'UPDATE mailbox SET uid_next = -4',
  'UPDATE mailbox SET stored = 2',
  'UPDATE mailbox SET exists_host = 77',
  'UPDATE mailbox SET messages = 3',
  'DELETE FROM mailbox_ledger',
  "UPDATE mailbox_ledger SET claims = '[[1,2,3]]'",
  "UPDATE mailbox_ledger SET agreements = '{}'",
  "UPDATE mailbox_waiting SET guids = x'00'",
  'UPDATE mailbox_outline SET living = \'[[1,"0:1"]]\'',
  "UPDATE mailbox_outline SET open = '[[77,1]]'",
  "UPDATE mailbox_outline SET stamps = '{}'",
  'DELETE FROM instance WHERE serial = 1',
  'UPDATE instance SET serial = -1 WHERE serial = 1',
  'UPDATE instance SET host = 0',
  "UPDATE instance SET guid = x'00' WHERE serial = 2",
  "UPDATE instance SET registers = '['",
  "UPDATE instance SET registers = '[]'",
  "UPDATE instance SET registers = registers || ',7'",
  ...range(0, 10).map((index) => `UPDATE instance SET registers = json_set(registers, '$[${index}]', json('{}'))`),
  "UPDATE instance SET registers = json_set(registers, '$[9]', '[[\"\",1,5,1]]')",
  "UPDATE instance SET registers = json_set(registers, '$[9]', '[[\"x\",2,5,1]]')",
  'UPDATE instance SET registers = json_set(registers, \'$[10]\', json(\'["A",1,1,"x"]\'))',
  'UPDATE holding SET host = 77',
  'UPDATE holding SET uid = -1',
  "UPDATE holding SET flags = '[1]'",
  "UPDATE holding SET guid = x'00'",
  "UPDATE peer SET host_id = 'cabin'",
  "UPDATE peer SET taken = '3:1'",
  'UPDATE peer SET clocks = \'[["INBOX"]]\'',
  "UPDATE peer SET wanted = x'0011'",
  "UPDATE peer SET unheard = '[1]'",
  "UPDATE peer SET statements = '[[1]]'",
  'UPDATE peer SET direct = 2',
  "UPDATE export SET unheard = '{}'",
  "UPDATE export SET relayed = '[[1]]'",
  "UPDATE export SET file_name = ''",
  "UPDATE export SET base = 'x'",
  "UPDATE departed SET guid = x'00'",
  'UPDATE departed SET host = 0',
  "UPDATE trash SET guid = x'00'",
  'UPDATE trash SET by_host = 77',
  "UPDATE trash SET flags = '[1]'",
  "UPDATE trash SET file_name = ''",
  "UPDATE log SET what = 'other'",
  "UPDATE log SET details = '[]'",
];

onEachBackend('a damaged catalog', (backend) => {
  const options = { waitMs: 0, backend };

  it('is refused wherever a row is not what was written', async (t) => {
    const path = await filled(t, backend);
    await readAll(path, backend);
    const good = readFileSync(path);
    for (const sql of garblings) {
      writeFileSync(path, good);
      meddle(path, backend, (db) => {
        db.exec(sql);
        const changed = db.all('SELECT changes() AS n')[0]?.n;
        assert.notEqual(changed, 0, `${sql} changes nothing`);
      });
      await assert.rejects(
        readAll(path, backend),
        (failure) => isFailure('store-damaged', /the catalog .*catalog\.db is damaged: .+ \/ .*mrepl init/)(failure),
        sql,
      );
    }
    assert.deepEqual(readdirSync(join(path, '..')), ['catalog.db']);
  });

  it('is refused where the file itself is torn', async (t) => {
    const path = await filled(t, backend);
    const good = readFileSync(path);
    const damaged = isFailure('store-damaged', /is damaged/);
    writeFileSync(path, 'this is not a database, but it is long enough to look at: '.repeat(100));
    await assert.rejects(readAll(path, backend), damaged);
    writeFileSync(path, Buffer.concat([good.subarray(0, 4096), Buffer.alloc(good.length - 4096, 0x5a)]));
    await assert.rejects(readAll(path, backend), damaged);
    writeFileSync(path, good);
    truncateSync(path, good.length / 2);
    await assert.rejects(readAll(path, backend), damaged);
    writeFileSync(path, good);
    await readAll(path, backend);
  });

  it("is told from another program's database, which is left as it is", async (t) => {
    const path = join(scratch(t), 'catalog.db');
    meddle(path, backend, (db) => db.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)'));
    const before = readFileSync(path);
    const foreign = isFailure('config', /not a catalog of mrepl/);
    await assert.rejects(openCatalog(path, options), foreign);
    await assert.rejects(createCatalog(path, identity, options), foreign);
    assert.deepEqual(readFileSync(path), before);
  });

  it('is told from one that is not there, or was made only half', async (t) => {
    const directory = scratch(t);
    const none = isFailure('config', /no catalog at .* \/ .*\n {2}mrepl init/);
    await assert.rejects(openCatalog(join(directory, 'nobody', 'catalog.db'), options), none);
    await assert.rejects(openCatalog(join(directory, 'catalog.db'), options), none);
    assert.deepEqual(readdirSync(directory), []);
    writeFileSync(join(directory, 'catalog.db'), '');
    await assert.rejects(openCatalog(join(directory, 'catalog.db'), options), none);
    (await createCatalog(join(directory, 'catalog.db'), identity, options)).close();
    await assert.rejects(
      createCatalog(join(directory, 'catalog.db'), { ...identity, hostName: 'other' }, options),
      isFailure('cannot-create', /alice is set up already/),
    );
    // Until it is said to be set up, it may have been an `init` that died.
    const again = await createCatalog(join(directory, 'catalog.db'), { ...identity, hostId: 'c'.repeat(32) }, options);
    assert.equal(again.identity.hostId, identity.hostId);
    endSetUp(again);
    again.close();
    await assert.rejects(
      createCatalog(join(directory, 'catalog.db'), identity, options),
      isFailure('cannot-create', /alice is set up already/),
    );
  });

  // Only the native one sees the locks of other programs.
  if (backend === 'native') {
    it('is told from one that another program has open', async (t) => {
      const path = await filled(t, backend);
      const other = openDatabase(path, backend);
      other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE');
      await assert.rejects(openCatalog(path, options), isFailure('locked', /in use by another program/));
      other.close();
      (await openCatalog(path, options)).close();
    });
  }

  it('cannot be made where nothing can be written', async (t) => {
    const directory = scratch(t);
    writeFileSync(join(directory, 'file'), '');
    await assert.rejects(
      createCatalog(join(directory, 'file', 'catalog.db'), identity, options),
      isFailure('cannot-create', /cannot make the directory/),
    );
  });
});

it('a failure of SQLite is named after what it means for the user', () => {
  for (const [message, code, about] of [
    ['database disk image is malformed', 'store-damaged', /is damaged/],
    ['file is not a database', 'store-damaged', /is damaged/],
    ['Value is too large to be represented as a JavaScript number: 9223372036854775807', 'store-damaged', /is damaged/],
    ['database is locked', 'locked', /another program.* \/ .*sqlite3/],
    ['database or disk is full', 'io', /cannot be read or written: .*full \/ .*not full/],
    ['disk I/O error', 'io', /cannot be read or written/],
    ['attempt to write a readonly database', 'io', /cannot be read or written/],
    ['unable to open database file', 'io', /cannot be read or written/],
    ['Could not open the database "/x/catalog.db"', 'io', /cannot be read or written/],
    ['near "SELEC": syntax error', 'internal', /could not be used/],
  ] as const) {
    const failure = sqliteFailure(new Error(message), '/x/catalog.db');
    assert.ok(isFailure(code, about)(failure) && failure.message.startsWith('the catalog /x/catalog.db '));
  }
  const failure = new Failure('guard', 'as it is');
  assert.equal(sqliteFailure(failure, '/x/catalog.db'), failure);
});

onEachBackend('the catalog file', (backend) => {
  it("is nobody else's to read", async (t) => {
    const directory = join(scratch(t), 'mrepl', 'alice');
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o755);
    const catalog = await createCatalog(join(directory, 'catalog.db'), identity, { waitMs: 0, backend });
    const modes = [directory, join(directory, 'catalog.db')].map((path) => statSync(path).mode & 0o777);
    catalog.close();
    assert.deepEqual(modes, [0o700, 0o600]);
  });
});

onEachBackend('migration', (backend) => {
  const table = (name: string): string => `CREATE TABLE ${name} (x INTEGER) STRICT`;
  const version = (db: Database): unknown => db.all('PRAGMA user_version')[0]?.user_version;

  it('takes a catalog forward step by step, keeping what is in it', async (t) => {
    const path = await filled(t, backend);
    meddle(path, backend, (db) => {
      const steps = [...migrations, 'ALTER TABLE peer ADD COLUMN rights TEXT', "UPDATE peer SET rights = 'full'"];
      migrate(db, { steps });
      assert.equal(version(db), steps.length);
      assert.deepEqual({ ...db.all('SELECT name, rights FROM peer')[0] }, { name: 'cabin', rights: 'full' });
      migrate(db, { steps });
      assert.equal(version(db), steps.length);
    });
  });

  it('forgets the bundles of 0.1, and nothing else, and goes on believing what was known of others', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const of01 = migrations.slice(0, 1);
    meddle(path, backend, (db) => {
      migrate(db, { steps: of01 });
      db.exec(`
        INSERT INTO identity VALUES (1, '${home}', 'home', 'alice', 'maildir:/x', 8, 7, 1700000000);
        INSERT INTO export VALUES (7, 'home-000007.tar.zst', 9, 'i', 1700000000, '[]', '[]', '[]', '[]', x'', x'', '[]', '[]', 7);
        INSERT INTO peer VALUES ('${cabin}', 'cabin', 3, 1700000000, '1:3', '7', '[]', '[]', '[]', x'', '[]', 1);
        INSERT INTO taken VALUES ('i', 1700000000);
        INSERT INTO host VALUES (1, '${cabin}');
        INSERT INTO mailbox VALUES (1, 'INBOX', 1, '1.5.7', 7, 0, 100, 6, 1, 0, 1, 0, 0, 1, NULL, NULL, 0, 0, NULL, NULL, 0, 0, 0)`);
    });
    const catalog = await openCatalog(path, { waitMs: 0, backend });
    t.after(() => catalog.close());
    const cabinThen = new Map([[cabin, { serial: 5, modseq: 7 }]]);
    assert.deepEqual(catalog.unsignedClocks(), new Map([['INBOX', cabinThen]]));
    catalog.dropUnsigned(cabin);
    assert.deepEqual(catalog.unsignedClocks(), new Map([['INBOX', new Map()]]));
    assert.deepEqual(catalog.exports(), []);
    assert.deepEqual([catalog.lastNumber(), catalog.lastExport()?.number, catalog.isTaken('i')], [7, 7, true]);
    const [peer] = catalog.peers();
    assert.deepEqual([peer?.hostId, peer?.lastNumber, peer?.statements.size], [cabin, 3, 0]);
    assert.equal(catalog.statementNumbers().size, 0);
  });

  it('happens wholly or not at all', (t) => {
    const path = join(scratch(t), 'catalog.db');
    meddle(path, backend, (db) => {
      migrate(db, { steps: [table('a')] });
      assert.throws(() => migrate(db, { steps: [table('a'), table('b'), 'nonsense'] }), /nonsense/);
      assert.equal(version(db), 1);
      assert.throws(() => db.all('SELECT * FROM b'), /no such table/);
      migrate(db, { steps: [table('a'), table('b')] });
      assert.equal(version(db), 2);
    });
  });

  it('refuses a catalog of a newer version and leaves it alone', async (t) => {
    const path = await filled(t, backend);
    meddle(path, backend, (db) => migrate(db, { steps: [...migrations, table('future')] }));
    const before = readFileSync(path);
    await assert.rejects(
      openCatalog(path, { waitMs: 0, backend }),
      isFailure(
        'config',
        new RegExp(`version ${migrations.length + 1}, .* up to ${migrations.length} / Nothing was changed`),
      ),
    );
    assert.deepEqual(readFileSync(path), before);
  });
});
