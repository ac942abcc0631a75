import { rmSync } from 'node:fs';
import { createCatalog } from '../catalog/open.js';
import type { Trouble } from '../mail/trouble.js';
import type { HostId } from '../replica/host-id.js';
import { openStore } from '../store/open.js';
import { createHostKeys, setAsideHostKeys } from '../trust/host-keys.js';
import type { Listener, SurveyReport } from './report.js';
import { benchFor, type Session } from './session.js';
import { survey } from './survey.js';

export type InitRequest = {
  /** The store as the user names it: `maildir:~/Maildir`. */
  readonly spec: string;
  readonly account: string;
  readonly hostName: string;
  /** Its directory is made where it does not exist. */
  readonly catalogPath: string;
  /** In the same directory. */
  readonly keysPath: string;
  readonly home: string;
  /** As gethostname(2) says; not what the user called this host. */
  readonly machineName: string;
  readonly now: () => number;
  readonly randomHostId: () => HostId;
  readonly listener: Listener;
};

export type InitReport = {
  readonly kind: 'init';
  readonly account: string;
  readonly hostName: string;
  readonly hostId: HostId;
  readonly store: string;
  readonly mailboxes: number;
  readonly messages: number;
  readonly catalog: string;
  readonly troubles: readonly Trouble[];
};

/**
 * Gives this host its identity in an account, and sees what is in its store, which is left as it is. Throws `cannot-create` where the
 * account is set up already, and what `openStore` throws; then nothing was made.
 */
export async function initAccount(request: InitRequest): Promise<InitReport> {
  const { account, hostName, catalogPath, keysPath, now, listener } = request;
  const store = await openStore(request.spec, { home: request.home, hostName: request.machineName, now });
  try {
    await store.list(); // throws where there is none
    const hostId = request.randomHostId();
    const catalog = await createCatalog(catalogPath, { hostId, hostName, account, store: store.description });
    let madeKeys = false;
    try {
      const { signal } = new AbortController(); // an interruption simply ends it: the first run finds what was not seen
      setAsideHostKeys(keysPath); // of an earlier catalog
      const keys = createHostKeys(keysPath, { account, hostId });
      madeKeys = true;
      const close = async (): Promise<void> => undefined;
      const session: Session = { catalog, store, nowMs: now, listener, signal, keys: () => keys, keysPath, close };
      const { mailboxes, messages, troubles } = await firstSurvey(session);
      return {
        kind: 'init',
        account,
        hostName,
        hostId,
        store: store.description,
        mailboxes,
        messages,
        catalog: catalogPath,
        troubles,
      };
    } catch (cause) {
      if (madeKeys) rmSync(keysPath, { force: true });
      rmSync(catalogPath, { force: true });
      throw cause;
    } finally {
      catalog.close();
    }
  } finally {
    await store.close();
  }
}

async function firstSurvey(session: Session): Promise<SurveyReport> {
  session.listener({ kind: 'stage', stage: 'scan', subject: session.store.description });
  session.catalog.begin();
  try {
    const report = await survey(benchFor(session), { unnumbered: 'leave', allowExpunge: true });
    session.catalog.commit();
    return report;
  } catch (cause) {
    session.catalog.rollback();
    throw cause;
  }
}
