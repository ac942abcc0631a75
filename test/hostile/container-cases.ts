import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import { frameBytesMax } from '../../src/bundle/format/bundle-limits.js';
import { type Forgery, forged, forgedTar, headerWith, inFrames, type RawEntry, rawEntry } from '../bundle/forge.js';
import { message } from '../bundle/sample.js';
import type { HostileCase } from './hostile-case.js';

// The layers around the JSON: frames and archive. Whatever is wrong before the first text refuses the bundle.

type Wrong = readonly [name: string, because: string, make: () => Promise<Buffer>, says: RegExp];

const damaged = ([name, because, make, says]: Wrong): HostileCase => ({
  ...{ name, because, make, says },
  refused: 'bundle',
  code: 'bundle-damaged',
});

const textsLost = ([name, because, make, says]: Wrong): HostileCase => ({
  ...{ name, because, make, says },
  refused: 'texts',
  code: 'bundle-damaged',
});

/** The first frame says another size than it has: its header has four bytes for that, behind the window. */
async function sizeChanged(by: number): Promise<Buffer> {
  const bytes = await inFrames(await forgedTar());
  const at = (bytes[4] ?? 0) & 0x20 ? 5 : 6;
  const flag = (bytes[4] ?? 0) >> 6;
  if (flag === 2) bytes.writeUInt32LE(bytes.readUInt32LE(at) + by, at);
  else bytes.writeUInt16LE(bytes.readUInt16LE(at) + by, at); // counted from 256
  return bytes;
}

/** Raw blocks of zeros without end, in a frame that says it holds `contentBytes`. */
function endlessFrame(contentBytes: number): Buffer {
  const header = Buffer.from('28b52ffda000000000', 'hex'); // one segment, four bytes of size
  header.writeUInt32LE(contentBytes, 5);
  const block = Buffer.alloc(3 + 1);
  block.writeUIntLE(((128 << 10) << 3) | (1 << 1), 0, 3); // one byte, 128 Ki times, and more blocks follow
  return Buffer.concat([header, ...Array<Buffer>(Math.ceil(frameBytesMax / block.length)).fill(block)]);
}

const entryChanged = (index: number, at: number, bytes: string): Forgery => ({
  entries(all) {
    const entry = all[index];
    if (entry !== undefined) all[index] = { ...entry, header: headerWith(entry.header, at, bytes) };
  },
});

const named = (name: string): Forgery => ({ entries: (all) => void all.splice(1, 0, rawEntry(name, 'x')) });

const types: readonly (readonly [letter: string, what: string])[] = [
  ['1', 'a hard link'],
  ['2', 'a symbolic link'],
  ['3', 'a character device'],
  ['4', 'a block device'],
  ['5', 'a directory'],
  ['6', 'a pipe'],
  ['x', 'a pax header'],
  ['g', 'a pax header for all that follows'],
  ['L', 'a long name as GNU writes it'],
  ['K', 'a long link as GNU writes it'],
  ['S', 'a sparse file'],
];

const paths: readonly (readonly [path: string, what: string])[] = [
  ['/etc/passwd', 'an absolute path'],
  ['../../.ssh/authorized_keys', 'a path that goes up'],
  ['mailboxes/../../evil', 'a path that goes up after it went down'],
  ['mailboxes/0001.jsonl/', 'a path that ends in a slash'],
  ['./mailboxes/0001.jsonl', 'a path with a dot'],
  ['MAILBOXES/0001.JSONL', 'a path in capitals'],
  ['mailboxes\\0001.jsonl', 'a path with a backslash'],
  ['C:\\evil', 'a drive'],
  ['bundle.json', 'the manifest once more'],
  ['bundle.sig', 'the signature once more'],
];

