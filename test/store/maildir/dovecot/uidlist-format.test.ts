import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { editUidList } from '../../../../src/store/maildir/dovecot/edit-uidlist.js';
import { salvageUidList } from '../../../../src/store/maildir/dovecot/salvage-damaged-uidlist.js';
import {
  baseOf,
  formatUidList,
  guidField,
  parseUidList,
  type UidList,
  type UidRecord,
  uidNextOf,
} from '../../../../src/store/maildir/dovecot/uidlist-format.js';

const guid = 'c923050abc09056bcb26000083ecc375';

/** As Dovecot 2.3.19 wrote them, the second with fields of every kind and a header letter of the future. */
const fromDovecot = `3 V1795492286 N3 G${guid}\n1 :1795492284.M180680P9931.vm,S=18,W=21\n2 :1795492284.M182387P9931.vm,S=18,W=21\n`;
const withFields = `3 V7 N9 G${guid} Xfuture\n4 S18 W21 P0001 O3 Gx.y :a b,S=18:2,S\n8 Qnew :c:2,\n`;

const field = fc.stringMatching(/^[A-Z][!-9;-~]{1,8}$/);
const fields = fc.array(field, { maxLength: 3 }).map((list) => list.map((one) => ` ${one}`).join(''));
const fileName = fc.stringMatching(/^[!-.0-9;-~][ -.0-9;-~]{0,20}(:2,[DFRSTa-z]{0,4})?$/);

function recordsFrom(firstUid: number) {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fields, fileName), { maxLength: 12 })
    .map((rows): UidRecord[] => {
      let uid = firstUid - 1;
      const bases = new Set<string>();
      const records: UidRecord[] = [];
      for (const [step, recordFields, name] of rows) {
        if (bases.has(baseOf(name))) continue;
        bases.add(baseOf(name));
        uid += step;
        records.push({ uid, fields: recordFields, name });
      }
      return records;
    });
}

const uidList = fc
  .tuple(
    fc.integer({ min: 1, max: 0xffff_ffff }),
    fc.integer({ min: 1, max: 700 }),
    recordsFrom(1),
    fc.array(field, { maxLength: 2 }),
  )
  .map(([uidValidity, headerUidNext, records, others]): UidList => {
    const otherFields = others.filter((one) => !/^[VNG]/.test(one));
    return { uidValidity, headerUidNext, mailboxGuid: guid, otherFields, records, cutOff: false };
  });

