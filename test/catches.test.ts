import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './sources.js';

// Trouble with one message, mailbox or bundle does not stop the rest. An interruption, a broken invariant and what nobody foresaw do: whatever
// catches and goes on has to tell them apart, and there is one way to do so.

/** Files that may ask by themselves whether something is a Failure: they make one of what is none, or want those that end a run as well. */
const mayAsk: ReadonlyMap<string, string> = new Map([
  ['failure.ts', 'here is the one predicate'],
  ['catalog/sqlite-failure.ts', 'makes a Failure'],
  ['store/maildir/io-failure.ts', 'makes a Failure'],
  ['bundle/medium-failure.ts', 'makes a Failure'],
  ['bundle/byte-source.ts', 'makes a Failure'],
  ['cli/run.ts', 'makes a Failure, and the run is over'],
  ['cli/if-present.ts', 'an absent store ends the run, quietly where that was asked for'],
  ['cli/doctor.ts', 'what keeps an account from being opened is what is wrong with it'],
  ['check/check-catalog.ts', 'what is wrong with the catalog is what is looked for'],
]);

/** Files with catches that go on whatever was thrown, how many, and why that is right: what they try has no signal and stands for itself. */
const mayGoOn: ReadonlyMap<string, { readonly catches: number; readonly because: string }> = new Map([
  ['bundle/bundle-file.ts', { catches: 2, because: 'tidying after a failure that is told' }],
  ['bundle/in-order.ts', { catches: 1, because: 'whoever takes the result in its turn gets the failure' }],
  ['bundle/prepare-medium.ts', { catches: 1, because: 'tidying after a failure that is told' }],
  ['bundle/read-back.ts', { catches: 3, because: 'told by `end`, or tidying after a failure that is told' }],
  ['bundle/frame-worker.ts', { catches: 1, because: 'the failure goes to whoever asked' }],
  ['catalog/owner.ts', { catches: 3, because: 'who holds a lock is shown where it can be found out' }],
  ['catalog/sqlite-native.ts', { catches: 1, because: 'the one way to ask whether a transaction is open' }],
  ['catalog/sqlite-wasm.ts', { catches: 1, because: 'repeats the failure that is thrown' }],
  ['catalog/transactions.ts', { catches: 3, because: 'thrown on, or kept to be thrown at the next change' }],
  ['check/check-catalog.ts', { catches: 1, because: 'names the codes' }],
  ['cli/directories.ts', { catches: 1, because: 'one stat' }],
  ['cli/doctor.ts', { catches: 1, because: 'names the codes' }],
  ['cli/if-present.ts', { catches: 1, because: 'names the codes' }],
  ['cli/main.ts', { catches: 2, because: 'a version or a name that is not to be had is left out' }],
  ['cli/run.ts', { catches: 1, because: 'the run is over, and its failure is told' }],
  ['files.ts', { catches: 1, because: 'what cannot be had in one call is done in many' }],
  ['flow/import.ts', { catches: 1, because: 'tidying after a failure that is told' }],
  ['flow/restore.ts', { catches: 1, because: 'tidying after a failure that is told' }],
  ['mail/subject.ts', { catches: 1, because: 'one decoder, asked whether it knows a charset' }],
  ['trust/age-cipher.ts', { catches: 1, because: 'one call, which fails for one reason' }],
  ['trust/age-x25519.ts', { catches: 1, because: 'one call, which fails for one reason' }],
  ['trust/card.ts', { catches: 1, because: 'one call, which fails for one reason' }],
]);

/** Every block behind a `catch`, and everything given to `.catch(...)`. */
function catchesIn(text: string): string[] {
  const heads = text.matchAll(/\bcatch\s*(?:\(\w+(?:: unknown)?\)\s*)?\{|\.catch\(/g);
  return [...heads].map(({ index, 0: head }) => balanced(text, index + head.length - 1));
}

function balanced(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if ('({'.includes(text[at] ?? '')) depth++;
    if (')}'.includes(text[at] ?? '')) depth--;
    if (depth === 0) return text.slice(start, at + 1);
  }
  return text.slice(start);
}

/** Does it throw in any case, or let go on only what is told apart from what ends a run? */
function isCareful(block: string): boolean {
  if (/\b(isOfOneThing|errnoOf|troubleOf)\(/.test(block)) return true;
  const code = block.replace(/\/\/[^\n]*/g, '');
  return throwsAtLast(code) && !/\b(return|continue|break)\b/.test(code);
}

/** Does the block itself throw, whatever is the case? */
function throwsAtLast(code: string): boolean {
  return [...code.matchAll(/^\s*throw\b|[;{}]\s*throw\b/gm)].some(({ index, 0: head }) => {
    const before = code.slice(0, index + head.length);
    return before.split('{').length - before.split('}').length === 1;
  });
}

test('only where it is said asks the code by itself whether something is a Failure', () => {
  const asking = sourceFiles().filter(({ text }) => /\binstanceof Failure\b/.test(text));
  assert.deepEqual(
    asking.map(({ path }) => path),
    [...mayAsk.keys()].sort(),
  );
});

test('a catch that goes on tells one thing`s trouble from what ends the run, or is one of those that need not', () => {
  const found = sourceFiles().flatMap(({ path, text }) => {
    const catches = catchesIn(text).filter((block) => !isCareful(block)).length;
    return catches === 0 ? [] : [[path, catches]];
  });
  const expected = [...mayGoOn].map(([path, { catches }]) => [path, catches]);
  assert.deepEqual(found, expected.sort());
});

test('a catch that swallows everything would be found', () => {
  const blocks = catchesIn(`
    try { a(); } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
    }
    try { b(); } catch (cause) { tidy(); throw cause; }
    try { c(); } catch (cause) { if (cause.code === 'x') return null; throw cause; }
    try { d(); } catch { // nothing
    }
    e().catch(() => undefined);`);
  assert.deepEqual(blocks.map(isCareful), [true, true, false, false, false]);
});
