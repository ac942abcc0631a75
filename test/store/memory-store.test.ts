import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { privateCustody } from '../../src/fs/durable-write.js';
import { ownDirectory } from '../../src/store/host-files/own-directory.js';
import { createSpoolDirectory } from '../../src/store/host-files/spool-directory.js';
import { createTrashDirectory } from '../../src/store/host-files/trash-directory.js';
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

storeContract('memory, remote, for which the host keeps spool and trash in directories', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-kept-'));
  const how = { custody: privateCustody, written: new Set<string>() };
  const spool = createSpoolDirectory(join(directory, 'spool'), how);
  const trash = ownDirectory(join(directory, 'trash'));
  const aside = ownDirectory(join(directory, 'damaged'));
  const store = createRemoteMemoryStore({ spool, trash: createTrashDirectory({ trash, aside, spool, ...how }) });
  return {
    ...{ store, user: slowUser(store), givesUids: false, keepsKeywords: true, settle() {} },
    async close() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
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
