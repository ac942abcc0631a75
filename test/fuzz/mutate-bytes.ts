import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import { frameContentBytesMax } from '../../src/bundle/format/bundle-limits.js';
import { encodeAgeHeader } from '../../src/trust/age/header-format.js';
import { chunkBytes } from '../../src/trust/age/payload-chunk.js';
import type { AgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { wrapFileKey } from '../../src/trust/age/recipient-stanza.js';
import type { Random } from '../bench/random.js';
import { archive, headerWith, rawEntry } from '../bundle/forge.js';
import { type ForgedChunk, forge, forgedFileKey } from '../trust/age/sample.js';
import { entriesOf } from './parts.js';

/** A few of something, most often one. */
export function few(random: Random): number {
  return 1 + Math.floor(random.unit() ** 3 * 6);
}

const magics = ['28b52ffd', '28b52ffd2000010000', '502a4d18', '1f8b0800', '504b0304', '00', 'ffffffff'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

/** Any file: bytes altered, pieces doubled, moved, dropped or put in. */
export function mutateFile(bytes: Buffer, random: Random): Buffer {
  const at = random.integer(0, Math.max(0, bytes.length - 1));
  const to = Math.min(bytes.length, at + Math.ceil(random.logNormal(20, 2)));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (random.integer(0, 7)) {
    case 0:
      return before;
    case 1:
      return Buffer.concat([before, piece, piece, after]);
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, random.pick(magics), after]);
    case 4:
      return Buffer.concat([before, random.bytes(piece.length), after]);
    case 5:
      return Buffer.concat([before, Buffer.from(piece).reverse(), after]);
    case 6:
      return Buffer.concat([piece, before, after]);
    default: {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7));
      return copy;
    }
  }
}

const stanzaArgs = ['X25519', 'scrypt', 'ssh-ed25519', 'x25519', '-', '~'.repeat(100), 'piv-p256'] as const;

/** A sealed file whose header or chunks are not as they should be; what is sealed is `text`. */
export function mutateAge(text: Buffer, random: Random, identity: AgeIdentity): Buffer {
  const own = wrapFileKey(forgedFileKey, identity.recipient, (sizeBytes) => Buffer.alloc(sizeBytes, 9));
  let stanzas = [own];
  const size = random.pick([chunkBytes, chunkBytes, chunkBytes, 1000, chunkBytes + 1]);
  let chunks: ForgedChunk[] = [];
  for (let at = 0; at < text.length; at += size) {
    chunks.push({ text: text.subarray(at, at + size), isLast: at + size >= text.length });
  }
  const any = random.integer(0, Math.max(0, chunks.length - 1));
  const [before, chunk, after] = [chunks.slice(0, any), chunks.slice(any, any + 1), chunks.slice(any + 1)];
  let header: string | null = null;
  for (let count = few(random); count > 0; count--) {
    switch (random.integer(0, 9)) {
      case 0:
        stanzas = Array.from({ length: random.pick([0, 2, 511, 513]) }, () => own);
        break;
      case 1:
        stanzas.unshift({ args: [random.pick(stanzaArgs), 'AAAA'], body: random.bytes(random.integer(0, 100)) });
        break;
      case 2:
        stanzas.push({ args: ['X25519', ...own.args.slice(1), 'x'], body: own.body });
        break;
      case 3:
        stanzas = [{ args: own.args, body: random.bytes(own.body.length) }];
        break;
      case 4:
        chunks = [...before, ...chunk, ...chunk, ...after];
        break;
      case 5:
        chunks = [...before, ...after];
        break;
      case 6:
        chunks = [...after, ...chunk, ...before];
        break;
      case 7:
        chunks = chunks.map((each) => (random.chance(0.5) ? { ...each, isLast: !each.isLast } : each));
        break;
      case 8:
        chunks.push({ text: Buffer.alloc(random.pick([0, 1, chunkBytes])), isLast: true });
        break;
      default: {
        const lines = String(encodeAgeHeader(stanzas, forgedFileKey)).split('\n');
        const line = random.integer(0, lines.length - 1);
        const wrong = [
          '',
          '---',
          '-> X25519',
          'age-encryption.org/v2',
          `${lines[line]} `,
          `${lines[line]}\r`,
          'x'.repeat(70_000),
        ];
        lines.splice(line, random.integer(0, 1), random.pick(wrong));
        header = lines.join('\n');
      }
    }
  }
  return forge(header ?? stanzas, chunks);
}

