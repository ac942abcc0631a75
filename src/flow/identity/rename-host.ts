import { takeName } from '../../catalog/facts/own-host/own-host-names.js';
import type { Identity, IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import { readersIn } from '../../catalog/interface/recipients-and-permissions.js';
import { advice, Failure, typed } from '../../failure.js';
import { shownStore } from '../../store/paths-and-settings-of-store.js';
import type { AccountReport } from '../reports/account-report-type.js';
import type { Session } from '../session/account-session.js';

/**
 * Calls this host something else. It stays the same host: its peers know it by its id and its keys. Throws `usage`
 * where a peer has that name here; then nothing was changed.
 */
export function renameHost({ catalog }: Pick<Session, 'catalog'>, name: string): AccountReport {
  const before = catalog.identity;
  refuseNameOfPeer(catalog, name);
  if (name !== before.hostName) catalog.transaction(() => takeName(catalog, name));
  return accountReport(catalog, { done: 'renamed', before });
}

function refuseNameOfPeer(catalog: PairedHostCatalog, name: string): void {
  if (!catalog.pairedHosts().some((host) => host.name === name)) return;
  throw new Failure('usage', `renaming this host to ${name}: a peer is called so here; nothing was changed`, {
    hint: advice`Choose a name that no host of the account has, or call the peer something else first: ${typed('mrepl', 'peers', 'rename', name, 'OTHER')}`,
  });
}

/** What is to be told once it is done, or was refused. */
export function accountReport(
  catalog: IdentityCatalog & PairedHostCatalog,
  { done, before, kept = null }: Pick<AccountReport, 'done'> & { before: Identity; kept?: string | null },
): AccountReport {
  const { account, hostId, hostName, store } = catalog.identity;
  return {
    ...{ kind: 'account' as const, done, account, hostId, hostName, formerName: before.hostName },
    ...{
      store: shownStore(store),
      formerStore: shownStore(before.store),
      peers: readersIn(catalog).map(({ name }) => name),
      kept,
    },
  };
}
