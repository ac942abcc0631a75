import { randomBytes } from 'node:crypto';
import { Failure, invariant } from '../../failure.js';
import { sealBytes } from './chacha20-poly1305.js';
import { ageStanzasMax, encodeAgeHeader } from './header-format.js';
import { chunkBytes, chunkNonce, payloadKey, payloadNonceBytes } from './payload-chunk.js';
import type { AgeRecipient, RandomBytes } from './recipient-keys.js';
import { fileKeyBytes, wrapFileKey } from './recipient-stanza.js';

/**
 * An age file while it is written: `beginning`, then what `seal` gives each time, then what `end` gives, make the file.
 */
type Sealing = {
  readonly beginning: Uint8Array;
  /**
   * Takes the next bytes, which may be used again when it returns; gives the chunks that are full now, in parts to be
   * joined; often none.
   */
  seal(bytes: Uint8Array): Uint8Array[];
  /** The last chunk; nothing may follow. */
  end(): Uint8Array;
};

/**
 * Begins a file in the age format (C2SP age.md) that each of `recipients` can read alone, and nobody else. It does not
 * say who wrote it. Throws `cannot-create` where there are more recipients than readers take; there must be one at
 * least.
 */
export function startSealing(recipients: readonly AgeRecipient[], random: RandomBytes = randomBytes): Sealing {
  invariant(recipients.length > 0, 'a file sealed to nobody');
  if (recipients.length > ageStanzasMax) {
    throw new Failure(
      'cannot-create',
      `sealing to ${recipients.length} hosts: at most ${ageStanzasMax} can be named in a file`,
      {
        hint: 'Seal to fewer hosts.',
      },
    );
  }
  const fileKey = random(fileKeyBytes);
  const payloadNonce = random(payloadNonceBytes);
  const key = payloadKey(fileKey, payloadNonce);
  const stanzas = recipients.map((recipient) => wrapFileKey(fileKey, recipient, random));
  // A chunk is sealed when more follows: only then it is not the last.
  const pending = Buffer.allocUnsafeSlow(chunkBytes);
  let filled = 0;
  let index = 0;
  let ended = false;

  const hold = (bytes: Uint8Array): void => {
    pending.set(bytes, filled);
    filled += bytes.length;
  };
  return {
    beginning: Buffer.concat([encodeAgeHeader(stanzas, fileKey), payloadNonce]),
    seal(bytes) {
      invariant(!ended, 'bytes behind the end of a sealed file');
      const sealed: Uint8Array[] = [];
      let at = 0;
      while (filled + bytes.length - at > chunkBytes) {
        const end = at + chunkBytes - filled;
        const isWhole = filled === 0; // then it need not be copied
        if (!isWhole) hold(bytes.subarray(at, end));
        const chunk = isWhole ? bytes.subarray(at, end) : pending;
        for (const piece of sealBytes(key, chunkNonce(index, false), chunk)) sealed.push(piece);
        index++;
        filled = 0;
        at = end;
      }
      hold(bytes.subarray(at));
      return sealed;
    },
    end() {
      invariant(!ended, 'a sealed file that ends twice');
      ended = true;
      return Buffer.concat(sealBytes(key, chunkNonce(index, true), pending.subarray(0, filled)));
    },
  };
}
