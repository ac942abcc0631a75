import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import { Failure } from '../../src/failure.js';
import { type Forgery, forged, forgedTar, headerWith, inFrames, type RawEntry, rawEntry } from './forge.js';
import { one, outcome, refused, textName, textsOf, two } from './format-refusals.js';
import { message } from './sample.js';

// Every MUST of mrepl-bundle(5) on frames, the archive and its end, with a bundle that breaks it and is good in all else.

test('what the forge makes is good as long as nothing is changed', async () => {
  for (const bytes of [await forged(), await forged({ change: () => undefined })]) {
    const read = await outcome(bytes);
    assert.ok(!(read instanceof Failure), String(read));
    assert.deepEqual([...read.damage, ...read.bundle.troubles], []);
    assert.equal(read.bundle.news.length, 1);
    assert.deepEqual([...read.texts.keys()], [one, two]);
  }
});

describe('frames', () => {
  test('may begin anywhere', async () => {
    const tar = await forgedTar();
    for (const width of [1000, 512, 700]) {
      const edges = Array.from({ length: Math.ceil(tar.length / width) - 1 }, (_, index) => (index + 1) * width);
      const read = await outcome(await inFrames(tar, edges));
      assert.ok(!(read instanceof Failure), String(read));
      assert.equal(read.texts.size, 2);
      assert.deepEqual(read.damage, []);
    }
  });

  const zstd = (bytes: Buffer, ...options: string[]): Buffer =>
    execFileSync('zstd', ['-qc', ...options], { input: bytes, maxBuffer: 1 << 30 });

  test('must say how much they hold', async () => {
    await refused(zstd(await forgedTar()), 'bundle-damaged', /does not say how much/);
  });

  test('may have a checksum', async () => {
    const tar = await forgedTar();
    const read = await outcome(zstd(tar, '--check', `--stream-size=${tar.length}`));
    assert.ok(!(read instanceof Failure), String(read));
    assert.deepEqual(read.damage, []);
  });

  test('must not hold more than 4 MiB, nor nothing', async () => {
    const content = message(1, 5 << 20);
    const tar = await forgedTar({ entries: (entries) => entries.splice(2, 2, rawEntry(textName(content), content)) });
    await refused(zstd(tar, `--stream-size=${tar.length}`), 'bundle-damaged', /more than 4194304/);
    const nothing = Buffer.from('28b52ffd2000010000', 'hex');
    await refused(Buffer.concat([nothing, await forged()]), 'bundle-damaged', /holds nothing/);
    await textsOf(Buffer.concat([await forged(), nothing]), [one, two], /follows its end|holds nothing/);
  });

  test('must not be skippable', async () => {
    const skippable = Buffer.alloc(12);
    skippable.writeUInt32LE(0x184d2a50, 0);
    skippable.writeUInt32LE(4, 4);
    await refused(Buffer.concat([skippable, await forged()]), 'bundle-damaged', /does not begin like/);
    await textsOf(Buffer.concat([await forged(), skippable]), [one, two], /follows its end|does not begin like/);
  });

  test('must not need a large window or a dictionary', async () => {
    const codec = await openCodec('wasm');
    const good = Buffer.from(codec.compressFrame(await forgedTar()));
    const headerBytes = good[4] === 0x60 ? 7 : 9;
    const size = Buffer.alloc(4);
    size.writeUInt32LE((await forgedTar()).length);
    const wide = Buffer.concat([Buffer.from('28b52ffd8070', 'hex'), size, good.subarray(headerBytes)]);
    await refused(wide, 'bundle-damaged', /window/);
    good[4] = (good[4] ?? 0) | 1;
    await refused(good, 'bundle-damaged', /dictionary/);
  });

  test('must be all there is', async () => {
    await refused(Buffer.from('PK\u0003\u0004 something else'), 'bundle-damaged', /no bundle/);
    await refused(Buffer.alloc(0), 'bundle-damaged', /it is empty/);
    await textsOf(Buffer.concat([await forged(), Buffer.from('x')]), [one, two], /byte|follows/);
  });
});

