import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mailboxNameOf } from '../../../../src/mail/mailbox-name.js';
import { isEscapedByPlugin } from '../../../../src/store/maildir/layout/escape-folder-name.js';
import {
  folderOfName,
  nameOfFolder,
  nameOfSpelledParts,
  spelledParts,
} from '../../../../src/store/maildir/layout/folder-name-mapping.js';

const plusPlus = { layout: 'maildir++', utf8: false } as const;
const fs = { layout: 'fs', utf8: false } as const;
const fsUtf8 = { layout: 'fs', utf8: true } as const;

const anyName = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom('cur', '..', 'a.b', '~x', 'INBOX', '&', '.', '\\2e', '\\', 'x'.repeat(120), 'ö'.repeat(100)),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((parts) => mailboxNameOf(parts))
  .filter((name): name is string => name !== undefined && name !== 'INBOX');

describe('folder names', () => {
  const folderOf = (name: string, spelling: Parameters<typeof folderOfName>[1]) => {
    const spelled = folderOfName(name, spelling);
    return 'problem' in spelled ? spelled : spelled.folder;
  };

  it('are those Dovecot makes', () => {
    assert.equal(folderOf('A/B', plusPlus), '.A.B');
    assert.equal(folderOf('Köln', plusPlus), '.K&APY-ln');
    assert.equal(folderOf('INBOX/foo', plusPlus), '.INBOX.foo');
    assert.equal(folderOf('cur', plusPlus), '.cur');
    assert.equal(folderOf('a\\b', plusPlus), '.a\\b');
    assert.equal(folderOf('A/B.c', fs), 'A/B.c');
    assert.equal(folderOf('.foo', fs), '.foo');
    assert.equal(folderOf('Köln', { layout: 'maildir++', utf8: true }), '.Köln');
    assert.equal(folderOf('INBOX', fs), '');
  });

  it('are escaped where they have what cannot stand there', () => {
    assert.equal(folderOf('lists.debian/a', plusPlus), '.lists&,,0-2edebian.a');
    assert.equal(folderOf('ä.b', { layout: 'maildir++', utf8: true }), '.ä\ufffd2eb');
    assert.equal(folderOf('~x/~y', plusPlus), '.&,,0-7ex.~y');
    assert.equal(folderOf('a/cur', fs), 'a/&,,0-63ur');
    assert.equal(folderOf('Dovecot.index.log', fs), '&,,0-44ovecot.index.log');
    assert.equal(folderOf('a\\2eb', plusPlus), '.a&,,0-5c2eb');
    assert.equal(folderOf('a\\2eb', fs), 'a\\2eb');
  });

  it('are escaped as the plugin listescape does it, where a Dovecot has that', () => {
    // As a Dovecot 2.3.19 with the plugin made them.
    const made: [string, string][] = [
      ['a.b', '.a\\2eb'],
      ['~x', '.\\7ex'],
      ['back\\slash', '.back\\5cslash'],
      ['.lead', '.\\2elead'],
      ['P/q.r', '.P.q\\2er'],
      ['Kö.ln', '.K&APY-\\2eln'],
      ['a&b.c', '.a&-b\\2ec'],
      ['w/~t', '.w.\\7et'],
      ['\\2e', '.\\5c2e'],
    ];
    for (const [name, folder] of made) {
      assert.equal(folderOf(name, { ...plusPlus, listescape: true }), folder);
      assert.equal(nameOfFolder(folder, { ...plusPlus, listescape: true }), name);
    }
    assert.equal(folderOf('back\\sl.ash', { ...fs, listescape: true }), 'back\\5csl.ash');
  });

  it('tell whether a Dovecot with that plugin made them', () => {
    assert.equal(isEscapedByPlugin(['a\\2eb', 'plain', 'back\\5cslash', 'sl\\2fash', '\\7ex'], plusPlus), true);
    for (const other of ['a\\b', 'a\\2Eb', 'a\\41b', 'x\\7e', 'end\\']) {
      assert.equal(isEscapedByPlugin(['a\\2eb', other], plusPlus), false, other);
    }
    assert.equal(isEscapedByPlugin(['plain'], plusPlus), false);
    assert.equal(isEscapedByPlugin(['a\\2eb'], fs), false, 'which escapes no dot there');
  });

  it('cannot be made of what is no name of a mailbox', () => {
    for (const name of ['a//b', '../a', 'a/../../b', 'a\0b', '/a', '', 'inbox', 'a\ufffdb']) {
      for (const spelling of [plusPlus, fs]) {
        assert.ok('problem' in folderOfName(name, spelling), JSON.stringify(name));
      }
    }
  });

  it('come back as the name they were made of, never lead out of the store, and are file names', () => {
    const spellings = fc.constantFrom(plusPlus, fs, fsUtf8, { ...plusPlus, listescape: true });
    fc.assert(
      fc.property(anyName, spellings, fc.boolean(), (name, spelling, isTaken) => {
        const spelled = folderOfName(name, spelling, { isTaken });
        assert.ok('folder' in spelled);
        const tails = new Map(spelled.tails.map(({ folder, tail }) => [folder, tail]));
        const tailOf = (folder: string) => tails.get(folder);
        assert.equal(nameOfFolder(spelled.folder, spelling, tailOf), name);
        for (const part of spelled.folder.split('/')) {
          assert.ok(part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
          assert.ok(Buffer.byteLength(part) <= 255);
          if (spelling.layout === 'fs') assert.ok(!['cur', 'new', 'tmp'].includes(part));
          else assert.ok(part.startsWith('.') && !part.startsWith('..'));
        }
        if (spelled.tails.length === 0) {
          assert.equal(nameOfSpelledParts(spelledParts(name, spelling), spelling), name);
        }
      }),
    );
  });

  it('are never those of another mailbox', () => {
    fc.assert(
      fc.property(anyName, anyName, fc.constantFrom(plusPlus, fs, fsUtf8), (one, other, spelling) => {
        if (one !== other) assert.notDeepEqual(folderOf(one, spelling), folderOf(other, spelling));
      }),
    );
  });

  it('mean no mailbox where no program of ours or Dovecot would have made them', () => {
    for (const folder of ['.INBOX', '.inbox', '.', '.a..b', '.a.', '.&AC8-x', '.&', '.ö', '.a\u001b', '.&,,0-zz']) {
      assert.equal(nameOfFolder(folder, plusPlus), undefined, folder);
    }
    for (const folder of ['INBOX', 'a/\n', 'b\ufffd', 'a\ufffd2fb']) {
      assert.equal(nameOfFolder(folder, fsUtf8), undefined, folder);
    }
  });

  it('that are shortened mean nothing without what they stand for', () => {
    const name = 'long '.repeat(60);
    const spelled = folderOfName(name, plusPlus);
    assert.ok('folder' in spelled);
    assert.equal(nameOfFolder(spelled.folder, plusPlus), undefined);
    assert.equal(
      nameOfFolder(spelled.folder, plusPlus, () => 'another'),
      undefined,
    );
    assert.equal(
      nameOfFolder(`${spelled.folder}.below`, plusPlus, () => name),
      `${name}/below`,
    );
  });
});
