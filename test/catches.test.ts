import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './sources.js';

// Trouble with one message, mailbox or bundle does not stop the rest. An interruption, a broken invariant and what nobody foresaw do: whatever
// catches and goes on has to tell them apart, and there is one way to do so.

/** Files that may ask by themselves whether something is a Failure: they make one of what is none, or want those that end a run as well. */
const mayAsk: ReadonlyMap<string, string> = new Map([
  ['failure.ts', 'here is the one predicate'],
  ['catalog/sql/sqlite-failure.ts', 'makes a Failure'],
  ['store/host-files/io-failure.ts', 'makes a Failure'],
  ['medium/medium-failure.ts', 'makes a Failure'],
  ['bundle/read/byte-source.ts', 'makes a Failure'],
  ['workers/answer-requests-in-worker.ts', 'takes a Failure apart'],
  ['cli/run-command-line.ts', 'makes a Failure, and the run is over'],
  ['cli/options/ignore-absent-store-or-medium.ts', 'an absent store ends the run, quietly where that was asked for'],
  ['cli/commands/support-facts.ts', 'names the code'],
  ['cli/commands/doctor.ts', 'what keeps an account from being opened is what is wrong with it'],
  ['check/doctor/check-catalog.ts', 'what is wrong with the catalog is what is looked for'],
]);

/** Files with a catch that goes on whatever was thrown, and why that is right. */
const mayGoOn: ReadonlyMap<string, string> = new Map([
  ['medium/write-file-to-medium.ts', 'tidying after a failure that is told'],
  ['bundle/frames/run-jobs-in-order.ts', 'whoever takes the result in its turn gets the failure'],
  ['medium/prepare-directory.ts', 'tidying after a failure that is told'],
  ['medium/read-back-check.ts', 'told by `end`, or tidying after a failure that is told'],
  ['catalog/lock/lock-owner.ts', 'who holds a lock is shown where it can be found out'],
  ['catalog/sql/node-sqlite.ts', 'the one way to ask whether a transaction is open'],
  ['catalog/sql/wasm-sqlite.ts', 'repeats the failure that is thrown'],
  ['catalog/sql/transactions.ts', 'thrown on, or kept to be thrown at the next change'],
  ['check/doctor/check-catalog.ts', 'names the codes'],
  ['cli/options/directory-arguments.ts', 'one stat'],
  ['cli/commands/doctor.ts', 'names the codes'],
  ['cli/options/ignore-absent-store-or-medium.ts', 'names the codes'],
  ['cli/commands/support-facts.ts', 'names the code, or a program that does not answer is left out'],
  ['cli/context/tell-when-done.ts', 'a program of the user`s fails, after the run'],
  ['cli/main.ts', 'a version or a name that is not to be had is left out'],
  ['cli/run-command-line.ts', 'the run is over, and its failure is told'],
  ['flow/import/run-import.ts', 'tidying after a failure that is told'],
  ['flow/restore/restore-messages.ts', 'tidying after a failure that is told'],
  ['startup/load-with-compiled-code.ts', 'without compiled code everything runs as well, only later'],
  ['terminal/format/frames-in-sources.ts', 'a failure is told, with or without a map'],
  ['fs/durable-write.ts', 'what cannot be had in one call is done in many'],
  ['fs/stop-if-aborted.ts', 'what was left to itself concerns nobody any more'],
  ['store/imap/imap-location.ts', 'what is no encoding of a text is told apart, all else is thrown on'],
  ['store/imap/protocol/connection.ts', 'whoever gave the command gets the failure'],
  ['store/maildir/dovecot/read-dovecot-config.ts', 'one program, which may be missing or fail'],
  ['store/maildir/discovery/ask-dovecot-for-paths.ts', 'one program, which may be missing or fail'],
  ['store/maildir/read/digest-worker-pool.ts', 'whoever reads on gets the failure'],
  ['store/maildir/write/replace-damaged-text.ts', 'errors of the disk are told apart, all others are thrown on'],
  ['store/maildir/layout/refuse-superuser-in-mail-of-others.ts', 'a name that is not to be had is left out'],
  ['workers/answer-requests-in-worker.ts', 'the failure goes to whoever asked'],
  ['workers/worker-pool.ts', 'whoever awaits the answer gets the failure'],
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
  if (/\b(isOfOneThing|errnoOf|isUnusable|troubleOf|noteTrouble)\(/.test(block)) return true;
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

/** Rooms that only compute: they are given no signal, and call nothing of others that is. */
const computing = /^(mail|trust|replica|merge)\//;

test('a catch that goes on tells one thing`s trouble from what ends the run, or lies where it need not', () => {
  const found = sourceFiles().filter(
    ({ path, text }) => !computing.test(path) && catchesIn(text).some((block) => !isCareful(block)),
  );
  assert.deepEqual(
    found.map(({ path }) => path),
    [...mayGoOn.keys()].sort(),
  );
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
