import { createGunzip, gunzipSync } from 'node:zlib';
import type { Sink } from './unpack-sink.js';

/**
 * So large a file, in bytes, inclusive, is unpacked at one go, as most are: a stream takes ten times as long as its
 * work.
 */
const smallFileBytes = 1 << 20;

/** What unpacks to no more is kept in memory for it. Inclusive. */
const smallTextBytes = 16 << 20;

/**
 * Given to the stream at a time: gzip unpacks to a thousand times its size at most, and no more than that comes behind
 * a limit.
 */
const stepBytes = 64 << 10;

/** Comes of the stream at a time. */
const pieceBytes = 256 << 10;

/**
 * Unpacks gzip members, one after the other, into a sink. 'broken' where that cannot be done, null where it was, or the
 * sink had enough.
 */
export async function gunzip(pieces: Iterable<Uint8Array>, sink: Sink): Promise<'broken' | null> {
  const iterator = pieces[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) return 'broken';
  const second = first.value.length <= smallFileBytes ? iterator.next() : null;
  if (second?.done === true) {
    const problem = gunzipSmall(first.value, sink);
    if (problem !== 'large') return problem;
  }
  const all = joined([first.value, ...(second === null || second.done === true ? [] : [second.value])], iterator);
  return gunzipStream(all, sink);
}

function* joined(first: Iterable<Uint8Array>, rest: Iterator<Uint8Array>): Generator<Uint8Array> {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

function gunzipSmall(file: Uint8Array, sink: Sink): 'broken' | 'large' | null {
  try {
    // With `info` the answer says, against its type, how much of the file was read.
    const answer: unknown = gunzipSync(file, { maxOutputLength: smallTextBytes, info: true });
    const { buffer, engine } = answer as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    sink.take(buffer);
    return engine.bytesWritten === file.length ? null : 'broken'; // it passes over what follows a zero
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return 'large';
    if (isOfData(error)) return 'broken';
    throw error;
  }
}

async function gunzipStream(pieces: Iterable<Uint8Array>, sink: Sink): Promise<'broken' | null> {
  const stream = createGunzip({ chunkSize: pieceBytes });
  const failed = new Promise<never>((_resolve, reject) => stream.once('error', reject));
  failed.catch(() => undefined);
  const ended = new Promise<void>((resolve) => stream.once('end', resolve));
  stream.on('data', (piece: Uint8Array) => sink.take(piece));
  let given = 0;
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += stepBytes) {
        const step = piece.subarray(at, at + stepBytes);
        given += step.length;
        await Promise.race([failed, ended, new Promise<void>((resolve) => stream.write(step, () => resolve()))]);
        if (sink.problem() !== null) return null;
        if (stream.bytesWritten < given) return 'broken'; // something follows the last member
      }
    }
    stream.end();
    await Promise.race([failed, ended]);
    return null;
  } catch (error) {
    if (isOfData(error)) return 'broken';
    throw error;
  } finally {
    stream.destroy();
  }
}

function isOfData(error: unknown): boolean {
  return ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
