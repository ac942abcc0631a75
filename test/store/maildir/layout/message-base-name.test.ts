import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  baseNameMaker,
  claimedSize,
  compareArrivals,
  guidFieldFor,
  isUsableBase,
  sizeFields,
  withoutDash,
} from '../../../../src/store/maildir/layout/message-base-name.js';

const counted = { sizeBytes: 100, wireBytes: 110 };
const uncounted = { sizeBytes: 100, wireBytes: null };

describe('base names from elsewhere', () => {
  it('are taken over where they are plain', () => {
    for (const hint of ['1700000000.M1P1.host', '1.a', 'a_b-c.d,FMD5=1']) {
      assert.ok(isUsableBase(hint, counted), hint);
    }
  });

  it('never lead out of the mailbox, hide the file or break a list', () => {
    const wrong = [
      '',
      '.',
      '..',
      '../x',
      '/etc/passwd',
      'a/b',
      '.hidden',
      '-rf',
      'a:2,S',
      'a b',
      'a\nb',
      'a\0',
      'a\u001b[2J',
      'ä',
      'x'.repeat(201),
    ];
    for (const hint of wrong) assert.ok(!isUsableBase(hint, counted), JSON.stringify(hint));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (hint) => {
        if (isUsableBase(hint, counted)) assert.match(hint, /^[^./:\s\-\x7f-\uffff][^/:\s\x7f-\uffff]{0,199}$/);
      }),
    );
  });

  it('may state the true sizes, and no others: Dovecot believes them', () => {
    assert.ok(isUsableBase('1.a,S=100,W=110', counted));
    assert.ok(isUsableBase('1.a,S=100,W=110', uncounted), 'a true size vouches for the other');
    assert.ok(isUsableBase('1.a,S=100', uncounted));
    for (const hint of [
      '1.a,S=99',
      '1.a,S=100,W=109',
      '1.a,S=0100x',
      '1.a,S=',
      '1.a,S=100,S=5',
      '1.a,S=110,W=110',
      '1.a,W=109',
    ]) {
      assert.ok(!isUsableBase(hint, counted), hint);
    }
    for (const hint of ['1.a,S=99,W=110', '1.a,W=110', '1.a,S=100,W=99', '1.a,S=100,W=201'])
      assert.ok(!isUsableBase(hint, uncounted), hint);
  });

  it('are not taken over from mbsync, to whose names a UID of its own belongs', () => {
    assert.ok(!isUsableBase('1700000000.M1P1.host,U=12', counted));
  });

  it('get a letter before a dash, which commands would take for options', () => {
    assert.equal(withoutDash('-rf'), 'm-rf');
    assert.equal(withoutDash('1.a-b'), '1.a-b');
    assert.ok(isUsableBase(withoutDash('--help'), counted));
  });

  it('else become the GUID that Dovecot shows, where that can be written', () => {
    assert.equal(guidFieldFor('own', '1.a,S=99'), ' G1.a,S=99');
    assert.equal(guidFieldFor('same', 'same'), '');
    for (const hint of ['a b', 'a\nb', '', 'ä', 'x'.repeat(256)]) assert.equal(guidFieldFor('own', hint), '');
  });
});

describe('base names of our own', () => {
  it('are unique, legal, and state what is known', () => {
    const next = baseNameMaker({ hostName: 'odd host/na:me', now: () => 1_700_000_000_123, pid: 42 });
    const names = Array.from({ length: 100 }, () => next(sizeFields(counted)));
    assert.equal(new Set(names).size, 100);
    assert.equal(names[0], '1700000000.M123000P42Q1.odd-host-na-me,S=100,W=110');
    for (const name of names) assert.ok(isUsableBase(name, counted));
    assert.equal(claimedSize(next(sizeFields(uncounted))), 100);
    assert.equal(claimedSize(next('')), undefined);
  });

  it('stand in the order in which the mail came', () => {
    const names = ['1000.b', '999.z', '1000.a', 'nonsense', '1001.a'];
    assert.deepEqual(names.sort(compareArrivals), ['nonsense', '999.z', '1000.a', '1000.b', '1001.a']);
  });
});