export const containerCases: readonly HostileCase[] = [
  ...(
    [
      [
        'a frame that holds more than it says',
        'memory is taken for what it says',
        () => sizeChanged(-1),
        /cannot be decoded/,
      ],
      [
        'a frame that holds less than it says',
        'the rest would be old memory',
        () => sizeChanged(1),
        /cannot be decoded/,
      ],
      [
        'a frame that says 4 GB',
        'a decoder would take as much memory',
        async () => endlessFrame(2 ** 32 - 1),
        /holds more than 4194304/,
      ],
      [
        'a frame that says 1 byte and unpacks without end',
        'a decoder would fill the memory or never return',
        async () => endlessFrame(1),
        /longer than 4259840/,
      ],
      [
        'a frame that needs a window of 16 MiB',
        'a decoder would take as much memory, whatever the frame holds',
        async () => Buffer.from('28b52ffd807001000000020000ff', 'hex'),
        /window of more than 8388608/,
      ],
      [
        'a sealed file whose header does not end',
        'it is in memory before it is understood',
        async () =>
          Buffer.from(`age-encryption.org/v1\n${`-> X25519 ${'A'.repeat(43)}\n${'A'.repeat(43)}\n`.repeat(1000)}`),
        /does not end within 65536 bytes/,
      ],
      [
        'a file that is sealed to more than 512',
        'each stanza is tried',
        async () => {
          const stanza = `-> X25519 ${'A'.repeat(43)}\n${'A'.repeat(43)}\n`;
          const header = `age-encryption.org/v1\n${stanza.repeat(513)}--- ${'A'.repeat(43)}\n`;
          return Buffer.concat([Buffer.from(header), Buffer.alloc(100)]);
        },
        /more than 512/,
      ],
      [
        'a frame of 300 MB of zeros',
        '9 kB on the stick would be 300 MB in memory',
        async () => {
          const { compressFrame } = await openCodec('wasm');
          const frame = Buffer.from(compressFrame(Buffer.alloc(4 << 20)));
          const at = (frame[4] ?? 0) & 0x20 ? 5 : 6;
          frame.writeUInt32LE(300 << 20, at);
          return frame;
        },
        /holds more than 4194304/,
      ],
      [
        'a manifest of 100 MB in small frames',
        'each frame is small, and all of them together would be in memory',
        async () => {
          const { compressFrame } = await openCodec('wasm');
          const size = `${(100 << 20).toString(8).padStart(11, '0')} `;
          const first = compressFrame(headerWith(rawEntry('bundle.json', '').header, 124, size));
          const blanks = compressFrame(Buffer.alloc(4 << 20, ' '));
          return Buffer.concat([first, ...Array<Uint8Array>(25).fill(blanks)]);
        },
        /larger than 67108864/,
      ],
    ] satisfies Wrong[]
  ).map(damaged),
  ...types.map(([letter, what]) =>
    damaged([
      `${what} where the records should be`,
      'an unpacker would make it, or follow it',
      () => forged(entryChanged(1, 156, letter)),
      /does not write/,
    ]),
  ),
  damaged([
    'a size in base 256',
    'sizes beyond 8 GB, and negative ones',
    () => forged(entryChanged(1, 124, '\x80\0\0\x01')),
    /does not write/,
  ]),
  damaged([
    'a negative size',
    'reading would go backwards',
    () => forged(entryChanged(1, 124, '-0000000001 ')),
    /does not write/,
  ]),
  damaged([
    'a prefix before the name',
    'the name would be another one',
    () => forged(entryChanged(1, 345, '../..')),
    /does not write/,
  ]),
  ...paths.map(([path, what]) =>
    damaged([
      `${what} where the records should be`,
      'it would be written elsewhere, or in place of what was checked',
      () => forged(named(path)),
      /not where it should be/,
    ]),
  ),
  ...paths.map(([path, what]) =>
    textsLost([
      `${what} among the texts`,
      'it would be written elsewhere',
      () =>
        forged({
          change: ({ texts }) => texts.splice(0),
          entries: (all) => void all.splice(2, 0, rawEntry(path, 'x')),
        }),
      /does not belong there/,
    ]),
  ),
  textsLost([
    'the records twice',
    'which of them was checked would be a matter of luck',
    () =>
      forged({
        change: ({ texts }) => texts.splice(0),
        entries: (all) => void all.splice(1, 0, all[1] as RawEntry),
      }),
    /does not belong there/,
  ]),
  textsLost([
    'an end of more than 4096 bytes',
    'it is in memory at once',
    () =>
      forged({
        change: ({ texts, end }) => {
          texts.splice(0);
          Object.assign(end ?? {}, { novelty: 'x'.repeat(4096) });
        },
      }),
    /does not belong there/,
  ]),
  textsLost([
    'texts of zeros that are no message',
    'what is not what its name says is damage or malice',
    () =>
      forged({
        change: ({ texts }) => {
          for (const text of texts) text.content = Buffer.alloc(text.content.length);
        },
      }),
    /is damaged/,
  ]),
  textsLost([
    'texts larger than a reader takes',
    'each is in memory while it is checked',
    () => {
      const size = `${((256 << 20) + 1).toString(8).padStart(11, '0')} `;
      return forged({
        change: ({ texts }) => texts.splice(1),
        ...entryChanged(2, 124, size),
      });
    },
    /larger than 268435456/,
  ]),
  textsLost([
    'texts of another size than their records say',
    'the size goes into file names, and servers believe it',
    () =>
      forged({
        change: ({ records }) => {
          for (const record of records) if ('z' in record) record.z = 7;
        },
      }),
    /not as large as its record/,
  ]),
  textsLost([
    'texts that nobody asked for in place of those announced',
    'mail would appear that no record speaks of',
    () =>
      forged({
        change: ({ texts }) => {
          texts.splice(0, 2, { name: `texts/00/${'0'.repeat(64)}.eml`, content: message(9) });
        },
      }),
    /no record speaks of it/,
  ]),
];
