import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { type Container, containerOf } from '../../../src/mail/packed/container-kinds.js';
import { unpack, unpacked } from '../../../src/mail/packed/unpack.js';

const letter = Buffer.from('Subject: one\nMessage-ID: <1@example.org>\n\nText.\n');

/** Text that does not compress well, as attachments are. */
function attachment(bytes: number): Buffer {
  let text = 'Subject: large\n\n';
  for (let n = 0; text.length < bytes; n++) text += `${createHash('sha512').update(`${n}`).digest('base64')}\n`;
  return Buffer.from(text);
}

function packedBy(program: string, args: readonly string[], content: Uint8Array): Buffer {
  return execFileSync(program, args, { input: content, maxBuffer: 1 << 30 });
}

const packers: Readonly<Record<'gzip' | 'zstd', (content: Uint8Array) => Buffer>> = {
  gzip: (content) => gzipSync(content),
  zstd: (content) => packedBy('zstd', ['-c', '-q', '--no-check'], content),
};

/** In pieces of that many bytes. */
function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function taken(container: Container, pieces: Iterable<Uint8Array>, bytesMax?: number) {
  const parts: Buffer[] = [];
  const how = { take: (piece: Uint8Array) => void parts.push(Buffer.from(piece)) };
  const problem = await unpack(container, pieces, bytesMax === undefined ? how : { ...how, bytesMax });
  return { problem, text: Buffer.concat(parts) };
}

describe('what content is packed in', () => {
  const marked: readonly (readonly [string, Container | null])[] = [
    ['\x1f\x8b', 'gzip'],
    ['\x1f', null],
    ['\x28\xb5\x2f\xfd', 'zstd'],
    ['\x28\xb5\x2f', null],
    ['BZh1', 'bzip2'],
    ['BZh91AY&SY', 'bzip2'],
    ['BZh0', null],
    ['BZh', null],
    ['\xfd7zXZ\0', 'xz'],
    ['\xfd7zXZ', null],
    ['Dovecot-LZ4\x0d\x2a\x9b\xc5', 'lz4'],
    ['Dovecot-LZ4: a header field', null],
    ['\x04\x22\x4d\x18', 'lz4'],
    ['CRYPTED\x03\x07', 'mail_crypt'],
    ['CRYPTED: a header field', null],
    ['', null],
    ['Subject: \x1f\x8b', null],
    ['\n\x1f\x8b', null],
  ];
  for (const [beginning, container] of marked) {
    test(`${JSON.stringify(beginning)} is ${container ?? 'plain'}`, () => {
      assert.equal(containerOf(Buffer.from(beginning, 'latin1')), container);
    });
  }

  for (const [program, args, container] of [
    ['gzip', ['-c'], 'gzip'],
    ['zstd', ['-c', '-q'], 'zstd'],
    ['bzip2', ['-c'], 'bzip2'],
    ['xz', ['-c'], 'xz'],
    ['lz4', ['-c', '-q'], 'lz4'],
  ] as const) {
    test(`what ${program} writes is ${container}, also of nothing`, () => {
      assert.equal(containerOf(packedBy(program, args, letter)), container);
      assert.equal(containerOf(packedBy(program, args, Buffer.alloc(0))), container);
    });
  }
});

for (const container of ['gzip', 'zstd'] as const) {
  const pack = packers[container];
  describe(`unpacking ${container}`, () => {
    test('gives the text, whatever the pieces', async () => {
      const text = attachment(40_000);
      for (const size of [1, 7, 4096, 1 << 20]) {
        assert.deepEqual(await taken(container, cut(pack(text), size)), { problem: null, text }, `pieces of ${size}`);
      }
    });

    test('gives a text larger than what is kept in memory for it', async () => {
      const text = Buffer.alloc(18 << 20, attachment(1 << 20));
      const found = await taken(container, cut(pack(text), 1 << 20));
      assert.equal(found.problem, null);
      assert.ok(found.text.equals(text));
    });

    test('gives all members and frames', async () => {
      const [one, two] = [Buffer.from('Subject: one\n\n'), attachment(30_000)];
      const file = Buffer.concat([pack(one), pack(Buffer.alloc(0)), pack(two)]);
      for (const size of [3, 1 << 20]) {
        const found = await taken(container, cut(file, size));
        assert.deepEqual(found, { problem: null, text: Buffer.concat([one, two]) });
      }
    });

    test('gives nothing for nothing', async () => {
      assert.deepEqual(await unpacked(pack(Buffer.alloc(0))), Buffer.alloc(0));
    });

    test('refuses a file that was cut off anywhere', async () => {
      const file = pack(letter);
      for (let length = 4; length < file.length; length++) {
        const { problem } = await taken(container, [file.subarray(0, length)]);
        assert.equal(problem, 'broken', `the first ${length} of ${file.length} bytes`);
      }
    });

    test('refuses a second member or frame that was cut off', async () => {
      const file = pack(letter);
      for (const length of [1, 2, 4, 6, file.length - 1]) {
        const { problem } = await taken(container, [Buffer.concat([file, file.subarray(0, length)])]);
        assert.equal(problem, 'broken', `with ${length} bytes of a second`);
      }
    });

    test('refuses what follows its end: garbage, zeros, and more behind zeros', async () => {
      const file = pack(letter);
      for (const behind of [Buffer.from('garbage'), Buffer.from('g'), Buffer.alloc(20), Buffer.alloc(1)]) {
        for (const size of [5, 1 << 20]) {
          assert.equal((await taken(container, cut(Buffer.concat([file, behind]), size))).problem, 'broken');
        }
        const withMore = Buffer.concat([file, behind, file]);
        assert.equal((await taken(container, [withMore])).problem, 'broken');
      }
    });

    test('stops at the limit, and takes what just fits', async () => {
      const zeros = Buffer.alloc(30 << 20);
      const file = pack(zeros);
      assert.equal((await taken(container, [file], zeros.length)).problem, null);
      const { problem, text } = await taken(container, [file], zeros.length - 1);
      assert.equal(problem, 'too-large');
      assert.ok(text.length < zeros.length);
    });

    test('refuses something packed in it', async () => {
      for (const inner of [pack(letter), Buffer.from('BZh9'), Buffer.from('CRYPTED\x03\x07', 'latin1')]) {
        assert.deepEqual(await unpacked(pack(inner)), { container, problem: 'nested' });
      }
    });

    test('a broken file before does no harm', async () => {
      await taken(container, [pack(letter).subarray(0, 20)]);
      assert.deepEqual((await taken(container, [pack(letter)])).text, letter);
    });
  });
}

