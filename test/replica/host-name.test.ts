import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isUsableName, namelessHost, namesOf } from '../../src/replica/host-name.js';

describe('names of hosts', () => {
  test('are what can be a file name everywhere and looks like nothing else', () => {
    for (const name of ['home', 'h', '0', 'a-b', 'a'.repeat(32)]) assert.ok(isUsableName(name), name);
    for (const name of ['', '-rf', 'a-', 'Home', 'h\u043eme', 'a_b', 'a b', 'con', 'lpt1', 'a'.repeat(33), 'home\n']) {
      assert.ok(!isUsableName(name), JSON.stringify(name));
    }
  });

  test('that others say count where they are names, and nobody else’s here', () => {
    const [home, cabin, liar, odd, ship] = ['a', 'b', 'c', 'd', 'e'].map((digit) => digit.repeat(32)) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const names = namesOf(
      [
        [home, 'home'],
        [cabin, 'cabin'],
      ],
      [
        [cabin, 'castle'],
        [liar, 'home'],
        [odd, 'ho\u200bme'],
        [ship, 'ship'],
      ],
    );
    assert.deepEqual(
      [...names],
      [
        [home, 'home'],
        [cabin, 'cabin'],
        [ship, 'ship'],
      ],
    );
    assert.equal(namelessHost(liar), 'host cccccccc');
  });
});