/** The archive in frames whose headers, sizes or order are not as they should be. */
export async function mutateFrames(tar: Buffer, random: Random): Promise<Buffer> {
  const codec = await openCodec('wasm');
  const edges = [0, tar.length];
  for (let count = random.integer(1, 6); count > 0; count--) {
    edges.push(
      random.chance(0.6)
        ? 512 * random.integer(1, Math.floor(tar.length / 512) - 1)
        : random.integer(1, tar.length - 1),
    );
  }
  const places = [...new Set(edges)].sort((a, b) => a - b);
  const frames: Buffer[] = places
    .slice(1)
    .map((end, index) => Buffer.from(codec.compressFrame(tar.subarray(places[index], end))));
  for (let count = few(random); count > 0; count--) {
    const at = random.integer(0, frames.length - 1);
    const frame = Buffer.from(frames[at] ?? magics[0] ?? '');
    switch (random.integer(0, 8)) {
      case 0:
        frame[4] = random.integer(0, 255);
        break;
      case 1: {
        const place = random.integer(5, Math.min(8, frame.length - 1));
        frame[place] = (frame[place] ?? 0) + random.pick([1, -1, 128]);
        break;
      }
      case 2:
        frames.splice(at, 1);
        break;
      case 3:
        frames.splice(at, 0, frame);
        break;
      case 4:
        frames.splice(at, 0, skippable(random.pick([0, 1, 1000, 0xffff_ffff])));
        break;
      case 5:
        frames.splice(at, 0, bomb(random.pick([1, frameContentBytesMax, 0xffff_ffff]), random.integer(1, 40)));
        break;
      case 6:
        frames.splice(
          at,
          0,
          Buffer.from(codec.compressFrame(Buffer.alloc(frameContentBytesMax, random.pick([0, 32])))),
        );
        break;
      case 7:
        frames.push(...frames.splice(at, 1));
        break;
      default:
        frames[at] = frame.subarray(0, random.integer(0, frame.length));
        continue;
    }
    if (frames[at]?.length === frame.length) frames[at] = frame;
  }
  return Buffer.concat(frames);
}

function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + Math.min(length, 2000));
  frame.writeUInt32LE(0x184d2a50, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

/** One byte, 128 Ki times, so many times over, in a frame that says it holds something else. */
function bomb(contentBytes: number, blocks: number): Buffer {
  const header = Buffer.from('28b52ffda000000000', 'hex');
  header.writeUInt32LE(contentBytes, 5);
  const list = Array.from({ length: blocks }, (_, index) => {
    const block = Buffer.alloc(4);
    block.writeUIntLE(((128 << 10) << 3) | (1 << 1) | (index === blocks - 1 ? 1 : 0), 0, 3);
    return block;
  });
  return Buffer.concat([header, ...list]);
}

const names = [
  '../evil',
  '/etc/passwd',
  'bundle.json',
  'end.json',
  'mailboxes/0001.jsonl',
  'mailboxes/0099.jsonl',
  'texts/',
  `texts/00/${'0'.repeat(64)}.eml`,
  'x'.repeat(100),
  '\x1b[2J',
];

/** An archive with entries, headers or padding that are not as they should be. */
export function mutateTar(tar: Buffer, random: Random): Buffer {
  const entries = entriesOf(tar);
  let end = Buffer.alloc(1024);
  for (let count = few(random); count > 0; count--) {
    const at = random.integer(0, entries.length - 1);
    const entry = entries[at];
    if (entry === undefined) break;
    switch (random.integer(0, 9)) {
      case 0:
        entries.splice(at, 1);
        break;
      case 1:
        entries.splice(random.integer(0, entries.length), 0, entry);
        break;
      case 2:
        entries.push(...entries.splice(at, 1));
        break;
      case 3:
        entries.splice(at, 0, rawEntry(random.pick(names), random.bytes(random.integer(0, 1500))));
        break;
      case 4:
        entries[at] = { ...entry, header: headerWith(entry.header, 0, `${random.pick(names)}\0`) };
        break;
      case 5: {
        const size = random.pick([0, 1, entry.content.length + 512, 2 ** 21, 2 ** 28, 2 ** 28 + 1, 2 ** 33 - 1]);
        const octal = size.toString(8).padStart(11, '0').slice(-11);
        entries[at] = { ...entry, header: headerWith(entry.header, 124, `${octal} `) };
        break;
      }
      case 6:
        entries[at] = {
          ...entry,
          header: headerWith(entry.header, random.integer(0, 511), random.pick(['1', '\0', 'x', '\xff'])),
        };
        break;
      case 7:
        entries[at] = { ...entry, content: changed(entry.content, random) };
        break;
      case 8:
        entries[at] = { ...entry, padding: changed(entry.padding, random) };
        break;
      default:
        end = random.pick([Buffer.alloc(0), Buffer.alloc(512), Buffer.alloc(1024, 1), Buffer.alloc(1536)]);
    }
  }
  return archive(entries, end);
}

function changed(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length > 0) copy[random.integer(0, copy.length - 1)] = random.integer(0, 255);
  return copy;
}
