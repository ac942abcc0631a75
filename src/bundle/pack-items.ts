import { frameTarBytes, type PackItem } from './frame-work.js';
import { entryBytes } from './tar-entry.js';

/** An entry whose content is at hand. */
export function itemOf(name: string, bytes: Uint8Array): PackItem {
  return { name, sizeBytes: bytes.length, guid: null, content: { bytes } };
}

/** Things to pack in groups that fill about one frame each, so that frames begin with an entry; what is larger is a group of its own. */
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
