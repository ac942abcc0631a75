import { timingSafeEqual } from 'node:crypto';
import { Failure } from '../../failure.js';
import { cutChunks } from './cut-chunks.js';
import { ageHeaderMac } from './header-format.js';
import { openChunk, payloadKey, sealedChunkBytes } from './payload-chunk.js';
import { type AgeFront, damagedFront, type Pull, readAgeFront } from './read-header.js';
import type { AgeIdentity } from './recipient-keys.js';
import { isForPassphrase, unwrapFileKey } from './recipient-stanza.js';

type OpenAgeOptions = {
  /** What messages call the file. */
  readonly name: string;
  /** Told before the chunk in question is given out; `atByte` is where it begins in the sealed file. */
  readonly onDamage: (what: string, atByte: number) => void;
};

/**
 * Opens a file in the age format (C2SP age.md) with the first X25519 identity that fits. What comes back gives its
 * text, each piece authenticated and free to keep, null at the end.
 *
 * A chunk that is damaged becomes as many zeros, so that what lies behind it stays in its place; damage, a missing end
 * and bytes behind the end are told to `onDamage`. Whether the text is whole is therefore known only after its end.
 *
 * Throws `bundle-damaged` where nothing can be opened, `bundle-not-for-us`, `bundle-not-understood` for other forms and
 * versions and for passphrases, and whatever `next` throws, also later.
 */
export async function openAge(next: Pull, identities: readonly AgeIdentity[], options: OpenAgeOptions): Promise<Pull> {
  const front = await readAgeFront(next, options.name);
  const key = payloadKey(fileKeyOf(front, identities, options.name), front.payloadNonce);
  const cut = cutChunks(front.rest, next);
  let index = 0;
  let ended = false;

  return async () => {
    if (ended) return null;
    const { text, isEnd, damage } = openChunk(key, index, await cut());
    ended = isEnd;
    if (damage !== null) options.onDamage(damage, front.sizeBytes + index * sealedChunkBytes);
    index++;
    return text.length === 0 ? null : text;
  };
}

/** A sealed file that can be read anywhere. `beginning` has at least its header. */
type AgeFile = {
  readonly name: string;
  readonly beginning: Uint8Array;
  readonly sizeBytes: number;
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
};

/**
 * Is the last chunk of the file, of which only that is read, the one that was sealed as the last? Throws as `openAge`
 * does.
 */
export async function isAgeEndWhole(file: AgeFile, identities: readonly AgeIdentity[]): Promise<boolean> {
  const { name, beginning, sizeBytes, read } = file;
  let isFirst = true;
  const front = await readAgeFront(async () => {
    const piece = isFirst ? beginning : null;
    isFirst = false;
    return piece;
  }, name);
  const key = payloadKey(fileKeyOf(front, identities, name), front.payloadNonce);
  const index = Math.max(0, Math.ceil((sizeBytes - front.sizeBytes) / sealedChunkBytes) - 1);
  const at = front.sizeBytes + index * sealedChunkBytes;
  return openChunk(key, index, { sealed: await read(at, sizeBytes - at), isLast: true }).damage === null;
}

/** The file key, with the whole header authenticated by it. */
function fileKeyOf({ header }: AgeFront, identities: readonly AgeIdentity[], name: string): Buffer {
  const fileKey = firstOf(identities, (identity) => unwrapFileKey(header.stanzas, identity));
  if (fileKey === null && isForPassphrase(header.stanzas)) {
    throw new Failure('bundle-not-understood', `opening ${name}: it is an age file sealed with a passphrase`, {
      hint: 'Open it with "age -d", or export again: bundles are sealed to the keys of hosts.',
    });
  }
  if (fileKey === null) {
    throw new Failure('bundle-not-for-us', `reading the bundle ${name}: it is sealed, and not to this host`, {
      hint: 'It was sealed to other hosts: pair with the sender, then export there again.',
    });
  }
  if ('refused' in fileKey) throw damagedFront(name, fileKey.refused);
  if (!timingSafeEqual(ageHeaderMac(header.covered, fileKey), header.mac)) {
    throw damagedFront(name, 'its header was changed after it was sealed');
  }
  return fileKey;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | null): R | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
