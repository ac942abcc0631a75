import { invariant } from '../../failure.js';
import { deriveKey, nonceBytes, openBytes, sealBytes, tagBytes } from './chacha20-poly1305.js';
import type { AgeStanza } from './header-format.js';
import { type AgeIdentity, type AgeRecipient, pointOfRecipient, type RandomBytes } from './recipient-keys.js';
import { decodeBase64, encodeBase64 } from './unpadded-base64.js';
import { agree, pointOf, secretKeyOf, x25519Bytes } from './x25519.js';

/** Bytes of the key that a file's header hands to each recipient (C2SP age.md, section "File key"). */
export const fileKeyBytes = 16;

// C2SP age.md, section "X25519 recipient stanza".
const kind = 'X25519';
const info = 'age-encryption.org/v1/X25519';

/** All zeros: the key is of this stanza alone. */
const wrapNonce = new Uint8Array(nonceBytes);

/**
 * Sealed with a passphrase. Who reads such a file takes its writer for somebody who knows it, so it stands alone or not
 * at all.
 */
const passphraseKind = 'scrypt';

/** The stanza that hands `fileKey` to one recipient, under a key made for it alone. */
export function wrapFileKey(fileKey: Uint8Array, recipient: AgeRecipient, random: RandomBytes): AgeStanza {
  const ephemeral = secretKeyOf(random(x25519Bytes));
  const share = pointOf(ephemeral);
  const point = pointOfRecipient(recipient);
  const secret = agree(ephemeral, point);
  invariant(secret !== null, `${recipient} is of low order`);
  const wrapKey = deriveKey(secret, Buffer.concat([share, point]), info);
  return { args: [kind, encodeBase64(share)], body: Buffer.concat(sealBytes(wrapKey, wrapNonce, fileKey)) };
}

/** Is it the header of a file that opens with a passphrase, and with no key? */
export function isForPassphrase(stanzas: readonly AgeStanza[]): boolean {
  return stanzas.some(({ args }) => args[0] === passphraseKind);
}

/**
 * The file key from the first stanza that `identity` opens; null where none does. Refused are stanzas the format
 * forbids.
 */
export function unwrapFileKey(
  stanzas: readonly AgeStanza[],
  identity: AgeIdentity,
): Buffer | null | { readonly refused: string } {
  if (stanzas.length > 1 && isForPassphrase(stanzas)) {
    return { refused: 'its header mixes a passphrase with other recipients' };
  }
  const point = pointOfRecipient(identity.recipient);
  const ours: WrappedKey[] = [];
  for (const stanza of stanzas) {
    if (stanza.args[0] !== kind) continue;
    const wrapped = readStanza(stanza);
    if (wrapped === null) return { refused: 'an X25519 stanza of its header is malformed' };
    ours.push(wrapped);
  }
  for (const { share, body } of ours) {
    const secret = identity.agreeWith(share);
    if (secret === null) return { refused: 'an X25519 stanza of its header holds a point of low order' };
    const fileKey = openBytes(deriveKey(secret, Buffer.concat([share, point]), info), wrapNonce, body);
    if (fileKey !== null) return fileKey;
  }
  return null;
}

type WrappedKey = { readonly share: Buffer; readonly body: Uint8Array };

/** The body's length is looked at before it is decrypted: else longer ones could be made to open with many keys. */
function readStanza({ args, body }: AgeStanza): WrappedKey | null {
  const share = args.length === 2 ? decodeBase64(args[1] ?? '') : null;
  return share?.length === x25519Bytes && body.length === fileKeyBytes + tagBytes ? { share, body } : null;
}
