import { createHash } from 'node:crypto';
import { invariant } from '../../failure.js';
import {
  blobOfKey,
  blobOfSignature,
  isSignedBy,
  type PublicKey,
  publicKeyBytes,
  publicKeyOf,
} from './ed25519-public-key.js';
import type { SigningKey } from './ed25519-signing-key.js';
import { sshString } from './ssh-wire-string.js';

// Signatures are those of OpenSSH (PROTOCOL.sshsig), so that `ssh-keygen -Y check-novalidate` can check one without
// mrepl.

/** Bytes of an armored signature, inclusive: one takes about 300 and a third more than its namespace. */
export const signatureBytesMax = 1024;

/** What an armored signature begins with. */
export const armorBegin = '-----BEGIN SSH SIGNATURE-----\n';

export const armorEnd = '-----END SSH SIGNATURE-----\n';

/** As ssh-keygen breaks the lines. */
const armorColumns = 70;

const magic = 'SSHSIG';
const version = Buffer.from([0, 0, 0, 1]);
const reserved = '';
const hashAlgorithm = 'sha512';

/** Where the 32 bytes of the public key begin: behind magic, version, and the lengths and name before them. */
const keyAt = magic.length + version.length + 4 + sshString('ssh-ed25519').length + 4;

/** Bytes of an Ed25519 signature (RFC 8032, section 5.1.6). */
const rawBytes = 64;

/**
 * The armored signature of `bytes`: always the same one. `namespace` says what is signed, so that a signature of one
 * kind of thing never passes for that of another; it is not empty.
 */
export function signDetached(key: SigningKey, namespace: string, bytes: Uint8Array): Buffer {
  return armored(key.publicKey, namespace, key.sign(signedData(namespace, bytes)));
}

/**
 * The key that made the armored signature `text` of `bytes` in this namespace; null where it is wrong, or differs in a
 * single byte from how `signDetached` writes it. Whose key that is, is for the caller to find out.
 */
export function verifyDetached(text: Uint8Array, namespace: string, bytes: Uint8Array): PublicKey | null {
  if (text.length > signatureBytesMax) return null;
  const base64 = Buffer.from(text).toString('latin1').slice(armorBegin.length, -armorEnd.length);
  const blob = Buffer.from(base64, 'base64');
  const key = publicKeyOf(blob.subarray(keyAt, keyAt + publicKeyBytes));
  if (key === null) return null;
  const signature = blob.subarray(-rawBytes);
  // Only the key and the signature may vary. So nothing has to be parsed: what stands there is what would be written,
  // or is refused.
  if (!armored(key, namespace, signature).equals(text)) return null;
  return isSignedBy(key, signedData(namespace, bytes), signature) ? key : null;
}

function armored(key: PublicKey, namespace: string, signature: Uint8Array): Buffer {
  const blob = Buffer.concat([
    Buffer.from(magic),
    version,
    sshString(blobOfKey(key)),
    sshString(namespace),
    sshString(reserved),
    sshString(hashAlgorithm),
    sshString(blobOfSignature(signature)),
  ]);
  const lines = blob.toString('base64').match(new RegExp(`.{1,${armorColumns}}`, 'g')) ?? [];
  return Buffer.from(`${armorBegin}${lines.join('\n')}\n${armorEnd}`);
}

function signedData(namespace: string, bytes: Uint8Array): Buffer {
  invariant(namespace !== '', 'a signature needs a namespace');
  return Buffer.concat([
    Buffer.from(magic),
    sshString(namespace),
    sshString(reserved),
    sshString(hashAlgorithm),
    sshString(createHash(hashAlgorithm).update(bytes).digest()),
  ]);
}