describe('dovecot-uidlist', () => {
  it('is read as Dovecot writes it, and written the same', () => {
    for (const text of [fromDovecot, withFields]) {
      const list = parseUidList(text);
      assert.ok(list);
      assert.equal(formatUidList(list), text);
    }
    const list = parseUidList(withFields);
    assert.deepEqual(list?.otherFields, ['Xfuture']);
    assert.equal(list?.records[0]?.name, 'a b,S=18:2,S');
    assert.deepEqual(list?.records.map(guidField), ['x.y', undefined]);
  });

  it('of the first version is read, and refused, as Dovecot 2.3 does, and written as the third', () => {
    const list = parseUidList('1 1234567 10 x\n3 170000001.a:2,S\n5 b c\n7 d');
    assert.ok(list);
    assert.deepEqual([list.uidValidity, uidNextOf(list), list.mailboxGuid, list.cutOff], [1234567, 10, null, true]);
    assert.equal(formatUidList(list), '3 V1234567 N10\n3 :170000001.a:2,S\n5 :b c\n');
    for (const text of [
      '1 1234567 2\n3 a\n', // UIDNEXT is not above all UIDs
      '1 1234567\n3 a\n',
      '1 0 10\n3 a\n',
      '1 1234567 0\n3 a\n',
      '2 1234567 10\n3 a\n',
      '1 1234567 10\n3 :a\n',
      '1 1234567 10\n5 a\n3 b\n',
      '1 1234567 10\n\n3 a\n',
    ]) {
      assert.equal(parseUidList(text), undefined, text);
    }
    assert.deepEqual(salvageUidList('1 1234567 10\n5 a\n3 b\n'), { mailboxGuid: null, uidNext: 10 });
  });

  it('comes back from any text it was written as', () => {
    fc.assert(fc.property(uidList, (list) => assert.deepEqual(parseUidList(formatUidList(list)), list)));
  });

  it('counts appended records, for which Dovecot does not raise N', () => {
    const list = parseUidList(`3 V1 N1 G${guid}\n1 :a\n2 :b\n`);
    assert.ok(list);
    assert.equal(uidNextOf(list), 3);
    assert.equal(uidNextOf({ headerUidNext: 10, records: list.records }), 10);
    assert.equal(uidNextOf({ headerUidNext: 1, records: [] }), 1);
  });

  it('leaves out a line that is still being appended, but not its UID', () => {
    const whole = `3 V1 N2 G${guid}\n1 :a\n`;
    for (const [rest, next] of [
      ['7 :new', 8],
      ['7 ', 8],
      ['7', 2],
      ['', 2],
    ] as const) {
      const list = parseUidList(whole + rest);
      assert.ok(list, rest);
      assert.equal(list.records.length, 1);
      assert.equal(list.cutOff, rest !== '');
      assert.equal(uidNextOf(list), next, rest);
    }
  });

  it('is refused where Dovecot would number everything anew', () => {
    const wrong = ['', '\n', '3 V1 N1', '2 2 3\n', '3 N1\n', '3 V1\n', '3 V0 N1\n', '3 Vx N1\n', '3 V1 N99999999999\n'];
    const lines = ['\n', '2 :b\n1 :a\n', '1 :a\n1 :b\n', 'x :a\n', '1 a\n', '0 :a\n', '-1 :a\n', '1 :a\n\n'];
    for (const text of [...wrong, ...lines.map((line) => `3 V1 N1 G${guid}\n${line}`)]) {
      assert.equal(parseUidList(text), undefined, JSON.stringify(text));
    }
  });

  it('edited keeps every promise made to Dovecot', () => {
    fc.assert(
      fc.property(
        uidList,
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 0, max: 2000 }),
        fc.boolean(),
        (list, gap, raise, reset) => {
          const uidValidity = reset ? (list.uidValidity % 0xffff_ffff) + 1 : list.uidValidity;
          const first = (reset ? 1 : uidNextOf(list)) + gap;
          // Every other message is renumbered, and one is new.
          const moved = list.records.filter((_, index) => index % 2 === 0);
          const append = [...moved, { uid: 0, fields: '', name: 'fresh:2,S' }].map((record, index) => ({
            ...record,
            uid: first + index,
          }));
          const after = editUidList(list, { uidValidity, uidNext: raise, append });
          assert.ok(parseUidList(formatUidList(after)), 'ascending and well-formed');
          assert.deepEqual(after.records.slice(-append.length), append);
          const bases = after.records.map((record) => baseOf(record.name));
          assert.equal(new Set(bases).size, bases.length, 'no base name twice');
          assert.ok(uidNextOf(after) >= Math.max(raise, first + append.length));
          if (!reset) {
            assert.ok(uidNextOf(after) >= uidNextOf(list), 'N is never lowered');
            for (const record of list.records) assert.ok(bases.includes(baseOf(record.name)), 'no record is lost');
          } else assert.equal(after.records.length, append.length);
          assert.equal(after.mailboxGuid, list.mailboxGuid);
          assert.deepEqual(after.otherFields, list.otherFields);
        },
      ),
    );
  });

  it('is not given a UID below UIDNEXT', () => {
    const list = parseUidList(fromDovecot);
    assert.ok(list);
    assert.throws(() =>
      editUidList(list, { uidValidity: list.uidValidity, uidNext: 5, append: [{ uid: 2, fields: '', name: 'x' }] }),
    );
  });
});
