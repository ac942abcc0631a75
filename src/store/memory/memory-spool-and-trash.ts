import { Failure } from '../../failure.js';
import { bodySumOf } from '../../mail/text/body-checksum.js';
import { textIdOfCanonical } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidOfCanonical } from '../../mail/text/text-guid.js';
import type { MailStore } from '../interface/mail-store.js';
import { plainText } from './memory-message.js';

/** The spool and the trash of a store in memory, and what lies in them. */
export type MemorySpoolAndTrash = Pick<MailStore, 'trash' | 'spool' | 'spooled' | 'dropSpool'> & {
  readonly spoolTexts: Map<Guid, Uint8Array>;
  readonly trashTexts: Map<Guid, Uint8Array>;
};

/** Texts are kept as they come: those of the spool are canonical, those of the trash may be packed. */
export function createMemorySpoolAndTrash(): MemorySpoolAndTrash {
  const spoolTexts = new Map<Guid, Uint8Array>();
  const trashTexts = new Map<Guid, Uint8Array>();
  return {
    spoolTexts,
    trashTexts,
    async spool(guid, text) {
      spoolTexts.set(guid, Uint8Array.from(text));
    },
    spooled: async () =>
      [...spoolTexts.values()].map((text) => ({ ...textIdOfCanonical(text), sizeBytes: text.length })),
    async dropSpool(keep) {
      for (const guid of spoolTexts.keys()) if (!keep.has(guid)) spoolTexts.delete(guid);
    },
    trash: {
      guids: async () => new Set(trashTexts.keys()),
      beginning: async (guid, bytesMax) => (await plainText(trashTexts.get(guid)))?.subarray(0, bytesMax) ?? null,
      async spool(guid) {
        const text = await plainText(trashTexts.get(guid));
        if (text === null || guidOfCanonical(text) !== guid) {
          throw new Failure('store-damaged', `the text ${guid} is not in the trash`);
        }
        spoolTexts.set(guid, text);
        return { ...textIdOfCanonical(text), sizeBytes: text.length, body: bodySumOf(text) };
      },
      async drop(keep) {
        for (const guid of trashTexts.keys()) if (!keep.has(guid)) trashTexts.delete(guid);
      },
      setAside: async () => new Set(), // what is replaced is gone
      dropSetAside: async () => undefined,
    },
  };
}
