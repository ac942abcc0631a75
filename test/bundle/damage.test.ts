import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isEndWhole } from '../../src/bundle/read/is-end-whole.js';
import { Failure } from '../../src/failure.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { startSealing } from '../../src/trust/age/encrypt.js';
import { type AgeRecipient, newAgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { casesTried, isThorough } from '../thoroughness.js';
import { archive, inFrames, rawEntry } from './forge.js';
import { contentsOf, inPieces, message, newsOf, outgoing, preambleOf, type Read, readAll, written } from './sample.js';

// Texts of 300 kB, three to a frame: so every frame from the third on (manifest, records) has texts of its own.
const texts = Array.from({ length: 12 }, (_, index) => message(index, 300_000));
const { bytes, frames } = await written(contentsOf(texts));
const guids = texts.map((text) => guidOfCanonical(text));
const starts = frames.map((_, index) => frames.slice(0, index).reduce((sum, { length }) => sum + length, 0));

/** Reads damaged bytes: either the bundle is refused as damaged, or what is delivered is right and the damage is told. */
async function readDamaged(damaged: Buffer, pieceBytes = 1 << 20): Promise<Read | Failure> {
  try {
    const read = await readAll(inPieces(damaged, pieceBytes), { threads: 0 });
    for (const guid of read.texts.keys()) assert.ok(guids.includes(guid));
    return read;
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    assert.ok(error.code === 'bundle-damaged' || error.code === 'bundle-not-understood', error.message);
    return error;
  }
}

function isRead(outcome: Read | Failure): outcome is Read {
  return !(outcome instanceof Failure);
}

/** The bundle with one byte of a frame, counted from its beginning or end, turned over. */
function flipped(frame: number, at: number): Buffer {
  const result = Buffer.from(bytes);
  const place = (starts[frame] ?? 0) + (at < 0 ? (frames[frame]?.length ?? 0) + at : at);
  result[place] = (result[place] ?? 0) ^ 0xff;
  return result;
}

describe('a bundle that was cut off', () => {
  test('at or within any frame is found so, and gives what lies before', async () => {
    for (const [index, start] of starts.entries()) {
      const length = frames[index]?.length ?? 0;
      for (const cut of [start, start + 3, start + (length >> 1), start + length - 1]) {
        const outcome = await readDamaged(bytes.subarray(0, cut));
        if (index < 2) assert.ok(!isRead(outcome), `cut at ${cut}, in frame ${index}`);
        else {
          assert.ok(isRead(outcome));
          assert.ok(outcome.damage.length > 0, `cut at ${cut} went unnoticed`);
          assert.equal(outcome.texts.size, Math.min(texts.length, (index - 2) * 3));
          assert.ok(outcome.damage.every(({ code, hint }) => code === 'bundle-damaged' && hint !== undefined));
        }
      }
    }
  });

  for (const how of ['plain', 'sealed'] as const) {
    test(`or has something behind it is known by its end alone: ${how}`, async (t) => {
      const directory = mkdtempSync(join(tmpdir(), 'mrepl-end-'));
      t.after(() => rmSync(directory, { recursive: true }));
      const file = join(directory, 'bundle');
      const identity = newAgeIdentity();
      const whole = how === 'plain' ? bytes : sealed(bytes, identity.recipient);
      const isWhole = async (content: Uint8Array): Promise<boolean> => {
        writeFileSync(file, content);
        return isEndWhole(file, [identity]);
      };
      assert.equal(await isWhole(whole), true);
      for (const cut of [1, 2, 100, 1000, 64 << 10, 65 << 10, (64 << 10) + 16, whole.length >> 1]) {
        assert.equal(await isWhole(whole.subarray(0, whole.length - cut)), false, `${cut} bytes less went unnoticed`);
      }
      assert.equal(await isWhole(Buffer.concat([whole, Buffer.from('more')])), false);
      if (how === 'sealed') return;
      for (const start of starts.slice(1)) assert.equal(await isWhole(bytes.subarray(0, start)), false);
    });
  }

  test('is told from a whole one whose end lies where it likes: with texts in one frame, in many, behind any boundary', async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'mrepl-end-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'bundle');
    const noise = rawEntry('texts/00/x.eml', randomBytes(300_000));
    const tar = archive([noise, rawEntry('end.json', '{"mailboxes":0,"texts":0,"bytes":0}\n')]);
    const end = tar.length - 1024 - 1024;
    for (const starts of [
      [],
      [512],
      [end],
      [end - 5],
      [end + 100],
      [end + 512],
      [end + 2000],
      [100, end + 3, end + 9, tar.length - 1],
    ]) {
      const whole = await inFrames(tar, starts);
      writeFileSync(file, whole);
      assert.equal(await isEndWhole(file, []), true, `frames at ${starts}`);
      writeFileSync(file, whole.subarray(0, -1));
      assert.equal(await isEndWhole(file, []), false, `frames at ${starts}, cut`);
    }
    writeFileSync(file, await inFrames(tar.subarray(0, end)));
    assert.equal(await isEndWhole(file, []), false);
    writeFileSync(file, await inFrames(Buffer.concat([tar.subarray(0, end), Buffer.alloc(1024)])));
    assert.equal(await isEndWhole(file, []), false);
  });

  test('within its first bytes is refused', async () => {
    for (let cut = 0; cut < 40; cut++) assert.ok(!isRead(await readDamaged(bytes.subarray(0, cut), 7)));
  });
});

