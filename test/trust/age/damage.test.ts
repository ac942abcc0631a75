import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { openAge } from '../../../src/trust/age/decrypt.js';
import { chunkBytes, sealedChunkBytes } from '../../../src/trust/age/payload-chunk.js';
import { wrapFileKey } from '../../../src/trust/age/recipient-stanza.js';
import { counting, flipped, forge, forgedFileKey, type Opened, open, ours, sample, seal, theirs } from './sample.js';

// Three full chunks and a short one.
const text = sample(3 * chunkBytes + 1000);
const file = seal(text, [theirs.recipient, ours.recipient]);
const payloadAt = file.length - (3 * sealedChunkBytes + 1016);
const frontBytes = payloadAt - 16;
const starts = [0, 1, 2, 3].map((index) => payloadAt + index * sealedChunkBytes);

const toUs = wrapFileKey(forgedFileKey, ours.recipient, counting());

/** Whatever comes out is the text or zeros, at its place. */
async function openDamaged(damaged: Uint8Array, pieceBytes?: number): Promise<Opened> {
  const opened = await open(damaged, ours, pieceBytes);
  assert.ok(opened.damage.length > 0, 'the damage went unnoticed');
  for (let at = 0; at < opened.text.length; at += chunkBytes) {
    const chunk = opened.text.subarray(at, at + chunkBytes);
    const isText = chunk.equals(text.subarray(at, at + chunk.length));
    assert.ok(isText || chunk.every((byte) => byte === 0), `bytes at ${at} are neither`);
  }
  return opened;
}

/** The text with these chunks as zeros. */
function without(...chunks: readonly number[]): Buffer {
  const result = Buffer.from(text);
  for (const index of chunks) result.subarray(index * chunkBytes, (index + 1) * chunkBytes).fill(0);
  return result;
}

describe('a damaged header', () => {
  it('is refused, whichever byte it is', async () => {
    const lines = file.toString('latin1', 0, frontBytes).split('\n');
    assert.equal(lines.length, 7);
    for (let at = 0; at < frontBytes; at++) {
      for (const mask of [0xff, 0x01]) {
        const damaged = Buffer.from(file.subarray(0, payloadAt + 100));
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        await assert.rejects(open(damaged), (error) => {
          assert.ok(error instanceof Failure, String(error));
          // A kind, or the body for us, that is another one now is no damage that could be told from a file for others.
          const codes = ['bundle-damaged', 'bundle-not-for-us', 'bundle-not-understood'];
          assert.ok(codes.includes(error.code), error.message);
          return true;
        });
      }
    }
  });

  it('is damage where our own stanza still opens', async () => {
    const theirStanza = file.indexOf('\n-> ') + 20;
    const mac = file.indexOf('\n--- ') + 10;
    for (const at of [theirStanza, mac]) {
      const damaged = Buffer.from(file);
      damaged[at] = damaged[at] === 0x41 ? 0x42 : 0x41; // another letter
      await assert.rejects(open(damaged), { code: 'bundle-damaged', message: /changed after it was sealed/ });
    }
  });

  it('that was cut off is refused, wherever', async () => {
    for (let cut = 0; cut < payloadAt; cut++) {
      await assert.rejects(open(file.subarray(0, cut)), { code: 'bundle-damaged' }, `cut at ${cut}`);
    }
  });
});

describe('a damaged chunk', () => {
  it('becomes zeros, and the others are read', async () => {
    for (const [index, start] of starts.entries()) {
      const length = index < 3 ? sealedChunkBytes : 1016;
      for (const at of [0, 1, length >> 1, length - 17, length - 16, length - 1]) {
        const what = index < 3 ? 'a chunk is damaged' : 'the last chunk is damaged or cut off';
        const expected = { text: without(index), damage: [{ what, atByte: start }] };
        assert.deepEqual(await openDamaged(flipped(file, start + at)), expected);
        assert.deepEqual(await openDamaged(flipped(file, start + at), 9973), expected);
      }
    }
  });

  it('is told each time', async () => {
    const damaged = flipped(flipped(flipped(file, starts[0] ?? 0), starts[2] ?? 0), -1);
    const opened = await openDamaged(damaged);
    assert.deepEqual(opened.text, without(0, 2, 3));
    assert.deepEqual(
      opened.damage.map(({ atByte }) => atByte),
      [starts[0], starts[2], starts[3]],
    );
  });

  it('is each one, where the nonce of the payload is damaged', async () => {
    const opened = await openDamaged(flipped(file, frontBytes));
    assert.deepEqual(opened.text, Buffer.alloc(text.length));
    assert.equal(opened.damage.length, 4);
  });

  it('is one that was put in another place', async () => {
    const [first = 0, second = 0, third = 0] = starts;
    const swapped = Buffer.concat([
      file.subarray(0, first),
      file.subarray(second, third),
      file.subarray(first, second),
      file.subarray(third),
    ]);
    assert.deepEqual((await openDamaged(swapped)).text, without(0, 1));
    const doubled = Buffer.concat([file.subarray(0, second), file.subarray(first)]);
    const opened = await open(doubled);
    assert.deepEqual(opened.text.subarray(0, chunkBytes), text.subarray(0, chunkBytes));
    assert.ok(opened.text.subarray(chunkBytes).every((byte) => byte === 0));
    assert.equal(opened.damage.length, 4);
    const other = seal(sample(text.length), [ours.recipient]);
    const foreign = Buffer.concat([
      file.subarray(0, second),
      other.subarray(-(file.length - second), -(file.length - third)),
      file.subarray(third),
    ]);
    assert.deepEqual((await openDamaged(foreign)).text, without(1));
  });
});

