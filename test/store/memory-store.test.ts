import { setImmediate as nextTurn } from 'node:timers/promises';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory/memory-store.js';
import { createRemoteMemoryStore } from '../../src/store/memory/remote-memory-store.js';
import { storeContract } from './contract.js';
import type { StoreUnderTest } from './store-under-test.js';

storeContract('memory', async () => {
  const store = createMemoryStore({ firstUidValidity: 1000 });
  return { store, user: store.user, givesUids: true, keepsKeywords: true, settle() {}, close: () => store.close() };
});

storeContract('memory, remote, that gives UIDs and refs itself', async () => {
  const store = createRemoteMemoryStore({ firstUidValidity: 1000 });
  const user = slowUser(store);
  return { store, user, givesUids: false, keepsKeywords: true, settle() {}, close: () => store.close() };
});

/** Its user is at another program, which takes a while. */
function slowUser({ user }: MemoryStore): StoreUnderTest['user'] {
  const later = async <T>(deed: () => T): Promise<T> => {
    await nextTurn();
    return deed();
  };
  return {
    create: (mailbox) => later(() => user.create(mailbox)),
    deliver: (mailbox, text, flags, receivedS) => later(() => user.deliver(mailbox, text, flags, receivedS)),
    setFlags: (mailbox, ref, flags) => later(() => user.setFlags(mailbox, ref, flags)),
    expunge: (mailbox, ref) => later(() => user.expunge(mailbox, ref)),
  };
}