describe('a damaged frame', () => {
  test('costs the texts in it and no others', async () => {
    for (let frame = 2; frame < frames.length - 1; frame++) {
      // The magic, the header, the first block's size, the content, the last byte.
      for (const at of [0, 4, 5, 9, 10, 11, (frames[frame]?.length ?? 0) >> 1, -1]) {
        const outcome = await readDamaged(flipped(frame, at));
        assert.ok(isRead(outcome));
        const lost = guids.slice((frame - 2) * 3, (frame - 1) * 3);
        for (const guid of guids) {
          if (!lost.includes(guid))
            assert.ok(outcome.texts.has(guid), `byte ${at} of frame ${frame} cost another text`);
        }
        assert.ok(outcome.texts.size < texts.length, `byte ${at} of frame ${frame}`);
        assert.ok(outcome.damage.length > 0);
      }
    }
  });

  test('in front refuses the bundle', async () => {
    for (const frame of [0, 1]) {
      for (let at = 0; at < (frames[frame]?.length ?? 0); at += 13) {
        const outcome = await readDamaged(flipped(frame, at));
        if (isRead(outcome)) {
          // zstd has bytes that mean nothing; then nothing changes.
          assert.deepEqual([...outcome.texts.keys()], guids);
        }
      }
    }
  });

  test('that is missing altogether costs as much', async () => {
    for (let frame = 2; frame < frames.length - 1; frame++) {
      const outcome = await readDamaged(Buffer.concat(frames.filter((_, index) => index !== frame)));
      assert.ok(isRead(outcome));
      assert.equal(outcome.texts.size, texts.length - 3);
      assert.equal(outcome.damage.length, 1);
    }
  });

  test('that is there twice gives no text twice', async () => {
    const twice = Buffer.concat(frames.flatMap((frame, index) => (index === 3 ? [frame, frame] : [frame])));
    const outcome = await readDamaged(twice);
    assert.ok(isRead(outcome));
    assert.equal(outcome.texts.size, texts.length);
    assert.ok(outcome.damage.length > 0);
  });

  test('behind which rubbish stands is followed by those behind the rubbish', async () => {
    for (const rubbish of [Buffer.alloc(1), Buffer.alloc(5000, 0x28), Buffer.from('28b52ffd28b52ffd', 'hex')]) {
      const list = frames.flatMap((frame, index) => (index === 3 ? [frame, rubbish] : [frame]));
      const outcome = await readDamaged(Buffer.concat(list), 1000);
      assert.ok(isRead(outcome));
      assert.deepEqual([...outcome.texts.keys()], guids);
      assert.ok(outcome.damage.length > 0);
    }
  });
});

function sealed(content: Buffer, recipient: AgeRecipient): Buffer {
  const sealing = startSealing([recipient]);
  return Buffer.concat([sealing.beginning, ...sealing.seal(content), sealing.end()]);
}

test('of a text over many frames one damaged frame costs that text only', async () => {
  const all = [message(1), message(2, 5 << 20), message(3)];
  const large = await written(contentsOf(all));
  const place = large.bytes.length >> 1;
  const damaged = Buffer.from(large.bytes);
  damaged.fill(0, place, place + 100);
  const { texts: arrived, damage } = await readAll(inPieces(damaged, 1 << 20));
  assert.deepEqual(
    [...arrived.keys()],
    [all[0], all[2]].map((text) => guidOfCanonical(text as Buffer)),
  );
  assert.ok(damage.length > 0);
});

test('bytes altered anywhere never give a wrong text, nor an error that is no failure', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 }),
      async (changes) => {
        const altered = Buffer.from(bytes);
        for (const [at, difference] of changes) altered[at] = (altered[at] ?? 0) ^ difference;
        const outcome = await readDamaged(altered);
        if (isRead(outcome) && outcome.texts.size < texts.length) assert.ok(outcome.damage.length > 0);
      },
    ),
    { numRuns: casesTried(30) },
  );
});

