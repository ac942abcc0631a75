import { createHash } from 'node:crypto';
import { openCodec } from '../../src/bundle/archive/open-zstd-codec.js';
import { entryHeader, paddedBytes } from '../../src/bundle/archive/tar-header.js';
import { frameContentBytesMax } from '../../src/bundle/format/bundle-limits.js';
import { recordsDigest } from '../../src/bundle/format/signed-statement-json.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import type { SigningKey } from '../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import { contentsOf, message, plainKeys, written } from './sample.js';

// Bundles that mrepl would never write, made by hand from one that it would: each breaks one rule of mrepl-bundle(5).

/** An entry of the archive as raw bytes, so that each of them can be wrong. */
export type RawEntry = { readonly header: Buffer; readonly content: Buffer; readonly padding: Buffer };

export function rawEntry(name: string, content: Uint8Array | string): RawEntry {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    header: entryHeader(name, bytes.length),
    content: bytes,
    padding: Buffer.alloc(paddedBytes(bytes.length) - bytes.length),
  };
}

/** A header with some bytes replaced, and a checksum that is right again. */
export function headerWith(header: Buffer, at: number, bytes: string): Buffer {
  const changed = Buffer.from(header);
  changed.write(bytes, at, 'latin1');
  changed.write('        ', 148, 'latin1');
  const sum = changed.reduce((total, byte) => total + byte, 0);
  changed.write(`${sum.toString(8).padStart(6, '0')} \0`, 148, 'latin1');
  return changed;
}

export function archive(entries: readonly RawEntry[], end: Buffer = Buffer.alloc(1024)): Buffer {
  return Buffer.concat([...entries.flatMap(({ header, content, padding }) => [header, content, padding]), end]);
}

/** The archive in frames that begin at these places, and at its beginning; by default in as few as there may be. */
export async function inFrames(tar: Buffer, starts: readonly number[] = everyFrame(tar.length)): Promise<Buffer> {
  const codec = await openCodec('wasm');
  const edges = [0, ...starts, tar.length];
  const frames = edges.slice(1).map((end, index) => codec.compressFrame(tar.subarray(edges[index], end)));
  return Buffer.concat(frames);
}

function everyFrame(length: number): number[] {
  const count = Math.ceil(length / frameContentBytesMax);
  return Array.from({ length: count - 1 }, (_, index) => (index + 1) * frameContentBytesMax);
}

/** JSON whose parts can be replaced. */
export type Json = { [key: string]: unknown };

/** The parts of a good bundle with one mailbox and two texts, to be changed before they are put together. */
export type Parts = {
  /** As `laidOpen` gives it. */
  manifest: Json;
  /** Lines of the only record file. */
  records: Json[];
  texts: { name: string; content: Buffer }[];
  end: Json | null;
};

/** The texts of that bundle. */
export const forgedTexts: readonly Buffer[] = [message(1), message(2)];

/** A good bundle, taken apart. */
export async function goodParts(): Promise<Parts> {
  const { frames } = await written(contentsOf(forgedTexts));
  const codec = await openCodec('wasm');
  const tar = Buffer.concat(frames.map((frame) => codec.decompressFrame(frame, 4 << 20)));
  const files: Buffer[] = [];
  for (let at = 0; tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    files.push(tar.subarray(at + 512, at + 512 + size));
    at += 512 + paddedBytes(size);
  }
  const [manifest = '', , records = ''] = files.map(String);
  return {
    manifest: laidOpen(JSON.parse(manifest) as Json),
    records: records
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json),
    texts: forgedTexts.map((content) => {
      const guid = guidOfCanonical(content);
      return { name: `texts/${guid.slice(0, 2)}/${guid}.eml`, content };
    }),
    end: JSON.parse(String(files.at(-1))) as Json,
  };
}

/**
 * A manifest with what its sender's statement says among its own keys, so that it can be changed: `before`, `clocks` and `unheard`, by the manifest's table of
 * hosts.
 */
