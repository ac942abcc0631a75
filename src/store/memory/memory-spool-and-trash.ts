import { Failure } from '../../failure.js';
import { bodySumOf } from '../../mail/text/body-checksum.js';
import { textIdOfCanonical } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidOfCanonical } from '../../mail/text/text-guid.js';
import type { Spool } from '../interface/spool.js';
import type { Trash } from '../interface/trash.js';
import { plainText } from './memory-message.js';

/** What a host keeps for its store. */
export type SpoolAndTrash = { readonly spool: Spool; readonly trash: Trash };

/** A spool and a trash in memory. Texts are kept as they come: those of the trash may be packed. */
export function createMemorySpoolAndTrash(): SpoolAndTrash {
  const spooled = new Map<Guid, Uint8Array>();
  const trashed = new Map<Guid, Uint8Array>();
  return {
    spool: {
      async put(guid, text) {
        spooled.set(guid, Uint8Array.from(text));
      },
      read: async (guid) => spooled.get(guid) ?? null,
      texts: async () => [...spooled.values()].map((text) => ({ ...textIdOfCanonical(text), sizeBytes: text.length })),
      async drop(keep) {
        for (const guid of spooled.keys()) if (!keep.has(guid)) spooled.delete(guid);
      },
      async sync() {},
    },
    trash: {
      async keep(guid, stored) {
        trashed.set(guid, stored);
      },
      guids: async () => new Set(trashed.keys()),
      beginning: async (guid, bytesMax) => (await plainText(trashed.get(guid)))?.subarray(0, bytesMax) ?? null,
      async copyToSpool(guid) {
        const text = await plainText(trashed.get(guid));
        if (text === null || guidOfCanonical(text) !== guid) {
          throw new Failure('store-damaged', `the text ${guid} is not in the trash`);
        }
        spooled.set(guid, text);
        return { ...textIdOfCanonical(text), sizeBytes: text.length, body: bodySumOf(text) };
      },
      async drop(keep) {
        for (const guid of trashed.keys()) if (!keep.has(guid)) trashed.delete(guid);
      },
      setAside: async () => new Set(), // what is replaced in memory is gone
      dropSetAside: async () => undefined,
    },
  };
}
