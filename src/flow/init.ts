import { join } from 'node:path';
import { createCatalog } from '../catalog/open.js';
import type { HostId } from '../replica/host-id.js';
import { openStore } from '../store/open.js';
import { catalogFileName } from './session.js';

export type InitRequest = {
  /** The store as the user names it: `maildir:~/Maildir`. */
  readonly spec: string;
  readonly account: string;
  readonly hostName: string;
  /** The account's own directory, made where it does not exist. */
  readonly dataDirectory: string;
  readonly home: string;
  /** As gethostname(2) says; not what the user called this host. */
  readonly machineName: string;
  readonly now: () => number;
  readonly randomHostId: () => HostId;
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
};

/**
 * Gives this host its identity in an account. The store is looked at and left as it is. Throws `cannot-create` where the account is
 * set up already, and what `openStore` throws.
 */
export async function initAccount(request: InitRequest): Promise<InitReport> {
  const { account, hostName, dataDirectory } = request;
  const store = await openStore(request.spec, { home: request.home, hostName: request.machineName, now: request.now });
  try {
    const { mailboxes } = await store.list();
    let messages = 0;
    for (const { name } of mailboxes) {
      const scan = await store.scan(name, { known: null, assignUids: false });
      if (scan !== null && scan !== 'unchanged') messages += scan.messages.length;
    }
    const catalog = join(dataDirectory, catalogFileName);
    const hostId = request.randomHostId();
    const identity = { hostId, hostName, account, store: store.description };
    (await createCatalog(catalog, identity)).close();
    return {
      kind: 'init',
      account,
      hostName,
      hostId,
      store: store.description,
      mailboxes: mailboxes.length,
      messages,
      catalog,
    };
  } finally {
    await store.close();
  }
}
