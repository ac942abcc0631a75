import { entryBytes, tarEndBytes } from '../archive/tar-header.js';
import type { BundleContents } from '../format/bundle-contents.js';
import { encodeEndMark } from '../format/end-mark-json.js';
import { composeFront } from './compose-bundle-head.js';
import { whyUnsendable } from './retry-or-leave-out-text.js';
import type { WriteKeys } from './write-bundle.js';

/**
 * What packing and sealing add to content that cannot be compressed: a block header for each 128 KiB and a few dozen
 * bytes for each frame of about a MiB, a tag for each 64 KiB sealed; a stanza for each recipient. Twice what it comes
 * to.
 */
const addedShare = 1 / 256;
const addedBytes = 2048;
const recipientBytes = 256;

/** Of a frame of its own, which nearly every record file has: its header, that of a block, a sum. */
const frameBytes = 32;

/**
 * The bytes that a bundle with these contents has at the most, as if nothing in it could be compressed: exact but for
 * what is added to such content, and never too low. Throws `cannot-create` as writing it does.
 */
export function sizeBound(contents: BundleContents, { signingKey, recipients }: WriteKeys): number {
  const texts = [...contents.texts].filter((text) => whyUnsendable(text) === null);
  const announced = { texts: texts.length, bytes: texts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
  const { manifest, signature, records } = composeFront(contents, announced, signingKey);
  const end = encodeEndMark({ mailboxes: records.length, texts: announced.texts, textBytes: announced.bytes });
  const entries = [manifest, signature, ...records, ...texts, { sizeBytes: end.length }];
  const tarBytes = entries.reduce((sum, { sizeBytes }) => sum + entryBytes(sizeBytes), tarEndBytes);
  return (
    Math.ceil(tarBytes * (1 + addedShare)) +
    addedBytes +
    records.length * frameBytes +
    recipients.length * recipientBytes
  );
}
