import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Database, Row } from '../../src/catalog/sql/database.js';
import { rememberingReads } from '../../src/catalog/sql/remember-reads.js';

/** A database that counts what it is asked, and answers with how often that was. */
let asked: string[];
let db: Database;
beforeEach(() => {
  asked = [];
  const note = (sql: string): void => void asked.push(sql);
  db = rememberingReads({
    exec: note,
    run: note,
    all: (sql): Row[] => {
      note(sql);
      return [{ at: asked.length }];
    },
    inTransaction: false,
    close: () => undefined,
  });
});

const select = 'SELECT * FROM mailbox WHERE name = ?';

describe('what was read is read again', () => {
  test('not while nothing was changed, for the same values', () => {
    assert.deepEqual(db.all(select, 'a'), [{ at: 1 }]);
    assert.deepEqual(db.all(select, 'a'), [{ at: 1 }]);
    assert.deepEqual(db.all(select, 'b'), [{ at: 2 }]);
    assert.equal(asked.length, 2);
  });

  for (const [what, change] of [
    ['a change', () => db.run('UPDATE mailbox SET stored = 1')],
    ['the end of a transaction', () => db.exec('ROLLBACK')],
    ['a change that answers rows', () => void db.all('INSERT INTO host VALUES (1) RETURNING number')],
  ] as const) {
    test(`after ${what}`, () => {
      db.all(select, 'a');
      change();
      assert.deepEqual(db.all(select, 'a'), [{ at: 3 }]);
    });
  }

  test('each time where it changes something itself, or is asked by bytes', () => {
    for (let time = 0; time < 2; time++) {
      db.all('PRAGMA user_version');
      db.all(select, new Uint8Array(1));
    }
    assert.equal(asked.length, 4);
  });
});

test('whoever changes the list that was answered changes no later answer', () => {
  db.all(select, 'a').pop();
  assert.deepEqual(db.all(select, 'a'), [{ at: 1 }]);
});
