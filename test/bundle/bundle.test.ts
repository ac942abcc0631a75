import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { OutgoingText, Progress } from '../../src/bundle/format/bundle-contents.js';
import { openBundle, verifyRecords } from '../../src/bundle/read/open-bundle.js';
import { imprintOf } from '../../src/bundle/read/quick-file-hash.js';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { casesTried, isThorough } from '../thoroughness.js';
import { front } from './news-arbitrary.js';
import { contentsOf, inPieces, message, newsOf, outgoing, plainKeys, preambleOf, readAll, written } from './sample.js';

const texts = [message(1), message(2, 5000), message(3, 40), Buffer.from('')];

function scratch(t: { after(clean: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-bundle-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function byGuid(all: readonly Uint8Array[]): Map<string, Buffer> {
  return new Map(all.map((text) => [guidOfCanonical(text), Buffer.from(text)]));
}

describe('a bundle', () => {
  test('says what it was given, and brings its texts', async () => {
    const contents = contentsOf(texts, {
      to: ['b'.repeat(32)],
      wanted: ['0'.repeat(64)],
      heard: new Map([['b'.repeat(32), [[1, 9]]]]),
      witnessed: new Map([['b'.repeat(32), [{ number: 9, digest: '0'.repeat(32) }]]]),
    });
    const { bytes, receipt } = await written(contents);
    const { bundle, texts: arrived, damage } = await readAll(inPieces(bytes, 1000));
    assert.deepEqual(bundle.preamble, contents.preamble);
    assert.deepEqual(bundle.news, [...contents.news]);
    assert.deepEqual(arrived, byGuid(texts));
    assert.deepEqual(damage, []);
    assert.deepEqual(bundle.troubles, []);
    assert.deepEqual(bundle.manifest.announced, { texts: 4, bytes: receipt.textBytes });
    assert.equal(receipt.sizeBytes, bytes.length);
    assert.equal(receipt.records, 4);
    assert.equal(receipt.texts, 4);
    assert.deepEqual(receipt.left, []);
  });

  test('whatever its front says comes back', async () => {
    await fc.assert(
      fc.asyncProperty(front, async (contents) => {
        const { bytes } = await written({ ...contents, texts: [] });
        const { bundle, damage } = await readAll(inPieces(bytes, 4096));
        assert.deepEqual(bundle.preamble, contents.preamble);
        assert.deepEqual(bundle.news, contents.news);
        assert.deepEqual([...bundle.troubles, ...damage], []);
      }),
      { numRuns: casesTried(50) },
    );
  });

  test('is read the same byte by byte, and with pauses', async () => {
    const { bytes } = await written(contentsOf(texts));
    async function* haltingly(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(bytes, 1)) {
        yield piece;
        yield new Uint8Array(0);
      }
    }
    const { bundle, texts: arrived, damage } = await readAll(haltingly());
    assert.deepEqual(bundle.news, [newsOf('INBOX', texts)]);
    assert.deepEqual(arrived, byGuid(texts));
    assert.deepEqual(damage, []);
  });

  test('has the same bytes whenever it is written, by however many threads', async () => {
    const many = Array.from({ length: 300 }, (_, index) => message(index, 20_000));
    const once = await written(contentsOf(many), { threads: 0 });
    const again = await written(contentsOf(many), { threads: 3 });
    assert.ok(once.bytes.equals(again.bytes));
    assert.deepEqual(once.receipt, again.receipt);
  });

  test('may say nothing but what was received', async () => {
    const { bytes } = await written({ preamble: preambleOf([]), news: [], texts: [] });
    const { bundle, texts: arrived, damage } = await readAll(inPieces(bytes, 100));
    assert.deepEqual(bundle.news, []);
    assert.deepEqual([...arrived, ...damage], []);
  });

  test('of many small mailboxes does not take a frame for each', async () => {
    const news = Array.from({ length: 500 }, (_, index) => newsOf(`Lists/${index}`, []));
    const { bytes, frames } = await written({ preamble: preambleOf(news), news, texts: [] });
    assert.ok(frames.length <= 258, `${frames.length} frames`);
    assert.deepEqual((await readAll(inPieces(bytes, 10_000))).bundle.news, news);
  });

  test('shows its manifest for the price of its first frame', async () => {
    const { bytes, frames } = await written(contentsOf(texts));
    const [first] = frames;
    let asked = 0;
    async function* counting(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(bytes, 64)) {
        asked += piece.length;
        yield piece;
      }
    }
    const bundle = await openBundle(counting());
    assert.equal(bundle.preamble.number, 42);
    assert.ok(first !== undefined && asked < first.length + 200, `${asked} bytes`);
    await verifyRecords(bundle);
    assert.ok(asked < bytes.length, 'the texts were not read');
    await bundle.close();
    await bundle.close();
  });

  test('has the imprint of its receipt, and another one when it was cut or lengthened', async (t) => {
    const path = join(scratch(t), 'home-000042.tar.zst');
    for (const sizes of [[40], [100_000, 100_000, 300_000]]) {
      const { bytes, receipt } = await written(contentsOf(sizes.map((size, index) => message(index, size))));
      writeFileSync(path, bytes);
      assert.equal(await imprintOf(path), receipt.imprint);
      truncateSync(path, bytes.length - 1);
      assert.notEqual(await imprintOf(path), receipt.imprint);
      writeFileSync(path, Buffer.concat([bytes, Buffer.from([0])]));
      assert.notEqual(await imprintOf(path), receipt.imprint);
    }
    await assert.rejects(imprintOf(`${path}.not`), { code: 'medium-absent' });
  });
});

describe('large texts', () => {
  test('of many MiB go over many frames and come back', async () => {
    const mebibytes = isThorough ? 20 : 6;
    const large = message(7, mebibytes << 20);
    const { bytes, frames } = await written(contentsOf([texts[0] as Buffer, large, texts[1] as Buffer]), {
      threads: 2,
    });
    assert.ok(frames.length > mebibytes);
    const { texts: arrived, damage } = await readAll(inPieces(bytes, 1 << 20), { threads: 2 });
    assert.deepEqual(
      [...arrived.keys()],
      [texts[0], large, texts[1]].map((text) => guidOfCanonical(text as Buffer)),
    );
    assert.deepEqual(damage, []);
  });
});

describe('texts that cannot be sent', () => {
  test('are read by their file, with CRLF folded, and else asked for', async (t) => {
    const directory = scratch(t);
    const [one, two, three] = [message(1, 3000), message(2, 3000), message(3, 3000)];
    const asked: string[] = [];
    const put = (name: string, text: Buffer, file: Buffer | null): OutgoingText => {
      const path = join(directory, name);
      if (file !== null) writeFileSync(path, file);
      const read = async (): Promise<Uint8Array> => {
        asked.push(name);
        return text;
      };
      return { guid: guidOfCanonical(text), sizeBytes: text.length, file: path, read };
    };
    const crlf = Buffer.from(one.toString().replaceAll('\n', '\r\n'));
    const contents = {
      ...contentsOf([one, two, three]),
      texts: [put('one', one, crlf), put('two', two, null), put('three', three, Buffer.from('altered'))],
    };
    for (const threads of [0, 2]) {
      asked.length = 0;
      const { bytes, receipt } = await written(contents, { threads });
      assert.deepEqual(asked.sort(), ['three', 'two']);
      assert.deepEqual(receipt.left, []);
      const { texts: arrived, damage } = await readAll(inPieces(bytes, 5000));
      assert.deepEqual(arrived, byGuid([one, two, three]));
      assert.deepEqual(damage, []);
    }
  });

  test('are left out and named; the rest goes', async () => {
    const [one, two, three] = [message(1), message(2), message(3)];
    const lost = new Failure('store-damaged', 'it is gone');
    const contents = contentsOf([one, two, three]);
    const unreadable: OutgoingText = {
      ...outgoing(one),
      read: async () => {
        throw lost;
      },
    };
    const altered: OutgoingText = { ...outgoing(three), read: async () => Buffer.from('something else') };
    const huge: OutgoingText = { ...outgoing(message(4)), sizeBytes: 2 ** 40 };
    const { bytes, receipt } = await written({ ...contents, texts: [unreadable, outgoing(two), altered, huge] });
    assert.equal(receipt.texts, 1);
    assert.deepEqual(
      receipt.left.map(({ subject }) => subject).sort(),
      [one, three, message(4)].map((text) => guidOfCanonical(text)).sort(),
    );
    assert.ok(receipt.left.some(({ failure }) => failure === lost));
    const { texts: arrived, damage } = await readAll(inPieces(bytes, 5000));
    assert.deepEqual(arrived, byGuid([two]));
    assert.deepEqual(damage, [], 'a text that was never sent is no damage');
  });

  test('may be all there are', async () => {
    const [one] = [message(1)];
    const gone = { ...outgoing(one), read: async () => Buffer.from('something else') };
    const { bytes, receipt } = await written({ ...contentsOf([one]), texts: [gone] });
    assert.equal(receipt.texts, 0);
    assert.deepEqual((await readAll(inPieces(bytes, 5000))).damage, []);
  });
});

describe('writing', () => {
  test('tells how far it is, and ends with everything', async () => {
    const many = Array.from({ length: 50 }, (_, index) => message(index, 100_000));
    const seen: Progress[] = [];
    const { receipt } = await written(contentsOf(many), { threads: 2, onProgress: (progress) => seen.push(progress) });
    const total = { totalBytes: receipt.textBytes, totalMessages: 50 };
    assert.deepEqual(seen.at(-1), { doneBytes: receipt.textBytes, doneMessages: 50, ...total });
    assert.ok(seen.length > 4);
    assert.ok(seen.every((one, index) => index === 0 || one.doneBytes >= (seen[index - 1]?.doneBytes ?? 0)));
  });

  test('stops when it is told to, with the reason given', async () => {
    const stop = new AbortController();
    const reason = new Failure('interrupted', 'stopped');
    const many = Array.from({ length: 50 }, (_, index) => message(index, 100_000));
    const writing = written(contentsOf(many), {
      threads: 2,
      signal: stop.signal,
      onProgress: ({ doneMessages }) => {
        if (doneMessages > 10) stop.abort(reason);
      },
    });
    await assert.rejects(writing, reason);
  });

  test('fails as the place it writes to fails', async () => {
    const { writeBundle } = await import('../../src/bundle/write/write-bundle.js');
    const full = new Failure('medium-full', 'full');
    let room = 3;
    const sink = {
      async write(): Promise<void> {
        room--;
        if (room === 0) throw full;
      },
    };
    const many = Array.from({ length: 50 }, (_, index) => message(index, 100_000));
    await assert.rejects(writeBundle(contentsOf(many), sink, plainKeys, { threads: 2 }), full);
  });

  test('never has more under way than a few frames', async () => {
    let waiting = 0;
    let most = 0;
    const text = message(1, 900_000);
    const many = Array.from({ length: 60 }, (_, index) => {
      const own = Buffer.concat([Buffer.from(`${index}\n`), text]);
      return {
        ...outgoing(own),
        read: async () => {
          waiting++;
          most = Math.max(most, waiting);
          return own;
        },
      };
    });
    const { writeBundle } = await import('../../src/bundle/write/write-bundle.js');
    const sink = {
      async write(): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 2));
        waiting = Math.max(0, waiting - 1);
      },
    };
    const news = [newsOf('INBOX', [])];
    await writeBundle({ preamble: preambleOf(news), news, texts: many }, sink, plainKeys, { threads: 2 });
    assert.ok(most <= 12, `${most} texts were read ahead of what was written`);
  });
});

