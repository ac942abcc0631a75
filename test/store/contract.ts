import { describe, it } from 'node:test';
import { changingContract } from './contract-changing.js';
import { deliveringContract } from './contract-delivering.js';
import { namesContract } from './contract-names.js';
import { packedContract } from './contract-packed.js';
import { readingContract } from './contract-reading.js';
import { trashContract } from './contract-trash.js';
import type { DeclareTest, StoreUnderTest } from './store-under-test.js';

/** Parts of the contract that are for stores of files: a server packs nothing, and has names that it cannot keep. */
export type PartForFiles = 'packed' | 'names';

/** What every store promises (`src/store/interface/mail-store.ts`), each test with a store of its own. */
export function storeContract(
  label: string,
  open: () => Promise<StoreUnderTest>,
  { leftOut = [] }: { readonly leftOut?: readonly PartForFiles[] } = {},
): void {
  const test: DeclareTest = (name, body) => {
    it(name, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.close();
      }
    });
  };
  describe(`store contract: ${label}`, () => {
    readingContract(test);
    deliveringContract(test);
    changingContract(test);
    trashContract(test);
    if (!leftOut.includes('names')) namesContract(test);
    if (!leftOut.includes('packed')) packedContract(test);
  });
}
