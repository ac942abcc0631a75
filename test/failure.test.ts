import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure, type FailureCode, isInterruption, isOfOneThing } from '../src/failure.js';
import { errnoOf } from '../src/fs/errno.js';
import { ioFailure, troubleOf } from '../src/store/host-files/io-failure.js';

const aborted = (): unknown => AbortSignal.abort().reason;

test('a failure of a mailbox, a bundle or a disk is the trouble of one thing', () => {
  for (const code of ['io', 'store-damaged', 'bundle-damaged', 'locked', 'medium-full'] as const) {
    assert.ok(isOfOneThing(new Failure(code, '')), code);
  }
});

test('an interruption, a broken invariant and a store that is gone end the run', () => {
  for (const code of ['interrupted', 'internal', 'store-absent'] as const) {
    assert.ok(!isOfOneThing(new Failure(code, '')), code);
  }
  assert.ok(!isOfOneThing(aborted()));
});

test('what nobody foresaw ends the run', () => {
  for (const cause of [
    new TypeError('x is not a function'),
    new RangeError(),
    Object.assign(new Error(), { code: 'EIO' }),
    'a',
  ]) {
    assert.ok(!isOfOneThing(cause));
  }
});

test('so does a failure of which it is said, whatever its code', () => {
  assert.ok(!isOfOneThing(new Failure('io', '', { endsRun: true })));
});

test('one who names codes goes on past no other', () => {
  const isDamage = (code: FailureCode): boolean => isOfOneThing(new Failure(code, ''), 'store-damaged', 'io');
  assert.deepEqual([isDamage('io'), isDamage('store-damaged'), isDamage('locked')], [true, true, false]);
  assert.ok(!isOfOneThing(new Failure('interrupted', ''), 'interrupted'));
});

test('an interruption is known whoever throws it, and stays one', () => {
  assert.ok(isInterruption(new Failure('interrupted', '')) && isInterruption(aborted()));
  assert.ok(!isInterruption(new Failure('io', '')));
  assert.throws(() => ioFailure('reading', aborted()), isInterruption);
  assert.throws(() => troubleOf('reading', new Failure('interrupted', '')), isInterruption);
});

test('an error that is no system call`s becomes no trouble of a file', () => {
  const ofNode = Object.assign(new TypeError(), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.equal(errnoOf(ofNode), undefined);
  assert.equal(errnoOf(Object.assign(new Error(), { code: 'ENOSPC' })), 'ENOSPC');
  assert.throws(() => troubleOf('reading', ofNode), { code: 'internal' });
  assert.equal(troubleOf('reading', Object.assign(new Error(), { code: 'EACCES' })).code, 'io');
});
