import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { openCatalog } from '../../catalog/open-catalog.js';
import { Failure } from '../../failure.js';
import { syncPath } from '../../fs/durable-write.js';
import { errnoOf } from '../../fs/errno.js';
import { lookAt } from '../../fs/open-untrusted-file.js';
import { removeCopiesOfTexts } from '../../store/open-store.js';
import { setAsideHostKeys } from '../../trust/identity/host-key-file.js';
import type { AccountReport } from '../reports/account-report-type.js';
import { placesFor, type SessionRequest } from '../session/account-session.js';
import { accountReport } from './rename-host.js';

export type UninitRequest = Pick<SessionRequest, 'catalogPath' | 'keysPath' | 'waitMs' | 'now' | 'signal'> & {
  /** Asked before anything is changed. */
  readonly accept: (foreseen: AccountReport) => Promise<boolean>;
};

/**
 * Undoes an `init`: this host has no place in the account any more. The mail stays as it is. The private keys are put
 * aside; so is the catalog of a host that has peers or has written bundles, and that of any other is removed. Throws as
 * `openCatalog` does, and `cannot-create`.
 */
export async function undoInit(request: UninitRequest): Promise<AccountReport> {
  const { catalogPath, keysPath, waitMs, now, signal } = request;
  const catalog = await openCatalog(catalogPath, { waitMs, now, signal });
  try {
    const hasExchanged = catalog.lastNumber() > 0 || catalog.pairedHosts().length > 0;
    const kept = hasExchanged ? freePath(`${catalogPath}.old`) : null;
    const report = accountReport(catalog, { done: 'undone', before: catalog.identity, kept });
    if (!(await request.accept(report))) return { ...report, done: null };
    setAsideHostKeys(keysPath);
    catalog.close(); // what its log holds goes into the file
    putAside(catalogPath, kept);
    await removeCopiesOfTexts(placesFor(request).stateDirectory);
    return report;
  } finally {
    catalog.close();
  }
}

function putAside(catalogPath: string, kept: string | null): void {
  try {
    if (kept === null) rmSync(catalogPath, { force: true });
    else renameSync(catalogPath, kept);
    syncPath(dirname(catalogPath));
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    const message = `putting aside ${catalogPath}: ${(cause as Error).message}; the private keys are by now`;
    throw new Failure('cannot-create', message, { cause });
  }
}

function freePath(path: string): string {
  for (let copy = 1; ; copy++) {
    const free = copy === 1 ? path : `${path}-${copy}`;
    if (lookAt(free) === null) return free;
  }
}
