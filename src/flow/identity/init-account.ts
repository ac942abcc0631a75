import { rmSync } from 'node:fs';
import { createCatalog, endSetUp } from '../../catalog/open-catalog.js';
import { isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import type { SecretSurroundings } from '../../store/interface/store-context.js';
import { openNewStore, removeCopiesOfTexts } from '../../store/open-store.js';
import {
  createHostKeys,
  type HostKeys,
  type KeyOwner,
  readHostKeys,
  setAsideHostKeys,
} from '../../trust/identity/host-key-file.js';
import { refuseOpenDirectory } from '../../trust/identity/refuse-open-keys-directory.js';
import type { Listener, SurveyReport } from '../reports/run-report-types.js';
import { survey } from '../run/survey-store.js';
import { benchFor, placesFor, type Session } from '../session/account-session.js';
import { accountsWithSameMail, type OtherAccount } from './accounts-with-same-mail.js';

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
  /** The other accounts of this host: no Maildir is to be in two of them. */
  readonly otherAccounts?: readonly OtherAccount[];
  /** How the store was found, where the user did not name it. */
  readonly foundBy?: readonly string[];
  /** For a store on a server. */
  readonly secrets?: SecretSurroundings;
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
  /** Sentences without a full stop: how the store was found; empty where the user named it. */
  readonly foundBy: readonly string[];
  readonly mailboxes: number;
  readonly messages: number;
  readonly catalog: string;
  readonly troubles: readonly Trouble[];
  /** What is as the user said it, and hardly meant. */
  readonly warnings: readonly Trouble[];
};

/**
 * Gives this host its identity in an account, and sees what is in its store, which is left as it is. Throws
 * `cannot-create` where the account is set up already, and what `openStore` throws; then nothing was made.
 */
export async function initAccount(request: InitRequest): Promise<InitReport> {
  const { account, hostName, catalogPath, keysPath, now, listener } = request;
  const places = placesFor(request);
  const opened = await openNewStore(request.spec, {
    ...{ home: request.home, hostName: request.machineName, now },
    ...places,
  });
  const { store, spec } = opened;
  try {
    await store.list(); // throws where there is none
    refuseOpenDirectory(keysPath);
    const newId = request.randomHostId();
    const catalog = await createCatalog(catalogPath, { hostId: newId, hostName, account, store: spec });
    const { hostId } = catalog.identity;
    const isResumed = hostId !== newId;
    let madeKeys = false;
    try {
      const { signal } = new AbortController(); // an interruption simply ends it: to do it again goes on from there
      const keys = keysFor(keysPath, { account, hostId });
      madeKeys = true;
      const close = async (): Promise<void> => undefined;
      const session: Session = { ...opened, catalog, nowMs: now, listener, signal, keys: () => keys, keysPath, close };
      const { mailboxes, messages, troubles } = await firstSurvey(session);
      return {
        kind: 'init',
        account,
        hostName,
        hostId,
        store: store.description,
        foundBy: request.foundBy ?? [],
        mailboxes,
        messages,
        catalog: catalogPath,
        troubles,
        warnings: await accountsWithSameMail(spec, request.otherAccounts ?? [], now),
      };
    } catch (cause) {
      if (!isResumed) {
        if (madeKeys) rmSync(keysPath, { force: true });
        rmSync(catalogPath, { force: true });
        await removeCopiesOfTexts(places.stateDirectory);
      }
      throw cause;
    } finally {
      catalog.close();
    }
  } finally {
    await store.close();
  }
}

/**
 * Those that an `init` which died has made; else new ones, and what lies in their place is kept: it is of an earlier
 * catalog.
 */
function keysFor(path: string, owner: KeyOwner): HostKeys {
  try {
    return readHostKeys(path, owner);
  } catch (cause) {
    if (!isOfOneThing(cause, 'config')) throw cause;
  }
  setAsideHostKeys(path);
  return createHostKeys(path, owner);
}

async function firstSurvey(session: Session): Promise<SurveyReport> {
  session.listener({ kind: 'stage', stage: 'scan', subject: session.store.description });
  return session.catalog.transaction(async () => {
    const report = await survey(benchFor(session), { unnumbered: 'leave', allowExpunge: true });
    endSetUp(session.catalog);
    return report;
  });
}
