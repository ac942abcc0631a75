import { type BigIntStats, closeSync, readSync } from 'node:fs';
import { openUntrusted } from '../../../fs/open-untrusted-file.js';
import { heedSignal } from '../../../fs/stop-if-aborted.js';
import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Digest } from '../../../mail/mailbox-scan.js';
import { containerOf } from '../../../mail/packed/container-kinds.js';
import { unpack } from '../../../mail/packed/unpack.js';
import type { Take } from '../../../mail/packed/unpack-sink.js';
import type { Untaken } from '../../../mail/packed/unreadable-file-reasons.js';
import { receivedSOf } from '../../../mail/received-date.js';
import { type BodySum, startBodySum } from '../../../mail/text/body-checksum.js';
import { startFold } from '../../../mail/text/canonical-text.js';
import { startTextDigest } from '../../../mail/text/digest-without-fetcher-headers.js';
import type { SizedText } from '../../../mail/text/text-guid-and-second-digest.js';

/** So many pieces are read before a signal is heeded: a fraction of a second. */
const heedEvery = 32;

/** What a message file holds. */
export type FileDigest = Summed & Pick<Digest, 'receivedS' | 'file' | 'packedGuid'>;

type Summed = SizedText & { readonly body: BodySum };

/** Read at once at most: bounds memory for messages of any size, and takes most messages whole. */
const pieceBytes = 1 << 20;

const buffer = Buffer.allocUnsafeSlow(pieceBytes);

/**
 * Both digests, size and body of the canonical text in a file, unpacked where it is packed, and its received date; or
 * why it is not taken. File errors are thrown, and the reason of `signal`.
 */
export async function digestFile(path: string, signal?: AbortSignal): Promise<FileDigest | Untaken> {
  const { fd, stats } = openUntrusted(path, { links: 'ofDirectory' });
  try {
    const about = { receivedS: receivedSOf(Number(stats.mtimeMs)), file: stampOf(stats) };
    const digest = startDigest();
    let piece = nextPiece(fd);
    const container = piece === null ? null : containerOf(piece);
    if (container !== null) {
      const packed = startDigest();
      const problem = await unpack(container, stoppable(copies(fd, piece, packed.take), signal), { take: digest.take });
      if (problem !== null) return { container, problem };
      return { ...digest.end(), packedGuid: packed.end().guid, ...about };
    }
    for (let pieces = 1; piece !== null; piece = nextPiece(fd), pieces++) {
      digest.take(piece);
      if (pieces % heedEvery === 0) await heedSignal(signal);
    }
    return { ...digest.end(), ...about };
  } finally {
    closeSync(fd);
  }
}

function startDigest(): { readonly take: Take; end(): Summed } {
  const digest = startTextDigest();
  const fold = startFold();
  const body = startBodySum();
  let sizeBytes = 0;
  const takeFolded = (piece: Uint8Array): void => {
    digest.push(piece);
    body.push(piece);
    sizeBytes += piece.length;
  };
  return {
    take: (piece) => takeFolded(fold.push(piece)),
    end() {
      takeFolded(fold.end());
      return { ...digest.end(), sizeBytes, body: body.end() };
    },
  };
}

/** In memory that the next one takes, in this file or another. */
function nextPiece(fd: number): Buffer | null {
  const length = readSync(fd, buffer);
  return length === 0 ? null : buffer.subarray(0, length);
}

/**
 * The pieces from this one on, each taken and then given in memory of its own: unpacking them leaves time for other
 * files.
 */
function* copies(fd: number, first: Buffer | null, take: Take): Generator<Uint8Array> {
  for (let piece = first; piece !== null; piece = nextPiece(fd)) {
    take(piece);
    yield Buffer.from(piece);
  }
}

/** Unpacking lets signals come through by itself, for the most part. */
function* stoppable(pieces: Iterable<Uint8Array>, signal: AbortSignal | undefined): Generator<Uint8Array> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}

/** Size and mtime of a file, by which it is seen that it was written to. */
export function stampOf({ size, mtimeNs }: BigIntStats): FileStamp {
  return { sizeBytes: Number(size), mtimeNs };
}
