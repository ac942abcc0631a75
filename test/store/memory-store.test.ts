import { createMemoryStore } from '../../src/store/memory-store.js';
import { storeContract } from './contract.js';

storeContract('memory', async () => {
  const store = createMemoryStore({ firstUidValidity: 1000 });
  return { store, user: store.user, givesUids: true, keepsKeywords: true, settle() {}, close: () => store.close() };
});
