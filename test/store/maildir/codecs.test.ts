import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import {
  addKeywords,
  formatKeywords,
  type KeywordList,
  keywordsMax,
  lettersOfKeywords,
  parseKeywords,
} from '../../../src/store/maildir/dovecot/dovecot-keywords-file.js';
import { formatSubscriptions, parseSubscriptions } from '../../../src/store/maildir/dovecot/subscriptions-file.js';
import { formatMaildirLocation, parseMaildirLocation } from '../../../src/store/maildir/layout/maildir-location.js';

const keyword = fc.stringMatching(/^[$a-z0-9_-]{1,10}$/);

describe('dovecot-keywords', () => {
  it('gives each number its letter, also with gaps', () => {
    const names = parseKeywords('0 $Forwarded\n2 Work\n25 Last\n26 OneTooMany\nnonsense\n3 not an atom\n2 Again\n');
    assert.deepEqual(
      [names[0], names[1], names[2], names[3], names.length],
      ['$Forwarded', undefined, 'Work', undefined, 26],
    );
    const letters = lettersOfKeywords(names);
    assert.equal(letters.get('a'), '$forwarded');
    assert.equal(letters.get('c'), 'work');
    assert.equal(letters.get('z'), 'last');
    assert.equal(letters.get('S'), '\\Seen');
    assert.deepEqual(parseKeywords(formatKeywords(names)), names);
  });

  const add = (names: KeywordList, wanted: readonly string[]) => addKeywords(names, { wanted, taken: new Set() });

  it('only ever grows, at the end, up to 26', () => {
    const some = fc.array(keyword, { maxLength: 40 });
    fc.assert(
      fc.property(some, some, (first, second) => {
        const before = add([], first).names;
        const { names, unstorable } = add(before, second);
        assert.deepEqual(names.slice(0, before.length), before);
        assert.ok(names.length <= keywordsMax);
        for (const one of second) assert.notEqual(names.includes(one), unstorable.includes(one));
        const folded = names.map((name) => name?.toLowerCase());
        assert.equal(new Set(folded).size, folded.length, 'no two that are one to Dovecot');
      }),
    );
  });

  it('gives no number that files have for a keyword whose name was lost, nor a name that Dovecot makes up for one', () => {
    const wanted = ['work', 'unknown-1', 'later'];
    assert.deepEqual(addKeywords(['Old', 'unknown-1'], { wanted, taken: new Set([2, 4]) }), {
      names: ['Old', 'unknown-1', undefined, 'work', undefined, 'later'],
      unstorable: ['unknown-1'],
    });
  });

  it('takes no name that would break a line or an IMAP answer', () => {
    for (const name of ['a b', 'a\n1 b', '(x', 'a]', '', 'ü', 'x'.repeat(256)]) {
      assert.deepEqual(add([], [name]), { names: [], unstorable: [name] });
    }
    assert.deepEqual(add([], ['\\Seen']), { names: [], unstorable: [] });
  });
});

describe('subscriptions', () => {
  it('are read and written in both versions', () => {
    const second = 'V\t2\n\nA\nINBOX\nK&APY-ln\nA\tB.c\n';
    const parsed = parseSubscriptions(second, '/');
    assert.deepEqual(parsed, { version: 2, names: [['A'], ['INBOX'], ['K&APY-ln'], ['A', 'B.c']] });
    assert.equal(formatSubscriptions(parsed, '/'), second);
    const first = 'A\nINBOX\nA.B\n';
    assert.deepEqual(parseSubscriptions(first, '.'), { version: 1, names: [['A'], ['INBOX'], ['A', 'B']] });
    assert.equal(formatSubscriptions(parseSubscriptions(first, '.'), '.'), first);
    assert.deepEqual(parseSubscriptions('', '.'), { version: 1, names: [] });
  });
});

describe('mail location', () => {
  const parse = (spec: string) => parseMaildirLocation(spec, '/home/alice');
  const plain = { layout: 'maildir++', control: null, index: null, inbox: null, utf8: false };

  it('is written as for Dovecot, or as a path alone', () => {
    assert.deepEqual(parse('maildir:~/Maildir'), { root: '/home/alice/Maildir', ...plain });
    assert.deepEqual(parse('/var/mail/a/'), { root: '/var/mail/a', ...plain });
    assert.deepEqual(parse('~'), { root: '/home/alice', ...plain });
    assert.deepEqual(parse('Mail'), { root: resolve('Mail'), ...plain });
    assert.deepEqual(parse('maildir:~/Mail:LAYOUT=fs:INDEX=/i:CONTROL=~/c:INBOX=~/Mail/In:UTF-8'), {
      root: '/home/alice/Mail',
      layout: 'fs',
      control: '/home/alice/c',
      index: '/i',
      inbox: '/home/alice/Mail/In',
      utf8: true,
    });
    assert.deepEqual(parse('maildir:~/Mail:INDEX=MEMORY:INBOX=~/Mail'), { root: '/home/alice/Mail', ...plain });
  });

  it('is remembered so that it means the same from anywhere', () => {
    const specs = ['~/Maildir', 'Mail:LAYOUT=fs', 'maildir:/a:INDEX=i:CONTROL=~/c:INBOX=in:UTF-8', '/a/'];
    for (const spec of specs) {
      const location = parse(spec);
      assert.deepEqual(parseMaildirLocation(formatMaildirLocation(location), '/home/bob'), location, spec);
    }
  });

  it('is refused where it is not understood, naming what', () => {
    for (const [spec, part] of [
      ['maildir:', 'no directory'],
      ['maildir:/a:LAYOUT=index', 'LAYOUT=index'],
      ['maildir:/a:WHAT=1', 'WHAT=1'],
      ['maildir:/a:CONTROL=', 'CONTROL='],
    ] as const) {
      assert.throws(
        () => parse(spec),
        (error) => error instanceof Failure && error.code === 'usage' && error.message.includes(part),
        spec,
      );
    }
  });
});
