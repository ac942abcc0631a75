import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pairMoves } from '../../../src/flow/import/pair-moves.js';

test('of what comes and goes with one text each is one that moves once, in their order; the rest comes, or goes', () => {
  const [first, second, other] = ['x', 'x', 'y'].map((guid) => ({ what: 'goes', guid }));
  const [a, b, c] = ['x', 'x', 'x'].map((guid) => ({ what: 'comes', guid }));
  const anew = { what: 'anew', guid: 'y' };
  const rows = [a, first, anew, b, second, c, other].flatMap((row) => row ?? []);
  assert.deepEqual(
    [...pairMoves(rows)].map(([to, from]) => [rows.indexOf(to), rows.indexOf(from)]),
    [
      [0, 1],
      [3, 4],
    ],
  );
});