export function laidOpen({ statement, ...manifest }: Json): Json {
  const said = JSON.parse((statement as { readonly text: string }).text) as Json;
  const ids = manifest.hosts as string[];
  const places = (said.hosts as string[]).map((id) => (ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1));
  const clocks = (said.clocks as [string, [number, number, number][]][]).map(([name, clock]) => [
    name,
    clock.map(([host, serial, modseq]) => [places[host], serial, modseq]),
  ]);
  const unheard = (said.unheard as number[]).map((host) => places[host]);
  return { ...manifest, clocks, unheard, before: said.before };
}

/** The manifest of what was laid open, with a statement that is signed. One that has a statement of its own keeps it. */
export function sealedUp({ clocks, unheard, before, ...manifest }: Json, key: SigningKey = plainKeys.signingKey): Json {
  if ('statement' in manifest) return manifest;
  const { account, number, hosts } = manifest;
  const from = (manifest.from ?? {}) as Json;
  const host = Array.isArray(hosts) ? (hosts as unknown[])[from.host as number] : undefined;
  const said = { format: 'mrepl-statement', version: '2.0', account, host, name: from.name, number, hosts };
  const records = digestOf(manifest.mailboxes);
  return {
    ...manifest,
    statement: signedText(JSON.stringify({ ...said, clocks, unheard, fetch: [], before, records }), key),
  };
}

/** What a statement says of the record files that a manifest names, if it names any. */
function digestOf(mailboxes: unknown): string {
  const files = Array.isArray(mailboxes) ? (mailboxes as { readonly sha256: string }[]) : [];
  return recordsDigest(files);
}

/** A statement of any text. */
export function signedText(text: string, key: SigningKey = plainKeys.signingKey): { text: string; sig: string } {
  return { text, sig: String(signDetached(key, 'mrepl-statement', Buffer.from(text))) };
}

export type Forgery = {
  /** Changes the parts; size and hash of the record file are made right afterwards. */
  readonly change?: (parts: Parts) => void;
  /** Changes the lines of the record file as text, likewise; bytes where it is no text any more. */
  readonly recordText?: (text: string) => string | Buffer;
  /** Changes the entries, when everything else is in order. */
  readonly entries?: (entries: RawEntry[]) => void;
  /** The signature of the manifest's bytes; null: none. */
  readonly signature?: ((manifest: Buffer) => Uint8Array | string) | null;
  readonly end?: Buffer;
};

/** The entries of a bundle that is good but for what the forgery does to it. */
export async function forgedTar({
  change,
  recordText,
  entries,
  signature = signed,
  end,
}: Forgery = {}): Promise<Buffer> {
  const parts = await goodParts();
  change?.(parts);
  const lines = parts.records.map((record) => `${JSON.stringify(record)}\n`).join('');
  const records = Buffer.from(recordText?.(lines) ?? lines);
  const [file] = (parts.manifest.mailboxes ?? []) as Json[];
  if (file !== undefined && change === undefined) Object.assign(file, stated(records));
  else if (file !== undefined) Object.assign(file, { ...stated(records), ...onlyOwn(file, 'kept') });
  const list = [
    rawEntry('bundle.json', `${JSON.stringify(sealedUp(parts.manifest))}\n`),
    rawEntry('mailboxes/0001.jsonl', records),
    ...parts.texts.map(({ name, content }) => rawEntry(name, content)),
    ...(parts.end === null ? [] : [rawEntry('end.json', `${JSON.stringify(parts.end)}\n`)]),
  ];
  entries?.(list);
  const [manifest] = list;
  if (signature && manifest !== undefined) list.splice(1, 0, rawEntry('bundle.sig', signature(manifest.content)));
  return archive(list, end);
}

/** As the host signs it whose bundle this was. */
export function signed(manifest: Buffer): Buffer {
  return signDetached(plainKeys.signingKey, 'mrepl-bundle', manifest);
}

/** The bundle itself: the manifest in a frame of its own, as mrepl writes it. */
export async function forged(forgery: Forgery = {}): Promise<Buffer> {
  return inFrames(await forgedTar(forgery));
}

function stated(records: Buffer): Json {
  return { size: records.length, sha256: createHash('sha256').update(records).digest('hex') };
}

/** What a forgery wants to have kept as it set it: `kept` of a mailbox item. */
function onlyOwn(file: Json, key: string): Json {
  const kept = (file[key] ?? {}) as Json;
  delete file[key];
  return kept;
}
