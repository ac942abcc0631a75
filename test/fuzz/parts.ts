import { createHash } from 'node:crypto';
import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import { paddedBytes } from '../../src/bundle/archive/tar-header.js';
import { scanFrames } from '../../src/bundle/archive/zstd-frame-scanner.js';
import { frameTarBytes } from '../../src/bundle/frames/pack-and-unpack-frame.js';
import { countRanges, parseRanges } from '../../src/replica/number-ranges.js';
import type { SigningKey } from '../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import { archive, type Json, laidOpen, type RawEntry, rawEntry, sealedUp } from '../bundle/forge.js';

/** A bundle taken apart down to its JSON. */
export type BundleParts = {
  /** As `laidOpen` gives it. */
  manifest: Json;
  /** The records of each record file, in the order of `mailboxes` in the manifest. */
  files: Json[][];
  texts: { name: string; content: Buffer }[];
  end: Json;
};

export async function tarOf(bytes: Buffer): Promise<Buffer> {
  const codec = await openCodec('wasm');
  let isRead = false;
  const frames = scanFrames(async () => {
    const piece = isRead ? null : bytes;
    isRead = true;
    return piece;
  });
  const pieces: Uint8Array[] = [];
  for (let event = await frames.next(); event !== null; event = await frames.next()) {
    if (event.kind === 'frame') pieces.push(Buffer.from(codec.decompressFrame(event.bytes, 4 << 20)));
  }
  return Buffer.concat(pieces);
}

/** The entries of an archive that is in order. */
export function entriesOf(tar: Buffer): RawEntry[] {
  const entries: RawEntry[] = [];
  for (let at = 0; tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    const from = at + 512;
    const to = from + paddedBytes(size);
    entries.push({
      header: tar.subarray(at, from),
      content: tar.subarray(from, from + size),
      padding: tar.subarray(from + size, to),
    });
    at = to;
  }
  return entries;
}

export function takeApart(tar: Buffer): BundleParts {
  const parts: BundleParts = { manifest: {}, files: [], texts: [], end: {} };
  for (const { header, content } of entriesOf(tar)) {
    const name = header.toString('latin1', 0, header.indexOf(0));
    if (name === 'bundle.json') parts.manifest = laidOpen(JSON.parse(String(content)) as Json);
    else if (name === 'end.json') parts.end = JSON.parse(String(content)) as Json;
    else if (name.startsWith('texts/')) parts.texts.push({ name, content });
    else if (name.startsWith('mailboxes/')) {
      const lines = String(content).trimEnd().split('\n');
      parts.files.push(lines.map((line) => JSON.parse(line) as Json));
    }
  }
  return parts;
}

/** Makes the manifest say of the records what they are, as far as they are anything. */
export function reconcile({ manifest, files }: BundleParts): void {
  const clocks = Array.isArray(manifest.clocks) ? manifest.clocks : [];
  for (const [index, records] of files.entries()) {
    const item = itemOf(manifest, index);
    const mailbox = records[0];
    if (item === null || !isObject(mailbox)) continue;
    const stated: unknown = clocks.find((clock: unknown) => Array.isArray(clock) && clock[0] === item.name);
    if (Array.isArray(stated)) stated.splice(0, 2, mailbox.MBOX, mailbox.clock);
    else clocks.push([mailbox.MBOX, mailbox.clock]);
    const births = records.flatMap((record) => {
      const birth = isObject(record) ? (record.UIDFIX ?? record.STORE) : undefined;
      return birth === undefined ? [] : [String(birth)];
    });
    Object.assign(item, {
      name: mailbox.MBOX,
      base: mailbox.base,
      living: livingCount(mailbox.living),
      saves: records.filter((record) => isObject(record) && 'SAVE' in record).length,
      updates: new Set(births).size,
    });
  }
}

function itemOf(manifest: Json, index: number): Json | null {
  const item: unknown = Array.isArray(manifest.mailboxes) ? manifest.mailboxes[index] : null;
  return isObject(item) ? item : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function livingCount(living: unknown): number {
  if (!Array.isArray(living)) return 0;
  return living.reduce((sum: number, item: unknown) => {
    const ranges = Array.isArray(item) && typeof item[1] === 'string' ? parseRanges(item[1]) : undefined;
    return sum + countRanges(ranges ?? []);
  }, 0);
}

/** What the JSON becomes as text may be changed once more. */
export type TextChange = (text: string, which: 'manifest' | 'records') => string;

/** The entries of a bundle with these parts: sizes, hashes and the signature are right. */
export function putTogether(parts: BundleParts, key: SigningKey, change: TextChange = (text) => text): RawEntry[] {
  const files = parts.files.map((records) => {
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    return Buffer.from(change(lines, 'records'));
  });
  for (const [index, bytes] of files.entries()) {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    Object.assign(itemOf(parts.manifest, index) ?? {}, { size: bytes.length, sha256 });
  }
  const manifest = Buffer.from(change(`${JSON.stringify(sealedUp(parts.manifest, key))}\n`, 'manifest'));
  return [
    rawEntry('bundle.json', manifest),
    rawEntry('bundle.sig', signDetached(key, 'mrepl-bundle', manifest)),
    ...files.map((bytes, index) => rawEntry(`mailboxes/${String(index + 1).padStart(4, '0')}.jsonl`, bytes)),
    ...parts.texts.map(({ name, content }) => rawEntry(name, content)),
    rawEntry('end.json', `${JSON.stringify(parts.end)}\n`),
  ];
}

/** As writers cut it: the manifest with its signature, the records, each text, the end; what is large into several. */
export async function framed(entries: readonly RawEntry[]): Promise<Buffer> {
  const codec = await openCodec('wasm');
  const [manifest, signature, ...rest] = entries;
  const front = [manifest, signature].filter((entry) => entry !== undefined);
  const frames: Uint8Array[] = [];
  for (const group of [front, ...rest.map((entry) => [entry])]) {
    const tar = archive(group, Buffer.alloc(group[0] === entries.at(-1) ? 1024 : 0));
    for (let at = 0; at < tar.length; at += frameTarBytes) {
      frames.push(codec.compressFrame(tar.subarray(at, at + frameTarBytes)));
    }
  }
  return Buffer.concat(frames);
}
