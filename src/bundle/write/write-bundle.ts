import type { Trouble } from '../../mail/item-trouble.js';
import { startSealing } from '../../trust/age/encrypt.js';
import type { AgeRecipient } from '../../trust/age/recipient-keys.js';
import type { SigningKey } from '../../trust/ssh/ed25519-signing-key.js';
import { startExpansion } from '../archive/expansion-ratio-limit.js';
import type { CodecName } from '../archive/zstd-frame-codec.js';
import type { BundleContents, OutgoingText, Progress, Receipt } from '../format/bundle-contents.js';
import { encodeEndMark } from '../format/end-mark-json.js';
import { endEntry, textEntry } from '../format/entry-names.js';
import { type Crew, startCrew, threadsFor } from '../frames/frame-worker-pool.js';
import type { PackItem } from '../frames/pack-and-unpack-frame.js';
import { inOrder } from '../frames/run-jobs-in-order.js';
import { startImprint } from '../read/quick-file-hash.js';
import { composeFront } from './compose-bundle-head.js';
import { itemOf, itemsInFrames, recordsInFrames } from './group-items-into-frames.js';
import { readAnew, tooLightly, whyUnsendable } from './retry-or-leave-out-text.js';

/** Where a bundle goes: a file on a stick, or a pipe. */
export type BundleSink = { write(chunk: Uint8Array): Promise<void> };

export type WriteOptions = {
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting throws its reason; what was written by then is no bundle. */
  readonly signal?: AbortSignal;
  /** For tests; by default the best there is. */
  readonly codec?: CodecName | null;
  /** For tests; by default as many as the size is worth. */
  readonly threads?: number;
};

/** Bytes of texts that may be under way at a time, read but not written yet: bounds memory. */
const underWayBytesMax = 32 << 20;

/** In whose name a bundle is written, and for whom; without recipients it is not sealed. */
export type WriteKeys = { readonly signingKey: SigningKey; readonly recipients: readonly AgeRecipient[] };

/** Some frames, and what is in them. */
type Packing = { readonly frames: readonly Uint8Array[]; readonly sent: readonly OutgoingText[] };

/**
 * Writes a bundle in one pass: manifest, record files, texts, end. Texts are read, checked and compressed side by side;
 * one that cannot be read or is not what its guid says is left out and named in the receipt. Equal contents give equal
 * bytes, with one codec. Throws what `sink` throws, and `cannot-create` where the records are more than a bundle can
 * hold.
 */
export async function writeBundle(
  contents: BundleContents,
  sink: BundleSink,
  { signingKey, recipients }: WriteKeys,
  { onProgress, signal, codec = null, threads }: WriteOptions = {},
): Promise<Receipt> {
  const left: Trouble[] = [];
  const texts = [...contents.texts].filter((text) => {
    const failure = whyUnsendable(text);
    if (failure !== null) left.push({ subject: text.guid, failure });
    return failure === null;
  });
  const totalBytes = texts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const crew = startCrew({ threads: threads ?? threadsFor('pack', totalBytes), codec });
  const window = { jobs: crew.width, weight: underWayBytesMax };
  const imprinter = startImprint();
  const expansion = startExpansion();
  const sealing = recipients.length === 0 ? null : startSealing(recipients);
  let doneMessages = 0;
  let doneBytes = 0;

  const put = async (piece: Uint8Array): Promise<void> => {
    signal?.throwIfAborted();
    if (piece.length === 0) return; // a frame that fills no chunk
    imprinter.add(piece);
    await sink.write(piece);
  };
  const write = async ({ frames, sent }: Packing): Promise<void> => {
    const admitted = frames.filter((frame) => expansion.admits(frame));
    if (admitted.length < frames.length && sent.length > 0) {
      for (const text of sent) left.push({ subject: text.guid, failure: tooLightly(text) });
      return;
    }
    // A write costs more than a copy.
    for (const frame of frames) await put(sealing === null ? frame : Buffer.concat(sealing.seal(frame)));
    doneMessages += sent.length;
    doneBytes += sent.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    onProgress?.({ doneBytes, totalBytes, doneMessages, totalMessages: texts.length });
  };
  const packItems = async (items: readonly PackItem[], ends = false): Promise<Packing> => {
    const { frames } = await crew.pack({ items, ends });
    return { frames, sent: [] };
  };

  try {
    const announced = { texts: texts.length, bytes: totalBytes };
    const front = composeFront(contents, announced, signingKey);
    const { manifest, manifestSha256, statementDigest, signature, records, count } = front;
    if (sealing !== null) await put(sealing.beginning);
    await write(await packItems([manifest, signature]));
    for await (const packing of inOrder(recordsInFrames(records), packItems, { window, weightOf: bytesOf }))
      await write(packing);
    const textJobs = itemsInFrames(texts, itemOfText);
    const pack = (job: readonly OutgoingText[]): Promise<Packing> => packTexts(crew, job, left);
    for await (const packing of inOrder(textJobs, pack, { window, weightOf: bytesOf })) await write(packing);
    const end = encodeEndMark({ mailboxes: records.length, texts: doneMessages, textBytes: doneBytes });
    await write(await packItems([itemOf(endEntry, end)], true));
    if (sealing !== null) await put(sealing.end());
    const { sizeBytes } = imprinter;
    const written = { sizeBytes, imprint: imprinter.imprint(), manifestSha256, statementDigest };
    return { ...written, records: count, texts: doneMessages, textBytes: doneBytes, left };
  } finally {
    await crew.close();
  }
}

/** Packs texts from their files; those that a thread cannot read are asked for here, and left out at last. */
async function packTexts(crew: Crew, texts: readonly OutgoingText[], left: Trouble[]): Promise<Packing> {
  let job = texts.map((text) => ({ text, item: itemOfText(text) }));
  while (job.length > 0) {
    const { frames, failed } = await crew.pack({ items: job.map(({ item }) => item), ends: false });
    if (failed.length === 0) return { frames, sent: job.map(({ text }) => text) };
    const next: typeof job = [];
    for (const [index, entry] of job.entries()) {
      const item = failed.includes(index) ? await readAnew(entry.text, left) : entry.item;
      if (item !== null) next.push({ text: entry.text, item });
    }
    job = next;
  }
  return { frames: [], sent: [] };
}

/** Without a file the thread fails at once, and the text is asked for where the store is. */
function itemOfText({ guid, sizeBytes, file }: OutgoingText): PackItem {
  return { name: textEntry(guid), sizeBytes, guid, content: { file: file ?? '' } };
}

function bytesOf(items: readonly { readonly sizeBytes: number }[]): number {
  return items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
