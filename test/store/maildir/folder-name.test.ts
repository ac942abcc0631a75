import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mailboxNameOf } from '../../../src/mail/mailbox-name.js';
import {
  folderOfName,
  nameOfFolder,
  nameOfSpelledParts,
  spelledParts,
} from '../../../src/store/maildir/folder-name.js';

const plusPlus = { layout: 'maildir++', utf8: false } as const;
const fs = { layout: 'fs', utf8: false } as const;
const fsUtf8 = { layout: 'fs', utf8: true } as const;

const anyName = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('cur', '..', 'a.b', '~x', 'INBOX', '&'),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => mailboxNameOf(parts))
  .filter((name): name is string => name !== undefined && name !== 'INBOX');

describe('folder names', () => {
  it('are those Dovecot makes', () => {
    assert.deepEqual(folderOfName('A/B', plusPlus), { folder: '.A.B' });
    assert.deepEqual(folderOfName('Köln', plusPlus), { folder: '.K&APY-ln' });
    assert.deepEqual(folderOfName('INBOX/foo', plusPlus), { folder: '.INBOX.foo' });
    assert.deepEqual(folderOfName('cur', plusPlus), { folder: '.cur' });
    assert.deepEqual(folderOfName('A/B.c', fs), { folder: 'A/B.c' });
    assert.deepEqual(folderOfName('.foo', fs), { folder: '.foo' });
    assert.deepEqual(folderOfName('Köln', { layout: 'maildir++', utf8: true }), { folder: '.Köln' });
    assert.deepEqual(folderOfName('INBOX', fs), { folder: '' });
  });

  it('cannot be made of some names, which are then a trouble', () => {
    const wrong: [string, typeof plusPlus | typeof fs][] = [
      ['a.b', plusPlus],
      ['~x', plusPlus],
      ['~x', fs],
      ['cur', fs],
      ['a/tmp', fs],
      ['subscriptions', fs],
      ['a/dovecot-uidlist', fs],
      ['Dovecot.index.log', fs],
      ['a//b', fs],
      ['../a', fs],
      ['a/../../b', fs],
      ['a\0b', fs],
      ['/a', fs],
      ['', plusPlus],
      ['inbox', plusPlus],
      ['x'.repeat(255), plusPlus],
      ['ö'.repeat(150), fs],
    ];
    for (const [name, spelling] of wrong) assert.ok('problem' in folderOfName(name, spelling), JSON.stringify(name));
    assert.ok('folder' in folderOfName('x'.repeat(254), plusPlus));
  });

  it('come back as the name they were made of, and never lead out of the store', () => {
    fc.assert(
      fc.property(anyName, fc.constantFrom(plusPlus, fs, fsUtf8), (name, spelling) => {
        const spelled = folderOfName(name, spelling);
        if ('problem' in spelled) return;
        assert.equal(nameOfFolder(spelled.folder, spelling), name);
        for (const part of spelled.folder.split('/')) {
          assert.ok(part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
          if (spelling.layout === 'fs') assert.ok(!['cur', 'new', 'tmp'].includes(part));
          else assert.ok(part.startsWith('.') && !part.startsWith('..'));
        }
        assert.equal(nameOfSpelledParts(spelledParts(name, spelling), spelling), name);
      }),
    );
  });

  it('mean no mailbox where no program of ours or Dovecot would have made them', () => {
    for (const folder of ['.INBOX', '.inbox', '.', '.a..b', '.a.', '.&AC8-x', '.&', '.ö', '.a\u001b']) {
      assert.equal(nameOfFolder(folder, plusPlus), undefined, folder);
    }
    for (const folder of ['INBOX', 'a/\n', 'b\ufffd']) assert.equal(nameOfFolder(folder, fsUtf8), undefined, folder);
  });
});
