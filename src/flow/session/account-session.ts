import { dirname, join } from 'node:path';
import type { Bench } from '../../apply/context/run-context.js';
import { workingCopyOf } from '../../apply/context/working-copy-of-mailboxes.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import { openCatalog } from '../../catalog/open-catalog.js';
import type { OpenedStore } from '../../store/interface/opened-store.js';
import type { SecretSurroundings, StoreContext } from '../../store/interface/store-context.js';
import { openStore } from '../../store/open-store.js';
import { adoptHostKeys, type HostKeys, readHostKeys } from '../../trust/identity/host-key-file.js';
import { refuseOpenDirectory } from '../../trust/identity/refuse-open-keys-directory.js';
import type { Listener } from '../reports/run-report-types.js';

/** An account opened for one run: its catalog is locked against other runs until `close`. */
export type Session = OpenedStore & {
  readonly catalog: Catalog;
  readonly nowMs: () => number;
  /** What the texts in the trash may come to, inclusive; null, or left out: as much as they are. */
  readonly trashBytesMax?: number | null;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  /** This host's private keys. Throws `config` where they are missing or garbled. */
  keys(): HostKeys;
  /** Where they are. */
  readonly keysPath: string;
  close(): Promise<void>;
};

export type SessionRequest = {
  /** In the account's own directory. */
  readonly catalogPath: string;
  readonly keysPath: string;
  readonly home: string;
  /** As gethostname(2) says; not what the user called this host. */
  readonly machineName: string;
  /** How Dovecot's `doveadm` is run; empty, or left out: not at all. */
  readonly doveadm?: readonly string[];
  /** How long to wait for another run to end; 0 fails at once with `locked`. */
  readonly waitMs: number;
  /** See `Session`. */
  readonly trashBytesMax?: number | null;
  readonly now: () => number;
  readonly listener: Listener;
  readonly signal: AbortSignal;
  /** For a store on a server. */
  readonly secrets?: SecretSurroundings;
};

/** What a store finds of its account on this host: the catalog is beside what a store on a server has here. */
export function placesFor({ catalogPath, secrets }: Pick<SessionRequest, 'catalogPath' | 'secrets'>): Pick<
  StoreContext,
  'accountDirectory' | 'secrets'
> & {
  readonly stateDirectory: string;
} {
  const accountDirectory = dirname(catalogPath);
  return { accountDirectory, stateDirectory: join(accountDirectory, 'store'), ...(secrets && { secrets }) };
}

/** Throws `locked`, `config` (no such account), `store-absent`, `store-damaged`. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { listener, signal, now, home, waitMs, keysPath, trashBytesMax = null } = request;
  refuseOpenDirectory(keysPath);
  const catalog = await openCatalog(request.catalogPath, { waitMs, now, signal });
  try {
    adoptHostKeys(keysPath, catalog.identity); // of a `rejoin` that died just before its end
    const { machineName, doveadm = [] } = request;
    const opened = await openStore(catalog.identity.store, {
      ...{ home, hostName: machineName, now, doveadm, signal },
      ...placesFor(request),
    });
    const close = async (): Promise<void> => {
      await opened.store.close();
      catalog.close();
    };
    const keys = keysReadOnce(keysPath, catalog);
    return { ...opened, catalog, nowMs: now, trashBytesMax, listener, signal, keys, keysPath, close };
  } catch (cause) {
    catalog.close();
    throw cause;
  }
}

/** The keys of the host that the account is at the moment: those of a `rejoin` in this session, too. */
function keysReadOnce(path: string, catalog: Pick<Catalog, 'identity'>): () => HostKeys {
  let known: HostKeys | null = null;
  return () => {
    if (known?.hostId !== catalog.identity.hostId) known = readHostKeys(path, catalog.identity);
    return known;
  };
}

/** A bench for one run; after a transaction in it was undone a new one is needed. */
export function benchFor(session: Session): Bench {
  let doneBytes = 0;
  let doneMessages = 0;
  return {
    catalog: session.catalog,
    store: session.store,
    copy: workingCopyOf(session.catalog),
    nowS: () => Math.floor(session.nowMs() / 1000),
    signal: session.signal,
    untaken: new Map(),
    onMessages(count, bytes) {
      doneMessages += count;
      doneBytes += bytes;
      session.listener({ kind: 'progress', doneBytes, totalBytes: 0, doneMessages, totalMessages: 0 });
    },
  };
}
