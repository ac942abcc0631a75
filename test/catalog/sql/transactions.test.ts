import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { createCatalog, openCatalog } from '../../../src/catalog/open-catalog.js';
import type { Database } from '../../../src/catalog/sql/database.js';
import { openDatabase } from '../../../src/catalog/sql/open-database.js';
import { transactionsOn } from '../../../src/catalog/sql/transactions.js';
import { type KnownMailbox, unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { onEachBackend, scratch } from '../backends.js';
import { cabin, home, identity, inFull, instanceOf, mailboxOf } from '../sample.js';

class Stop extends Error {}

function stop(): never {
  throw new Stop();
}

onEachBackend('a transaction', (backend) => {
  const options = { waitMs: 0, backend };
  const opened = async (t: { after(clean: () => void): void }): Promise<Catalog> => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, options);
    t.after(() => catalog.close());
    catalog.setNote('a', 'before');
    return catalog;
  };

  it('is durable when it has returned', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    const answer = catalog.transaction(() => {
      catalog.setNote('a', 'after');
      return 7;
    });
    assert.equal(answer, 7);
    catalog.close();
    const again = await openCatalog(path, options);
    assert.equal(again.note('a'), 'after');
    again.close();
  });

  it('is undone wholly where its work throws, hosts it met included', async (t) => {
    const catalog = await opened(t);
    const work = (): void => {
      catalog.save(null, mailboxOf('INBOX', [instanceOf(1, { birth: { host: cabin, serial: 1 } })]));
      catalog.setNote('a', 'after');
      assert.equal(catalog.note('a'), 'after');
      stop();
    };
    assert.throws(() => catalog.transaction(work), Stop);
    assert.deepEqual([catalog.note('a'), catalog.load('INBOX')], ['before', null]);
    // The numbers of hosts are given out anew, to others: a host table that remembers would mix them up.
    const other = mailboxOf('INBOX', [
      instanceOf(1, { birth: { host: 'c2'.repeat(16), serial: 1 } }),
      instanceOf(1, { birth: { host: cabin, serial: 1 } }),
    ]);
    catalog.save(null, other);
    assert.deepEqual(inFull(catalog.load('INBOX')), other);
  });

  it('forgets clocks that were read in what is undone', async (t) => {
    const catalog = await opened(t);
    const knownOf = (host: string): KnownMailbox => {
      const blank = unknownMailbox('INBOX');
      return { ...blank, state: { ...blank.state, clock: new Map([[host, { serial: 1, modseq: 2 }]]) } };
    };
    const foreseen = catalog.transaction(
      () => {
        catalog.save(null, knownOf(cabin));
        return inFull(catalog.load('INBOX'));
      },
      { keep: false },
    );
    assert.deepEqual(foreseen, knownOf(cabin));
    catalog.save(null, knownOf(home));
    assert.deepEqual(inFull(catalog.load('INBOX')), knownOf(home));
  });

  it('takes back who this host is, too', async (t) => {
    const catalog = await opened(t);
    catalog.transaction(() => catalog.putIdentity({ hostId: cabin, hostName: 'cabin', store: 'elsewhere' }), {
      keep: false,
    });
    assert.deepEqual(catalog.identity, identity);
  });

  it('with asynchronous work is kept when that is done', async (t) => {
    const catalog = await opened(t);
    const done = catalog.transaction(async () => {
      await new Promise(setImmediate);
      catalog.setNote('a', 'after');
      return 'done';
    });
    assert.equal(catalog.note('a'), 'before');
    assert.equal(await done, 'done');
    assert.equal(catalog.note('a'), 'after');
  });

  it('with asynchronous work is undone where that fails, and the next one is whole', async (t) => {
    const catalog = await opened(t);
    const failing = catalog.transaction(async () => {
      catalog.setNote('a', 'after');
      await new Promise(setImmediate);
      stop();
    });
    await assert.rejects(failing, Stop);
    assert.equal(catalog.note('a'), 'before');
    catalog.transaction(() => catalog.setNote('a', 'later'));
    assert.equal(catalog.note('a'), 'later');
  });

  it('that is not to be kept leaves nothing, and is no failure', async (t) => {
    const catalog = await opened(t);
    const answer = await catalog.transaction(
      async () => {
        await catalog.transaction(async () => catalog.setNote('a', 'after'));
        return catalog.note('a');
      },
      { keep: false },
    );
    assert.deepEqual([answer, catalog.note('a')], ['after', 'before']);
  });

  it('is kept or not as its result says', async (t) => {
    const catalog = await opened(t);
    const write = (value: string): string => {
      catalog.setNote('a', value);
      return value;
    };
    const keep = (value: string): boolean => value === 'yes';
    catalog.transaction(() => write('yes'), { keep });
    catalog.transaction(() => write('no'), { keep });
    await catalog.transaction(async () => write('no'), { keep });
    assert.equal(catalog.note('a'), 'yes');
  });

  it('within another one can be undone by itself', async (t) => {
    const catalog = await opened(t);
    await catalog.transaction(async () => {
      catalog.setNote('a', 'outer');
      const inner = async (): Promise<void> => {
        catalog.setNote('a', 'inner');
        catalog.transaction(() => catalog.setNote('b', 'innermost'));
        stop();
      };
      await assert.rejects(catalog.transaction(inner), Stop);
      assert.deepEqual([catalog.note('a'), catalog.note('b')], ['outer', null]);
      catalog.transaction(() => catalog.setNote('c', 'kept'));
    });
    assert.deepEqual([catalog.note('a'), catalog.note('b'), catalog.note('c')], ['outer', null, 'kept']);
  });

  it('takes with it what was kept within it', async (t) => {
    const catalog = await opened(t);
    const work = (): void => {
      catalog.transaction(() => catalog.setNote('a', 'inner'));
      stop();
    };
    assert.throws(() => catalog.transaction(work), Stop);
    assert.equal(catalog.note('a'), 'before');
  });

  it('that would be kept while one within it is open is undone with that one', async (t) => {
    const catalog = await opened(t);
    let goOn = (): void => undefined;
    let inner: Promise<void> = Promise.resolve();
    const outer = (): void => {
      inner = catalog.transaction(async () => {
        catalog.setNote('a', 'inner');
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      });
    };
    assert.throws(() => catalog.transaction(outer), { code: 'internal' });
    assert.equal(catalog.note('a'), 'before');
    goOn();
    await assert.rejects(inner, { code: 'internal' });
    catalog.transaction(() => catalog.setNote('a', 'later'));
    assert.equal(catalog.note('a'), 'later');
  });

  it('is undone where the catalog is closed in it', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    const closing = (): void => {
      catalog.setNote('a', 'lost');
      catalog.close();
    };
    assert.throws(() => catalog.transaction(closing), /after it was closed/);
    const again = await openCatalog(path, options);
    assert.equal(again.note('a'), null);
    again.close();
  });
});

