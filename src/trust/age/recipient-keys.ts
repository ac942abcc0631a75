import { type KeyObject, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { invariant } from '../../failure.js';
import { decodeBech32, encodeBech32 } from './bech32.js';
import { agree, pointOf, secretBytes, secretKeyOf, x25519Bytes } from './x25519.js';

// C2SP age.md, section "The X25519 recipient type".
const recipientPrefix = 'age';
const identityPrefix = 'AGE-SECRET-KEY-';

declare const isRecipient: unique symbol;

/**
 * `age1...`, to whom a file is sealed; not secret. Only of points that `parseAgeRecipient` takes, or that belong to an
 * identity.
 */
export type AgeRecipient = string & { readonly [isRecipient]: true };

/** Random bytes from a source fit for keys; a parameter so that a test can seal the same file twice. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

/** The secret that opens what was sealed to its recipient. Printed, logged or made JSON it shows the recipient only. */
export class AgeIdentity {
  readonly recipient: AgeRecipient;
  readonly #key: KeyObject;

  constructor(secret: Uint8Array) {
    invariant(secret.length === x25519Bytes, `an age identity of ${secret.length} bytes`);
    this.#key = secretKeyOf(secret);
    this.recipient = encodeBech32(recipientPrefix, pointOf(this.#key)) as AgeRecipient;
  }

  /** `AGE-SECRET-KEY-1...`, for the file of the user that keeps it, and for nothing else. */
  reveal(): string {
    return encodeBech32(identityPrefix, secretBytes(this.#key));
  }

  /** What this identity and whoever made `share` both know; null where everybody would (see `agree`). */
  agreeWith(share: Uint8Array): Buffer | null {
    return agree(this.#key, share);
  }

  toJSON(): string {
    return `the age identity of ${this.recipient}`;
  }

  [inspect.custom](): string {
    return this.toJSON();
  }
}

/** A new X25519 key pair for age. `random` is for tests, which want the same keys again. */
export function newAgeIdentity(random: RandomBytes = randomBytes): AgeIdentity {
  return new AgeIdentity(random(x25519Bytes));
}

/**
 * The identity of `AGE-SECRET-KEY-1...`, upper case and nothing around it. Null where it is not one; who read the text
 * knows from where.
 */
export function parseAgeIdentity(text: string): AgeIdentity | null {
  const decoded = decodeBech32(text);
  const isOne = decoded?.prefix === identityPrefix && decoded.bytes.length === x25519Bytes;
  return isOne ? new AgeIdentity(decoded.bytes) : null;
}

/**
 * `age1...` of an X25519 recipient, lower case and nothing around it. Null where it is not one: also for a point of low
 * order, to which a file would be sealed for everybody.
 */
export function parseAgeRecipient(text: string): AgeRecipient | null {
  const point = decodeRecipient(text);
  anyKey ??= secretKeyOf(Buffer.alloc(x25519Bytes, 1));
  const isOne = point !== null && agree(anyKey, point) !== null;
  return isOne ? (text as AgeRecipient) : null;
}

/** Whether a point is of low order shows with every secret. Made once: it takes Node almost a millisecond. */
let anyKey: KeyObject | null = null;

/** The 32 bytes of a recipient. */
export function pointOfRecipient(recipient: AgeRecipient): Buffer {
  const point = decodeRecipient(recipient);
  invariant(point !== null, `${recipient} passed as an age recipient`);
  return point;
}

function decodeRecipient(text: string): Buffer | null {
  const decoded = decodeBech32(text);
  return decoded?.prefix === recipientPrefix && decoded.bytes.length === x25519Bytes ? decoded.bytes : null;
}