test('a small bundle survives no alteration of any byte unnoticed, unless nothing changed', async () => {
  const small = await written(contentsOf([message(1, 60), message(2, 60)]));
  const whole = await readAll(inPieces(small.bytes, 1 << 20));
  for (let at = 0; at < small.bytes.length; at += isThorough ? 3 : 11) {
    const altered = Buffer.from(small.bytes);
    altered[at] = (altered[at] ?? 0) ^ 0x10;
    try {
      const { bundle, texts: arrived, damage } = await readAll(inPieces(altered, 1 << 20));
      if (damage.length > 0 || bundle.troubles.length > 0) continue;
      assert.deepEqual(bundle.news, whole.bundle.news, `byte ${at}`);
      assert.deepEqual(arrived, whole.texts, `byte ${at}`);
    } catch (error) {
      assert.ok(error instanceof Failure, `byte ${at}: ${error}`);
    }
  }
});

describe('damage among the records', () => {
  // Mailboxes of about 700 kB each: every one has a frame of its own.
  const names = ['INBOX', 'Sent', 'Work'];
  const numbers = Array.from({ length: 3500 }, (_, index) => index);
  const letters = numbers.map((number) => message(number, 60));
  const news = names.map((name) => newsOf(name, letters));

  for (const [what, harm] of [
    ['a byte turned over', (frame: Buffer) => frame.fill((frame[1000] ?? 0) ^ 0xff, 1000, 1001)],
    ['a frame that is no frame', (frame: Buffer) => frame.fill(0, 0, 4)],
    ['a frame that is missing', () => Buffer.alloc(0)],
  ] as const) {
    test(`costs the mailbox it hit, and no other: ${what}`, async () => {
      const contents = { preamble: preambleOf(news), news, texts: letters.slice(0, 20).map(outgoing) };
      const { frames } = await written(contents);
      for (const [index, name] of names.entries()) {
        const damaged = frames.map((frame, n) => (n === index + 1 ? harm(Buffer.from(frame)) : frame));
        const { bundle, texts } = await readAll(inPieces(Buffer.concat(damaged), 1 << 20), { threads: 0 });
        const others = news.filter((each) => each.name !== name);
        assert.deepEqual(bundle.news, others);
        assert.deepEqual(
          bundle.troubles.map(({ subject, failure }) => [subject, failure.code]),
          [[name, 'bundle-damaged']],
        );
        assert.equal(texts.size, 20);
      }
    });
  }

  for (const [what, between] of [
    ['a frame that is there twice', (frames: readonly Buffer[]) => frames[1] as Buffer],
    ['the one before that, too', (frames: readonly Buffer[]) => Buffer.concat(frames.slice(1, 3))],
    ['bytes that are no frame', () => Buffer.alloc(5000, 0x28)],
  ] as const) {
    test(`costs no mailbox where it lies between two, and is reported: ${what}`, async () => {
      const { frames } = await written({ preamble: preambleOf(news), news, texts: letters.slice(0, 20).map(outgoing) });
      const damaged = frames.flatMap((frame, n) => (n === 2 ? [frame, between(frames)] : [frame]));
      const { bundle, texts, damage } = await readAll(inPieces(Buffer.concat(damaged), 1 << 20), { threads: 0 });
      assert.deepEqual([bundle.news, bundle.troubles, texts.size], [news, [], 20]);
      assert.deepEqual(new Set(damage.map(({ code }) => code)), new Set(['bundle-damaged']));
    });
  }

  test('of every mailbox refuses the bundle', async () => {
    const { frames } = await written({ preamble: preambleOf(news), news, texts: [] });
    const damaged = frames.filter((_, index) => index === 0 || index > names.length);
    await assert.rejects(readAll(inPieces(Buffer.concat(damaged), 1 << 20), { threads: 0 }), {
      code: 'bundle-damaged',
    });
  });
});

test('one byte that is not what it was costs one mailbox, wherever among the records it is', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `Lists/${index}`);
  const news = names.map((name, index) => newsOf(name, [message(index)]));
  const whole = await written({ preamble: preambleOf(news), news, texts: [] });
  const from = whole.frames[0]?.length ?? 0;
  const to = whole.bytes.length - (whole.frames.at(-1)?.length ?? 0);
  const lost = new Set<string>();
  for (let at = from; at < to; at += 61) {
    const damaged = Buffer.from(whole.bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 0x55;
    const { bundle } = await readAll(inPieces(damaged, damaged.length), { threads: 0 });
    assert.ok(bundle.news.length >= names.length - 1, `byte ${at} cost ${names.length - bundle.news.length} mailboxes`);
    for (const { subject } of bundle.troubles) lost.add(subject);
  }
  assert.ok(lost.size > 30, `only ${lost.size} of the mailboxes were hit`);
});