onEachBackend('a transaction that the disk fails', (backend) => {
  const table = (t: { after(clean: () => void): void }, failing: (sql: string) => boolean = () => false) => {
    const db = openDatabase(join(scratch(t), 'a.db'), backend);
    t.after(() => db.close());
    db.exec('CREATE TABLE a (b)');
    const watched: Database = {
      ...db,
      get inTransaction() {
        return db.inTransaction;
      },
      exec(sql) {
        if (failing(sql)) stop();
        db.exec(sql);
      },
    };
    const { run } = transactionsOn(watched, { guarded: (work) => work(), undone: () => undefined });
    const add = (b: string): void => db.run('INSERT INTO a VALUES (?)', b);
    return { db, run, add, all: () => db.all('SELECT b FROM a').map(({ b }) => b) };
  };

  it('at its commit is undone', (t) => {
    let fails = true;
    const { run, add, all } = table(t, (sql) => fails && sql === 'COMMIT');
    assert.throws(() => run(() => add('lost')), Stop);
    assert.deepEqual(all(), []);
    fails = false;
    run(() => add('kept'));
    assert.deepEqual(all(), ['kept']);
  });

  it('within another one, so that SQLite undoes all of it, lets nothing more be kept of that one', (t) => {
    const { db, run, add, all } = table(t);
    const work = (): void => {
      add('before');
      const inner = (): void => {
        db.exec('ROLLBACK'); // as SQLite does by itself, on a full disk
        stop();
      };
      assert.throws(() => run(inner), Stop);
      assert.throws(() => run(() => add('after')), Stop);
    };
    assert.throws(() => run(work), Stop);
    assert.deepEqual(all(), []);
    run(() => add('next'));
    assert.deepEqual(all(), ['next']);
  });

  it('so that it cannot even be undone lets nothing be written any more', (t) => {
    const { run, add } = table(t, (sql) => sql === 'ROLLBACK');
    run(() => add('lost'), false);
    assert.throws(() => run(() => add('more')), Stop);
  });
});
