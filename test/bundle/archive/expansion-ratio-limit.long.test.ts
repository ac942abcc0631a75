import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startExpansion } from '../../../src/bundle/archive/expansion-ratio-limit.js';
import { openCodec } from '../../../src/bundle/archive/open-zstd-codec.js';
import { expansionFreeBytes, expansionMax } from '../../../src/bundle/format/bundle-limits.js';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { archive, goodParts, inFrames, rawEntry, sealedUp, signed } from '../forge.js';
import { contentsOf, inPieces, readAll, written } from '../sample.js';

const mib = 1 << 20;

/** Messages of 4 MiB that take some hundred bytes on a stick, more of them than a bundle may unpack to for nothing. */
const zeros = Array.from({ length: expansionFreeBytes / (4 * mib) + 24 }, (_, index) => {
  const text = Buffer.alloc(4 * mib);
  text.writeUInt32LE(index + 1);
  return text;
});

test('what a file may unpack to grows with the file', async () => {
  const codec = await openCodec('wasm');
  const light = codec.compressFrame(Buffer.alloc(4 * mib));
  const heavy = Buffer.alloc(mib); // no frame at all: bytes of the file, and nothing in it
  const expansion = startExpansion();
  let frames = 0;
  while (expansion.admits(light)) frames++;
  const free = expansionFreeBytes / (4 * mib);
  assert.equal(frames, Math.floor(free + (expansionMax * light.length * frames) / (4 * mib)));
  expansion.admits(heavy);
  assert.ok(expansion.admits(light));
});

test('a bundle that would fill a disk is read no further than that', async () => {
  const parts = await goodParts();
  parts.manifest.mailboxes = [];
  parts.manifest.answers = zeros.map((text) => guidOfCanonical(text));
  const manifest = rawEntry('bundle.json', JSON.stringify(sealedUp(parts.manifest)));
  const front = [manifest, rawEntry('bundle.sig', signed(manifest.content))];
  const entries = zeros.map((text) => {
    const guid = guidOfCanonical(text);
    return rawEntry(`texts/${guid.slice(0, 2)}/${guid}.eml`, text);
  });
  const frames = await Promise.all(
    [front, ...entries.map((entry) => [entry])].map((each) => inFrames(archive(each, Buffer.alloc(0)))),
  );
  const bytes = Buffer.concat(frames);
  assert.ok(bytes.length < mib / 2);
  const { texts, damage } = await readAll(inPieces(bytes, mib));
  assert.ok(texts.size > 64 && texts.size < zeros.length, `${texts.size} of ${zeros.length} were read`);
  assert.match(damage[0]?.message ?? '', /would unpack to more than 1000 times its size/);
});

test('a writer leaves out what would make its bundle look like that, and says so', async () => {
  const { bytes, receipt } = await written(contentsOf(zeros));
  assert.ok(receipt.left.length > 0 && receipt.texts === zeros.length - receipt.left.length);
  assert.match(receipt.left[0]?.failure.message ?? '', /would unpack to more than 1000 times its size/);
  const { texts, damage } = await readAll(inPieces(bytes, mib));
  assert.equal(texts.size, receipt.texts);
  assert.deepEqual(damage, []);
});