test('a gzip file whose checksum or size is wrong is broken', async () => {
  for (const at of [8, 4]) {
    const file = gzipSync(letter);
    file[file.length - at] = (file[file.length - at] ?? 0) ^ 1;
    assert.deepEqual(await unpacked(file), { container: 'gzip', problem: 'broken' });
  }
});

test('a zstd file whose checksum is wrong is broken', async () => {
  const file = packedBy('zstd', ['-c', '-q', '--check'], letter);
  file[file.length - 1] = (file[file.length - 1] ?? 0) ^ 1;
  assert.deepEqual(await unpacked(file), { container: 'zstd', problem: 'broken' });
});

test('a gzip header with name, comment and extra field is read', async () => {
  const flags = 0x04 | 0x08 | 0x10;
  const trailer = gzipSync(letter).subarray(-8);
  const header = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2, ...Buffer.from('name\0comment\0')];
  assert.deepEqual(await unpacked(Buffer.concat([Buffer.from(header), deflateRawSync(letter), trailer])), letter);
});

describe('windows of zstd', () => {
  const levels = [['-1'], ['-19'], ['--ultra', '-22'], ['--long=27', '-1']];
  for (const args of levels) {
    test(`a message written with ${args.join(' ')} is read, from a pipe as from a file`, async () => {
      const text = attachment(400_000);
      const file = packedBy('zstd', ['-c', '-q', ...args], text);
      assert.deepEqual(await unpacked(file), text);
      const sized = packedBy('zstd', ['-c', '-q', ...args, `--stream-size=${text.length}`], text);
      assert.deepEqual(await unpacked(sized), text);
    });
  }

  test('one as large as the largest window is read; one that may reach back further is not', async () => {
    const text = attachment(8 << 20).subarray(0, 8 << 20);
    const long = ['-c', '-q', '-1', '--long=27'];
    const found = await unpacked(packedBy('zstd', long, text));
    assert.ok(found instanceof Uint8Array && text.equals(found));
    const larger = Buffer.concat([text, text.subarray(0, 1000)]);
    for (const args of [long, [...long, `--stream-size=${larger.length}`]]) {
      assert.deepEqual(await unpacked(packedBy('zstd', args, larger)), { container: 'zstd', problem: 'too-large' });
    }
  });

  test('frames that are to be skipped are skipped behind the first, and nothing comes of them', async () => {
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const empty = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    const frame = packers.zstd(letter);
    for (const size of [1, 1 << 20]) {
      const file = Buffer.concat([frame, skippable, empty, frame, skippable]);
      assert.deepEqual(await taken('zstd', cut(file, size)), { problem: null, text: Buffer.concat([letter, letter]) });
    }
    assert.equal((await taken('zstd', [Buffer.concat([frame, skippable.subarray(0, 9)])])).problem, 'broken');
  });

  test('a frame that wants a dictionary is broken', async () => {
    const file = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 5, 0x29, 0, 0, 1, 2, 3, 4, 5]);
    assert.deepEqual(await unpacked(file), { container: 'zstd', problem: 'broken' });
  });

  test('blocks that each repeat a byte do not fill the memory at once', async () => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
    const block = Buffer.from([0x02, 0x00, 0x10, 0x41]); // 128 KiB of A; not the last
    const blocks = Buffer.concat(Array.from({ length: 20_000 }, () => block));
    let largest = 0;
    let bytes = 0;
    const take = (piece: Uint8Array): void => {
      bytes += piece.length;
      largest = Math.max(largest, piece.length);
    };
    assert.equal(await unpack('zstd', [Buffer.concat([header, blocks])], { take, bytesMax: 10 << 20 }), 'too-large');
    assert.ok(bytes <= 10 << 20);
    assert.ok(largest <= 1 << 20, `a piece has ${largest} bytes`);
  });
});

for (const container of ['bzip2', 'xz', 'lz4', 'mail_crypt'] as const) {
  test(`${container} is not read`, async () => {
    assert.equal((await taken(container, [letter])).problem, 'unread');
  });
}
