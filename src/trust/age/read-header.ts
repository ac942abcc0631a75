import { Failure } from '../../failure.js';
import {
  type AgeHeader,
  ageHeaderBytesMax,
  ageVersion,
  ageVersionPrefix,
  findAgeHeaderEnd,
  parseAgeHeader,
} from './header-format.js';
import { payloadNonceBytes } from './payload-chunk.js';

/** The next bytes in order, good until the next call; null at the end. */
export type Pull = () => Promise<Uint8Array | null>;

/**
 * Everything in front of the first chunk. `rest` is what was read beyond it, good until the next call of the source.
 */
export type AgeFront = {
  readonly header: AgeHeader;
  readonly payloadNonce: Buffer;
  readonly sizeBytes: number;
  readonly rest: Uint8Array;
};

/**
 * The other form of an age file, made for text (C2SP age.md, section "ASCII armor"). Not read: it is a third longer and
 * nobody sees it.
 */
const armorLine = '-----BEGIN AGE ENCRYPTED FILE-----';

/**
 * Whether a file that begins so is an age file: of any version and in either form, so that `openAge` can say what it
 * does not read. As many bytes as the armor's first line has, 34, are enough.
 */
export function isAge(beginning: Uint8Array): boolean {
  const text = Buffer.from(beginning.subarray(0, armorLine.length)).toString('latin1');
  return text.startsWith(ageVersionPrefix) || text.startsWith(armorLine);
}

/** Throws `bundle-damaged`, `bundle-not-understood`, and what `next` throws. `name` is what messages call the file. */
export async function readAgeFront(next: Pull, name: string): Promise<AgeFront> {
  const held = Buffer.allocUnsafeSlow(ageHeaderBytesMax + payloadNonceBytes);
  let piece: Uint8Array = new Uint8Array();
  let start = 0; // where `piece` begins in the file
  let filled = 0;
  let headerEnd: number | null = null;
  for (;;) {
    headerEnd ??= findAgeHeaderEnd(held.subarray(0, Math.min(filled, ageHeaderBytesMax)), start);
    const end = (headerEnd ?? filled) + payloadNonceBytes;
    if (headerEnd !== null && end <= filled) {
      const header = parseAgeHeader(held.subarray(0, headerEnd));
      if ('refused' in header) throw unreadable(name, held.subarray(0, headerEnd), header.refused);
      return { header, payloadNonce: held.subarray(headerEnd, end), sizeBytes: end, rest: piece.subarray(end - start) };
    }
    if (headerEnd === null && filled >= ageHeaderBytesMax) {
      throw unreadable(name, held, `its header does not end within ${ageHeaderBytesMax} bytes`);
    }
    const more = await next();
    if (more === null) throw unreadable(name, held.subarray(0, filled), 'it ends before its first chunk');
    piece = more;
    start = filled;
    held.set(piece.subarray(0, held.length - filled), filled);
    filled = Math.min(filled + piece.length, held.length);
  }
}

/** Says of a front that cannot be read why: because it is none, or because of `damage`. */
function unreadable(name: string, front: Buffer, damage: string): Failure {
  const text = front.toString('latin1');
  if (text.trimStart().startsWith(armorLine)) {
    return new Failure('bundle-not-understood', `opening ${name}: it is an age file in the armored form for text`, {
      hint: 'Seal it again without --armor.',
    });
  }
  const version = /^age-encryption\.org\/([!-~]{1,32})\n/.exec(text)?.[1];
  if (version !== undefined && version !== ageVersion) {
    return new Failure('bundle-not-understood', `opening ${name}: it is an age file of version ${version}`, {
      hint: `Seal it with a program that writes version ${ageVersion}.`,
    });
  }
  return damagedFront(name, damage);
}

/** Where nothing can be opened, because what stands in front of the chunks is damaged. */
export function damagedFront(name: string, what: string): Failure {
  return new Failure('bundle-damaged', `opening ${name}: ${what}`, {
    hint: 'Copy it again, or export again on the sending host.',
  });
}
