import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mailboxFilter, matches } from '../../src/mail/mailbox-glob.js';

const takes = (pattern: string, mailbox: string): boolean => mailboxFilter([pattern])(mailbox);

test('stars and question marks stand for what they say', () => {
  for (const [pattern, mailbox] of [
    ['Work', 'Work'],
    ['Work*', 'Work/2024'],
    ['*/2024', 'Work/a/2024'],
    ['W?rk', 'Wörk'],
    ['?', '\u{1f4a9}'],
    ['*a*b', 'xaxbxab'],
    ['inbox', 'INBOX'],
    ['a.b', 'a.b'],
    ['(a|b)', '(a|b)'],
    ['*', ''],
    ['wo\u0308rk', 'w\u00f6rk'],
  ] as const)
    assert.ok(takes(pattern, mailbox), `${pattern} takes ${mailbox}`);
  for (const [pattern, mailbox] of [
    ['Work', 'Work/2024'],
    ['?', ''],
    ['??', '\u{1f4a9}'],
    ['a.b', 'axb'],
    ['*a', 'ab'],
    ['work', 'Work'],
    ['', 'Work'],
  ] as const)
    assert.ok(!takes(pattern, mailbox), `${pattern} does not take ${mailbox}`);
});

test('it says what a regular expression says', () => {
  const textOf = (letters: readonly string[]) =>
    fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(textOf(['a', 'b', '*', '?']), textOf(['a', 'b', '/']), (pattern, name) => {
      const source = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      assert.equal(takes(pattern, name), new RegExp(`^${source}$`, 'su').test(name));
    }),
    { numRuns: 1000 },
  );
});

test('many stars cost no more comparisons than the one is long times the other', () => {
  const pattern = [...`${'*a'.repeat(100)}*b`];
  const name = [...'a'.repeat(1000)];
  let compared = 0;
  const isTaken = matches(pattern, name, () => {
    compared += 1;
  });
  assert.deepEqual([isTaken, compared <= 2 * pattern.length * name.length], [false, true]);
});
