import { Failure } from '../../failure.js';
import { openAge } from '../../trust/age/decrypt.js';
import { chunkBytes } from '../../trust/age/payload-chunk.js';
import { isAge, type Pull } from '../../trust/age/read-header.js';
import type { AgeIdentity } from '../../trust/age/recipient-keys.js';
import type { ByteSource } from './byte-source.js';

/** The archive in a file, whether that is sealed or plain. */
export type Unsealed = {
  /** Pieces in order, good until the next call; null at the end. Throws what the source throws. */
  readonly next: Pull;
  readonly isSealed: boolean;
  /** What is wrong with the sealing, as far as it was read: damaged places are zeros in what `next` gives. */
  readonly damage: readonly string[];
};

/** Bytes that tell a sealed file from a plain one. */
const enoughBytes = 64;

/** Bytes that are handed on at once. */
const gatheredBytes = 1 << 20;

/** Of damaged chunks so many are named: where one thing broke them all there may be thousands. */
const damageNamedMax = 16;

/**
 * Throws `bundle-not-for-us` where the file is sealed and none of `identities` opens it; `bundle-damaged`, also for an
 * empty one, and what the source throws.
 */
export async function unseal(source: ByteSource, identities: readonly AgeIdentity[]): Promise<Unsealed> {
  const { beginning, next } = await peek(() => source.next());
  if (beginning.length === 0) throw empty(source.name);
  if (!isAge(beginning)) return { next, isSealed: false, damage: [] };
  if (identities.length === 0) {
    throw new Failure(
      'bundle-not-for-us',
      `reading the bundle ${source.name}: it is sealed, and there is no key here`,
      {
        hint: 'Read it on a host that it was sealed to, as the user whose account it is of.',
      },
    );
  }
  const damage: string[] = [];
  const onDamage = (what: string, atByte: number): void => {
    if (damage.length < damageNamedMax) damage.push(`at byte ${atByte}: ${what}`);
  };
  const opened = await openAge(next, identities, { name: source.name, onDamage });
  return { next: gathered(opened), isSealed: true, damage };
}

function empty(name: string): Failure {
  const isPipe = name === '-';
  return new Failure('bundle-damaged', `reading ${isPipe ? 'standard input' : `the bundle ${name}`}: it is empty`, {
    hint: isPipe
      ? 'Nothing came through the pipe: did the command before it fail?'
      : 'Copy it again, or export again on the sending host.',
  });
}

/**
 * As many pieces at once as a file is read in: whoever cuts them into frames moves what is left over each time. The
 * first comes by itself.
 */
function gathered(source: Pull): Pull {
  let memory: Buffer | null = null;
  return async () => {
    let piece = await source();
    if (memory === null) {
      memory = Buffer.allocUnsafeSlow(gatheredBytes);
      return piece;
    }
    let filled = 0;
    while (piece !== null) {
      memory.set(piece, filled);
      filled += piece.length;
      if (filled + chunkBytes > memory.length) break;
      piece = await source();
    }
    return filled === 0 ? null : memory.subarray(0, filled);
  };
}

/** What a source begins with, and all of it once more. */
async function peek(source: Pull): Promise<{ readonly beginning: Uint8Array; readonly next: Pull }> {
  let beginning = Buffer.alloc(0);
  while (beginning.length < enoughBytes) {
    const piece = await source();
    if (piece === null) break;
    beginning = Buffer.concat([beginning, piece]);
  }
  let isFirst = true;
  const next: Pull = async () => {
    if (!isFirst || beginning.length === 0) return source();
    isFirst = false;
    return beginning;
  };
  return { beginning, next };
}
