import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deleteLimitOf, exceedsDeleteLimit } from '../../src/replica/delete-limit.js';

test('a limit is a number of messages or a share of them', () => {
  assert.deepEqual(deleteLimitOf('100'), { messages: 100 });
  assert.deepEqual(deleteLimitOf('0'), { messages: 0 });
  assert.deepEqual(deleteLimitOf('5%'), { percent: 5 });
  assert.deepEqual(deleteLimitOf('0.5%'), { percent: 0.5 });
  for (const text of ['', '-1', '1.5', '101%', '5 %', '%', '1e3', '10k', '0x10'])
    assert.equal(deleteLimitOf(text), null, text);
});

test('it is exceeded by more than it, and never by nothing', () => {
  assert.equal(exceedsDeleteLimit({ messages: 10 }, 10, 100), false);
  assert.equal(exceedsDeleteLimit({ messages: 10 }, 11, 100), true);
  assert.equal(exceedsDeleteLimit({ messages: 0 }, 0, 0), false);
  assert.equal(exceedsDeleteLimit({ percent: 5 }, 5, 100), false);
  assert.equal(exceedsDeleteLimit({ percent: 5 }, 6, 100), true);
  assert.equal(exceedsDeleteLimit({ percent: 0 }, 1, 100), true);
  assert.equal(exceedsDeleteLimit({ percent: 100 }, 100, 100), false);
});
