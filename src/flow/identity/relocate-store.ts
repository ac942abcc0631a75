import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import { openCatalog } from '../../catalog/open-catalog.js';
import { advice, Failure, typed } from '../../failure.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import { openNewStore } from '../../store/open-store.js';
import type { AccountReport } from '../reports/account-report-type.js';
import { placesFor, type SessionRequest } from '../session/account-session.js';
import { accountReport } from './rename-host.js';

export type RelocateRequest = Pick<
  SessionRequest,
  'catalogPath' | 'home' | 'machineName' | 'waitMs' | 'now' | 'signal' | 'secrets'
> & { readonly spec: string };

/** The share of the messages known here that a store has at the least to be the same one. Inclusive. */
const sameShareMin = 0.5;

/**
 * Points the account at another path of the store it has, or describes that otherwise. Nothing is read or changed in
 * either. Throws what opening a catalog or a store does, and `guard` where the mail there is not the mail that is known
 * here.
 */
export async function relocate(request: RelocateRequest): Promise<AccountReport> {
  const { catalogPath, waitMs, now, signal, home, machineName } = request;
  const catalog = await openCatalog(catalogPath, { waitMs, now, signal });
  try {
    const before = catalog.identity;
    const { store, spec } = await openNewStore(request.spec, {
      ...{ home, hostName: machineName, now, signal },
      ...placesFor(request),
    });
    try {
      await refuseOtherMail(catalog, store);
      catalog.putIdentity({ ...before, store: spec });
      return accountReport(catalog, { done: 'relocated', before });
    } finally {
      await store.close();
    }
  } finally {
    catalog.close();
  }
}

/**
 * Messages are known by the names of their files, which a copy or a move of the store keeps, whatever mailbox they are
 * taken for.
 */
async function refuseOtherMail(catalog: MailboxCatalog, store: MailStore): Promise<void> {
  const known = new Set<string>();
  for (const { state } of catalog.summaries()) {
    for (const { ref } of catalog.load(state.name)?.holdings.values() ?? []) known.add(ref);
  }
  let found = 0;
  for (const { name } of (await store.list()).mailboxes) {
    const scan = await store.scan(name, { known: null, assignUids: false });
    if (scan === null || scan === 'unchanged') continue;
    for (const { ref } of scan.messages) if (known.delete(ref)) found++;
  }
  const all = found + known.size;
  if (found >= all * sameShareMin) return;
  throw new Failure(
    'guard',
    `relocating to ${store.description}: of ${all} messages that this host knows ${found} are there, so it is another store; nothing was changed`,
    {
      hint: advice`Copy the mail there first. For other mail set up an account of its own: ${typed('mrepl', 'init', 'STORE', '--account', 'NAME')}`,
    },
  );
}