describe('reading', () => {
  test('takes no more of the file than it can pass on', async () => {
    const noise = randomBytes(1_000_000);
    const many = Array.from({ length: 80 }, (_, index) => Buffer.concat([Buffer.from(`${index}\n`), noise]));
    const { bytes, frames } = await written(contentsOf(many), { threads: 2 });
    const largest = Math.max(...frames.map(({ length }) => length));
    let asked = 0;
    async function* counting(): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(bytes, 100_000)) {
        asked += piece.length;
        yield piece;
      }
    }
    const bundle = await openBundle(counting(), { threads: 2 });
    const verified = await verifyRecords(bundle);
    let taken = 0;
    for await (const { text } of verified.texts()) {
      taken += text.length;
      assert.ok(asked <= taken + 12 * largest, `${asked} read, ${taken} taken`);
      if (taken > 40_000_000) break;
    }
    await bundle.close();
  });

  test('of what is not there, or cannot be read, says so', async (t) => {
    const directory = scratch(t);
    await assert.rejects(openBundle(join(directory, 'none.tar.zst')), { code: 'medium-absent' });
    await assert.rejects(openBundle(directory), { code: 'io' });
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from([0x28]);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    }
    await assert.rejects(openBundle(failing()), { code: 'medium-lost' });
  });
});
