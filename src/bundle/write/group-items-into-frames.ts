import { entryBytes } from '../archive/tar-header.js';
import { frameTarBytes, type PackItem } from '../frames/pack-and-unpack-frame.js';

/** An entry whose content is at hand. */
export function itemOf(name: string, bytes: Uint8Array): PackItem {
  return { name, sizeBytes: bytes.length, guid: null, content: { bytes } };
}

/**
 * So many frames with small record files there are at the most. Inclusive. A byte that is damaged costs the mailboxes
 * of one frame; small files in frames of their own cost up to three times their bytes, which counts where there are
 * thousands.
 */
const recordFramesMax = 256;

/**
 * Record files to pack, each into frames of its own while these are not very many, else as few together as that leaves.
 */
export function* recordsInFrames(records: readonly PackItem[]): Generator<readonly PackItem[]> {
  const perFrame = Math.max(1, Math.ceil(records.length / recordFramesMax));
  for (let at = 0; at < records.length; at += perFrame) {
    yield* itemsInFrames(records.slice(at, at + perFrame), (item) => item);
  }
}

/**
 * Things to pack in groups that fill about one frame each, so that frames begin with an entry; what is larger is a
 * group of its own.
 */
export function* itemsInFrames<T>(
  things: Iterable<T>,
  itemOfThing: (thing: T) => { readonly sizeBytes: number },
): Generator<readonly T[]> {
  let group: T[] = [];
  let tarBytes = 0;
  for (const thing of things) {
    const bytes = entryBytes(itemOfThing(thing).sizeBytes);
    if (group.length > 0 && tarBytes + bytes > frameTarBytes) {
      yield group;
      group = [];
      tarBytes = 0;
    }
    group.push(thing);
    tarBytes += bytes;
  }
  if (group.length > 0) yield group;
}
