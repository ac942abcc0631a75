import type { Catalog } from '../../catalog/interface/catalog.js';
import { openCatalog } from '../../catalog/open-catalog.js';
import { openCatalogCopy } from '../../catalog/open-catalog-copy.js';
import { isOfOneThing } from '../../failure.js';
import { openStore } from '../../store/open-store.js';
import { refuseOpenDirectory } from '../../trust/identity/refuse-open-keys-directory.js';
import { placesFor, type SessionRequest } from './account-session.js';

/** What this host knows of an account, to be looked at. */
export type Reading = {
  readonly catalog: Catalog;
  /** Looks whether the store is there; nothing else needs it. Throws `store-absent`, `store-damaged`. */
  lookForStore(): Promise<void>;
  close(): void;
};

type ReadingRequest = Omit<SessionRequest, 'waitMs' | 'listener' | 'trashBytesMax' | 'doveadm'>;

/**
 * Opens an account for a look at what is known, waiting for nobody: while another run has it, or where nothing may be
 * written, as the last commit left it. Throws `config` (no such account), `store-damaged`, `io`.
 */
export async function readAccount(request: ReadingRequest): Promise<Reading> {
  const { catalogPath, keysPath, home, machineName, now, signal } = request;
  refuseOpenDirectory(keysPath);
  const catalog = await openOrCopy(catalogPath, { now, signal });
  return {
    catalog,
    async lookForStore() {
      const { store } = catalog.identity;
      const { store: opened } = await openStore(store, {
        ...{ home, hostName: machineName, now, doveadm: [], signal },
        ...placesFor(request),
      });
      try {
        await opened.list();
      } finally {
        await opened.close();
      }
    },
    close: () => catalog.close(),
  };
}

async function openOrCopy(path: string, options: Pick<SessionRequest, 'now' | 'signal'>): Promise<Catalog> {
  try {
    return await openCatalog(path, { ...options, waitMs: 0 });
  } catch (cause) {
    if (!isOfOneThing(cause, 'locked', 'cannot-create')) throw cause;
    return openCatalogCopy(path);
  }
}