describe('the archive', () => {
  const swap =
    (a: number, b: number) =>
    (entries: RawEntry[]): void => {
      const [x, y] = [entries[a], entries[b]];
      if (x !== undefined && y !== undefined) [entries[a], entries[b]] = [y, x];
    };

  test('must have its entries in order', async () => {
    await refused(await forged({ entries: swap(0, 1) }), 'bundle-damaged', /not the first/);
    await refused(await forged({ entries: swap(1, 2) }), 'bundle-damaged', /not where it should be/);
    await textsOf(await forged({ entries: swap(3, 4) }), [one], /is in it|follows its end|speaks of/);
  });

  test('must have all of them', async () => {
    await refused(await forged({ entries: (all) => all.splice(0, 1) }), 'bundle-damaged', /not the first/);
    await refused(await forged({ entries: (all) => all.splice(1, 1) }), 'bundle-damaged', /not where it should be/);
    await textsOf(await forged({ entries: (all) => all.splice(2, 1) }), [two], /speaks of 2 texts.*1 with/);
    await textsOf(await forged({ change: (parts) => (parts.end = null) }), [one, two], /without end\.json/);
  });

  for (const name of [
    '../evil',
    '/etc/passwd',
    'bundle.json',
    'texts/ab/note.txt',
    `texts/00/${'1'.repeat(64)}.eml`,
    '\u001b[2J',
  ]) {
    test(`must not have others, such as ${JSON.stringify(name)}`, async () => {
      await textsOf(
        await forged({ entries: (all) => all.splice(2, 0, rawEntry(name, 'x')) }),
        [one, two],
        /does not belong there/,
      );
    });
  }

  test('must have headers that are right to the byte', async () => {
    const wrong: [number, string][] = [
      [0, '\0'],
      [100, '000644 '],
      [108, '000001 '],
      [116, '000001 '],
      [124, '\x80\0\0\0\0\0\0\0\0\0\0\x01'],
      [136, '00000000001 '],
      [156, '1'], // a hard link
      [156, '2'], // a symbolic link
      [156, '3'], // a device
      [156, '5'], // a directory
      [156, '7'],
      [156, 'x'], // pax
      [156, 'g'], // pax, global
      [156, 'L'], // GNU, a long name
      [156, 'S'], // GNU, sparse
      [156, '\0'],
      [157, 'target'],
      [257, 'ustar  \0'],
      [265, 'root'],
      [329, '000001 '],
      [345, 'prefix'],
      [511, 'x'],
    ];
    for (const [at, bytes] of wrong) {
      const change: Forgery['entries'] = (all) => {
        const [, , text] = all;
        if (text !== undefined) all[2] = { ...text, header: headerWith(text.header, at, bytes) };
      };
      const read = await outcome(await forged({ entries: change }));
      assert.ok(!(read instanceof Failure));
      assert.ok(!read.texts.has(one), `${JSON.stringify(bytes)} at ${at}`);
      assert.match(read.damage[0]?.message ?? '', /does not write|damaged/);
    }
  });

  test('must have checksums that are right', async () => {
    const change: Forgery['entries'] = (all) => {
      const header = Buffer.from(all[0]?.header ?? '');
      header[150] = (header[150] ?? 0) ^ 1;
      if (all[0] !== undefined) all[0] = { ...all[0], header };
    };
    await refused(await forged({ entries: change }), 'bundle-damaged', /does not write/);
  });

  test('must fill entries up with zeros', async () => {
    for (const index of [0, 1, 2]) {
      const change: Forgery['entries'] = (all) => {
        const entry = all[index];
        if (entry !== undefined) all[index] = { ...entry, padding: Buffer.alloc(entry.padding.length, 1) };
      };
      const read = await outcome(await forged({ entries: change }));
      const told = read instanceof Failure ? read : read.damage[0];
      assert.match(told?.message ?? '', /zeros/);
    }
  });

  test('must end with two blocks of zeros, and then end', async () => {
    await textsOf(await forged({ end: Buffer.alloc(512) }), [one, two], /cut off/);
    await textsOf(await forged({ end: Buffer.alloc(1024, 1) }), [one, two], /does not write/);
    await textsOf(await forged({ end: Buffer.alloc(1536) }), [one, two], /follows its end/);
    const second = Buffer.alloc(1024);
    second[1000] = 1;
    await textsOf(await forged({ end: second }), [one, two], /end of its archive/);
  });
});
