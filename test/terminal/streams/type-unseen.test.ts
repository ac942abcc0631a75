import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { typeUnseen } from '../../../src/terminal/streams/type-unseen.js';

/** A keyboard on which these pieces are typed, and what the terminal was told of showing them. */
function keyboard(...pieces: readonly string[]) {
  const modes: boolean[] = [];
  const lines: number[] = [];
  const stream = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => void modes.push(on) });
  for (const piece of pieces) stream.write(piece);
  return { stream, modes, lines };
}

for (const [what, pieces, answer] of [
  ['up to Return', ['sec', 'ret\rmore'], 'secret'],
  ['with what is above ASCII', ['pä', 'ß\n'], 'päß'],
  ['without what was taken back', ['secrXY\x7f\bet\r'], 'secret'],
  ['anew after Ctrl-U', ['wrong\x15right\r'], 'right'],
  ['as nothing where nothing was typed', ['\r'], ''],
  ['as none where input ends', ['\x04'], null],
] as const) {
  test(`a line is read ${what}, and the terminal shows again what is typed`, async () => {
    const { stream, modes, lines } = keyboard(...pieces);
    assert.equal(await typeUnseen(stream, () => void lines.push(1)), answer);
    assert.deepEqual([modes, lines.length], [[true, false], 1]);
  });
}

test('Ctrl-C is the signal that it is, once the terminal shows again what is typed', async () => {
  const { stream, modes, lines } = keyboard('sec\x03');
  const alive = setInterval(() => undefined, 1000); // to wait for a signal keeps no process
  const signal = once(process, 'SIGINT');
  assert.equal(await typeUnseen(stream, () => void lines.push(1)), null);
  assert.deepEqual([modes.at(-1), lines.length], [false, 1]);
  await signal;
  clearInterval(alive);
});
