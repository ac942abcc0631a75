import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseMaildirLocation } from '../../../../src/store/maildir/layout/maildir-location.js';
import { fetchersBeside, fetchersOf } from '../../../../src/store/maildir/read/detect-fetch-programs.js';
import { scratch } from '../../../end-to-end/site.js';

for (const [name, program] of [
  ['1700000001.10_1.home,U=7', 'mbsync'],
  ['1700000001.10_1.home,U=7,S=100', 'mbsync'],
  ['1700000001_0.20.home,U=7,FMD5=7e33429f656f1e6e9d79b29c3f82c57e', 'offlineimap'],
  ['1700000001.M123P45Q1R0123456789abcdef.home', 'getmail'],
  ['1700000001.M123P45R0123456789abcdef.home', 'getmail'],
  ['1700000001.M123P45Q1.home,S=100,W=120', null],
  ['1700000001.M123P45V0000000000000801I00000000000A_0.home', null],
  ['1700000001.M1P2R12.home', null],
  ['U=7', null],
] as const) {
  test(`the name ${name} shows ${program ?? 'no program that fetches mail'}`, () => {
    assert.deepEqual(fetchersOf([name]), program === null ? [] : [program]);
  });
}

test('names of several programs show all of them', () => {
  const names = ['1.1_1.a,U=1', '1_0.1.a,U=1,FMD5=7e33429f656f1e6e9d79b29c3f82c57e', '1.M1P1Q1R0123456789abcdef.a'];
  assert.deepEqual(fetchersOf(names), ['getmail', 'mbsync', 'offlineimap']);
});

for (const [file, program] of [
  ['.mbsyncstate', 'mbsync'],
  ['.mbsyncstate.new', 'mbsync'],
  ['.uidvalidity', 'mbsync'],
  ['.isyncuidmap.db', 'mbsync'],
  ['.gmailieer.json', 'lieer'],
  ['../.gmailieer.json', 'lieer'],
  ['subscriptions', null],
  ['.uidvalidity.old', null],
] as const) {
  test(`a file ${file} shows ${program ?? 'no program that fetches mail'}`, (t) => {
    const root = join(scratch(t), 'mail');
    mkdirSync(root);
    writeFileSync(join(root, file), '');
    assert.deepEqual(fetchersBeside(parseMaildirLocation(root, '/')), program === null ? [] : [program]);
    assert.deepEqual(
      fetchersBeside(parseMaildirLocation(`${join(root, '../other')}:INBOX=${root}`, '/')),
      program === null ? [] : [program],
      'an inbox elsewhere is looked at as well',
    );
  });
}