describe('a file that was cut off', () => {
  it('gives what lies before the cut, and says so', async () => {
    const cuts = starts.flatMap((start) => [start, start + 1, start + 15, start + 16, start + 17, start + 900]);
    for (const cut of [...cuts, file.length - 1]) {
      const { text: opened, damage } = await openDamaged(file.subarray(0, cut));
      const wholeBytes = Math.floor((cut - payloadAt) / sealedChunkBytes) * chunkBytes;
      const zeros = Math.max(0, ((cut - payloadAt) % sealedChunkBytes) - 16);
      assert.deepEqual(opened, Buffer.concat([text.subarray(0, wholeBytes), Buffer.alloc(zeros)]), `cut at ${cut}`);
      assert.equal(damage.length, 1);
      assert.match(damage[0]?.what ?? '', /cut off/);
    }
  });

  it('between two chunks gives the whole one before', async () => {
    assert.deepEqual(await openDamaged(file.subarray(0, starts[2])), {
      text: text.subarray(0, 2 * chunkBytes),
      damage: [{ what: 'the file is cut off: more chunks should follow', atByte: starts[1] }],
    });
  });
});

describe('bytes behind the end', () => {
  it('are told, behind a full chunk, and nothing of them is given', async () => {
    const full = text.subarray(0, 2 * chunkBytes);
    const sealed = seal(full);
    for (const surplus of [1, 15, 16, 17, 1000, 3 * sealedChunkBytes]) {
      const opened = await open(Buffer.concat([sealed, sample(surplus)]));
      assert.deepEqual(opened.text, full);
      assert.deepEqual(
        opened.damage.map(({ what }) => what),
        ['something follows the last chunk'],
      );
    }
  });

  it('spoil a short chunk, whose end cannot be told', async () => {
    for (const surplus of [1, 16, 1000]) {
      const { damage } = await open(Buffer.concat([file, sample(surplus)]));
      assert.deepEqual(damage, [{ what: 'the last chunk is damaged or cut off', atByte: starts[3] }]);
    }
    const { damage } = await open(Buffer.concat([file, sample(2 * sealedChunkBytes)]));
    assert.equal(damage.length, 3);
  });

  it('are told, also where they are only an empty chunk', async () => {
    const chunk = { text: text.subarray(0, chunkBytes), isLast: false };
    const empty = { text: Buffer.alloc(0), isLast: true };
    const opened = await open(forge([toUs], [chunk, empty]));
    assert.deepEqual(opened.text, chunk.text);
    assert.deepEqual(
      opened.damage.map(({ what }) => what),
      ['the last chunk is empty'],
    );
    assert.deepEqual(await open(forge([toUs], [empty])), { text: Buffer.alloc(0), damage: [] });
  });
});

describe('chunks that are marked wrong', () => {
  const full = { text: text.subarray(0, chunkBytes), isLast: true };
  const short = { text: text.subarray(0, 1000), isLast: false };

  it('end the text where one says that it is the last', async () => {
    const opened = await open(forge([toUs], [full, full]));
    assert.deepEqual(opened.text, full.text);
    assert.deepEqual(
      opened.damage.map(({ what }) => what),
      ['something follows the last chunk'],
    );
  });

  it('are damaged where a short one says that it is not the last', async () => {
    const opened = await open(forge([toUs], [{ ...full, isLast: false }, short]));
    assert.deepEqual(opened.text, Buffer.concat([full.text, Buffer.alloc(1000)]));
    assert.deepEqual(
      opened.damage.map(({ what }) => what),
      ['the last chunk is damaged or cut off'],
    );
  });
});

describe('a source that fails', () => {
  it('passes its failure on', async () => {
    const pieces = [file.subarray(0, starts[1])];
    const failing = async () => {
      const piece = pieces.shift();
      if (piece === undefined) throw new Failure('medium-lost', 'the stick was removed');
      return piece;
    };
    const next = await openAge(failing, [ours], { name: 'sealed.age', onDamage: assert.fail });
    await assert.rejects(next(), { code: 'medium-lost' });
  });
});
