import { openCatalog } from '../../catalog/open-catalog.js';
import { advice, Failure, isOfOneThing, typed } from '../../failure.js';
import { realPath } from '../../fs/real-path.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { pathsOfStore, serverAccountOf, shownStore } from '../../store/paths-and-settings-of-store.js';

/** Another account of this host. */
export type OtherAccount = { readonly name: string; readonly catalogPath: string };

/**
 * A warning for each other account whose store has the same root, or an inbox there, or is the same account on a
 * server: what comes in by one goes out by the other. `store` is as the catalog has it. An account that cannot be
 * opened now is passed over.
 */
export async function accountsWithSameMail(
  store: string,
  others: readonly OtherAccount[],
  now: () => number,
): Promise<Trouble[]> {
  const mail = new Set(pathsOfStore(store).map(realPath));
  const atServer = serverAccountOf(store);
  const warnings: Trouble[] = [];
  for (const { name, catalogPath } of others) {
    const theirs = await storeOf(catalogPath, now);
    if (theirs === null) continue;
    const isSame = pathsOfStore(theirs).some((path) => mail.has(realPath(path)));
    if (!isSame && (atServer === null || atServer !== serverAccountOf(theirs))) continue;
    const failure = new Failure(
      'config',
      `the account ${name} of this host has the same mail (${shownStore(theirs)})`,
      {
        hint: advice`What comes in by one account goes out by the other. Unless that is meant: ${typed('mrepl', 'uninit', '--account', name)}`,
      },
    );
    warnings.push({ subject: shownStore(store), failure });
  }
  return warnings;
}

async function storeOf(catalogPath: string, now: () => number): Promise<string | null> {
  try {
    const catalog = await openCatalog(catalogPath, { waitMs: 0, now });
    const { store } = catalog.identity;
    catalog.close();
    return store;
  } catch (cause) {
    if (isOfOneThing(cause)) return null;
    throw cause;
  }
}
