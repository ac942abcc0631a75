import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  flagsOfLetters,
  formatMessageFileName,
  lettersOfFlags,
  parseMessageFileName,
  plainLetters,
  systemLetters,
} from '../../../../src/store/maildir/layout/message-file-name-flags.js';

const names = new Map([...systemLetters, ['a', '$forwarded'], ['b', 'work'], ['c', '$forwarded']]);

describe('message file names', () => {
  it('come apart', () => {
    assert.deepEqual(parseMessageFileName('1.a:2,FS'), { base: '1.a', delimiter: ':', letters: 'FS', fields: '' });
    assert.deepEqual(parseMessageFileName('1.a,S=3:2,FSab,x=1,y'), {
      base: '1.a,S=3',
      delimiter: ':',
      letters: 'FSab',
      fields: ',x=1,y',
    });
    assert.deepEqual(parseMessageFileName('1.a'), { base: '1.a', delimiter: null, letters: '', fields: '' });
    assert.deepEqual(parseMessageFileName('1.a:1,x'), { base: '1.a', delimiter: null, letters: '', fields: '' });
    assert.deepEqual(parseMessageFileName('1.a:2,'), { base: '1.a', delimiter: ':', letters: '', fields: '' });
  });

  it('may have another delimiter, where that is asked for, at the end of a name without a colon', () => {
    const any = { anyDelimiter: true };
    const named = (base: string, delimiter: ':' | ';' | '!' | null, letters: string, fields = '') => ({
      ...{ base, delimiter, letters, fields },
    });
    assert.deepEqual(parseMessageFileName('1.a,S=3;2,FSab', any), named('1.a,S=3', ';', 'FSab'));
    assert.deepEqual(parseMessageFileName('1.a!2,', any), named('1.a', '!', ''));
    assert.deepEqual(parseMessageFileName('1;2,S!2,F', any), named('1;2,S', '!', 'F'));
    assert.deepEqual(parseMessageFileName('1;2,S:2,F', any), named('1;2,S', ':', 'F'));
    for (const name of ['1;2,S', '1!2,']) assert.deepEqual(parseMessageFileName(name), named(name, null, ''));
    for (const name of ['1;2,S,x', '1;1,S', '1;2,S=3', '1!a;b', '1;2']) {
      assert.deepEqual(parseMessageFileName(name, any), named(name, null, ''));
    }
  });

  it('come together again', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9.=_-]{1,12}$/);
    fc.assert(
      fc.property(part, fc.stringMatching(/^[A-Za-z]{0,8}$/), fc.option(part, { nil: '' }), (base, letters, field) => {
        const name = { base, delimiter: ':' as const, letters, fields: field === '' ? '' : `,${field}` };
        assert.deepEqual(parseMessageFileName(formatMessageFileName(name)), name);
        for (const delimiter of [';', '!'] as const) {
          const other = { ...name, delimiter, fields: '' };
          assert.deepEqual(parseMessageFileName(formatMessageFileName(other), { anyDelimiter: true }), other);
        }
      }),
    );
  });
});

describe('flag letters', () => {
  it('mean flags', () => {
    assert.deepEqual(flagsOfLetters('DFRSTab', names), new Set([...systemLetters.values(), '$forwarded', 'work']));
    assert.deepEqual(flagsOfLetters('Pd', names), new Set());
    assert.deepEqual(flagsOfLetters('P', plainLetters), new Set(['$forwarded']));
  });

  it('mean one keyword, of which each file keeps its own, and which is taken away with all of them', () => {
    const forwarded = new Set(['$forwarded']);
    assert.deepEqual(flagsOfLetters('ac', names), forwarded);
    for (const before of ['a', 'c', 'ac']) assert.equal(lettersOfFlags(forwarded, names, before), before);
    assert.equal(lettersOfFlags(forwarded, names, ''), 'a');
    assert.equal(lettersOfFlags(new Set(), names, 'Sac'), '');
  });

  it('stand in ASCII order, and keep what is not understood', () => {
    assert.equal(lettersOfFlags(new Set(['work', '\\Seen', '\\Draft']), names, 'FPXbz'), 'DPSXbz');
    assert.equal(lettersOfFlags(new Set(['nosuchkeyword']), names, ''), '');
  });

  it('say again what they said', () => {
    const some = fc.uniqueArray(fc.constantFrom(...names.values())).map((flags) => new Set(flags));
    fc.assert(
      fc.property(some, fc.stringMatching(/^[A-Za-z]{0,6}$/), (flags, before) => {
        assert.deepEqual(flagsOfLetters(lettersOfFlags(flags, names, before), names), flags);
      }),
    );
  });
});
