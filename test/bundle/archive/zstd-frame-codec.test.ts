import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { availableCodecs, openCodec } from '../../../src/bundle/archive/open-zstd-codec.js';
import type { FrameCodec } from '../../../src/bundle/archive/zstd-frame-codec.js';
import { findFrameEnd, parseFrameHeader } from '../../../src/bundle/archive/zstd-frame-header.js';
import { frameBytesMax, frameContentBytesMax } from '../../../src/bundle/format/bundle-limits.js';
import { message } from '../sample.js';

const mail = message(1, 100_000);
const damaged = { code: 'bundle-damaged' };

/** A frame by the zstd program, with these options; `-` in a pipe writes no content size, a file does. */
function zstd(bytes: Uint8Array, ...options: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...options], { input: bytes, maxBuffer: 1 << 30 });
}

/** One suite for every codec there is: they fail differently, and must not. */
for (const name of availableCodecs()) {
  describe(`frames by the ${name} codec`, () => {
    let codec: FrameCodec;
    let frame: Buffer;
    before(async () => {
      codec = await openCodec(name);
      frame = Buffer.from(codec.compressFrame(mail));
    });
    const decode = (bytes: Uint8Array, sizeBytesMax = frameContentBytesMax): Uint8Array =>
      codec.decompressFrame(bytes, sizeBytesMax);

    test('come back as they were, of any size', () => {
      for (const size of [1, 2, 100, 255, 256, 65_791, 65_792, 1 << 17, (1 << 20) + 1, frameContentBytesMax]) {
        for (const bytes of [Buffer.alloc(size, 'ab'), randomBytes(size)]) {
          const made = codec.compressFrame(bytes);
          assert.ok(made.length <= frameBytesMax);
          assert.ok(Buffer.from(decode(made)).equals(bytes), `${size} bytes`);
        }
      }
    });

    test('are read by the zstd program, and its frames here', () => {
      assert.deepEqual(execFileSync('zstd', ['-dcq'], { input: frame }), mail);
      for (const options of [[], ['--check'], ['-19'], ['--fast=3']]) {
        const made = zstd(mail, `--stream-size=${mail.length}`, ...options);
        assert.deepEqual(Buffer.from(decode(made)), mail);
      }
    });

    test('compress what other codecs read', async () => {
      for (const other of availableCodecs()) {
        assert.deepEqual(Buffer.from((await openCodec(other)).decompressFrame(frame, frameContentBytesMax)), mail);
      }
    });

    test('are refused when cut off anywhere', () => {
      for (const length of [0, 1, 3, 4, 5, 6, 8, 9, 12, 100, frame.length >> 1, frame.length - 1]) {
        assert.throws(() => decode(frame.subarray(0, length)), damaged, `${length} bytes`);
      }
    });

    test('with flipped bits are refused or give as many bytes as they say', () => {
      for (let at = 0; at < frame.length; at += 97) {
        const flipped = Buffer.from(frame);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        try {
          const { length } = decode(flipped);
          const header = parseFrameHeader(flipped);
          assert.ok(typeof header === 'object' && 'contentBytes' in header);
          assert.equal(length, header.contentBytes);
        } catch (error) {
          assert.equal((error as { code?: unknown }).code, 'bundle-damaged', String(error));
        }
      }
      assert.deepEqual(Buffer.from(decode(frame)), mail, 'the codec still works');
    });

    test('with something behind them are refused', () => {
      assert.throws(() => decode(Buffer.concat([frame, Buffer.from([0])])), damaged);
      assert.throws(() => decode(Buffer.concat([frame, frame])), damaged);
    });

    test('that say no size are refused', () => {
      const unsized = zstd(mail, '--no-content-size');
      const header = parseFrameHeader(unsized);
      assert.ok(typeof header === 'object' && 'refused' in header);
      assert.throws(() => decode(unsized), damaged);
    });

    test('that are to be skipped are refused', () => {
      const skippable = Buffer.alloc(20);
      skippable.writeUInt32LE(0x184d2a50, 0);
      skippable.writeUInt32LE(12, 4);
      assert.throws(() => decode(skippable), damaged);
      assert.throws(() => decode(Buffer.concat([skippable, frame])), damaged);
    });

    test('that hold nothing are refused, and not made', () => {
      assert.throws(() => decode(Buffer.from('28b52ffd2000010000', 'hex')), damaged);
      assert.throws(() => codec.compressFrame(new Uint8Array(0)), { code: 'internal' });
      assert.throws(() => codec.compressFrame(new Uint8Array(frameContentBytesMax + 1)), { code: 'internal' });
    });

    test('that would fill the memory are refused before anything is decoded', () => {
      const zeros = Buffer.alloc(64 << 20);
      const bomb = zstd(zeros, `--stream-size=${zeros.length}`);
      assert.ok(bomb.length < 10_000);
      assert.throws(() => decode(bomb), damaged);
      // The header says little, the blocks hold much.
      const lying = Buffer.concat([Buffer.from('28b52ffd20ff', 'hex'), bomb.subarray(headerBytesOf(bomb))]);
      assert.throws(() => decode(lying), damaged);
      assert.throws(() => decode(frame, mail.length - 1), damaged, 'more than was expected');
    });

    test('that need a larger window or a dictionary are refused', () => {
      const wide = Buffer.from(frame);
      // Not a single segment: a window descriptor of 16 MiB, then the same size in four bytes.
      const header = Buffer.from('28b52ffd8070', 'hex');
      const size = Buffer.alloc(4);
      size.writeUInt32LE(mail.length);
      assert.throws(() => decode(Buffer.concat([header, size, wide.subarray(headerBytesOf(frame))])), damaged);
      wide[4] = (wide[4] ?? 0) | 1;
      assert.throws(() => decode(wide), damaged);
    });
  });
}

describe('the end of a frame', () => {
  test('is found from its block headers alone', async () => {
    const codec = await openCodec('wasm');
    for (const size of [1, 1000, 1 << 20]) {
      const frame = Buffer.from(codec.compressFrame(randomBytes(size)));
      const header = parseFrameHeader(frame);
      assert.ok(typeof header === 'object' && 'contentBytes' in header);
      assert.equal(findFrameEnd(Buffer.concat([frame, frame]), header), frame.length);
      assert.equal(findFrameEnd(frame.subarray(0, -1), header), 'short');
    }
  });

  test('is not looked for without end', () => {
    // Empty blocks, none of which is the last.
    const endless = Buffer.alloc(frameBytesMax + 100);
    Buffer.from('28b52ffd2001', 'hex').copy(endless);
    const header = parseFrameHeader(endless);
    assert.ok(typeof header === 'object' && 'contentBytes' in header);
    assert.ok(typeof findFrameEnd(endless, header) === 'object');
  });
});

function headerBytesOf(frame: Buffer): number {
  const [, , , , descriptor = 0] = frame;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  return 5 + (isSingleSegment ? 0 : 1) + (sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag);
}
