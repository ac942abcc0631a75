import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createCatalog, openCatalog } from '../../src/catalog/open-catalog.js';
import type { ExportOptions } from '../../src/flow/export/export-options.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import type { ExportReport, ImportReport } from '../../src/flow/reports/run-report-types.js';
import { beginRun } from '../../src/flow/run/begin-run.js';
import type { Session } from '../../src/flow/session/account-session.js';
import type { HostId } from '../../src/replica/host-id.js';
import { openStore } from '../../src/store/open-store.js';
import { type AgeIdentity, newAgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { type SigningKey, signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { makeSite, type Site } from '../end-to-end/site.js';

// Hosts within this process, each a directory with a Maildir and a catalog, so that a copy of the directory is a copy of the host.

export type FuzzHost = {
  readonly name: string;
  readonly hostId: HostId;
  readonly directory: string;
  readonly site: Site;
  readonly keys: { readonly signingKey: SigningKey; readonly ageIdentity: AgeIdentity };
};

/** Time stands still: nothing depends on it. */
const nowMs = 1_750_000_000_000;

export const account = 'alice';

export async function makeFuzzHost(directory: string, name: string, fill: (site: Site) => void): Promise<FuzzHost> {
  const site = makeSite(directory, name, { uidList: true });
  fill(site);
  const hostId = name[0]?.repeat(32) ?? '';
  const seed = Buffer.alloc(32, name);
  const keys = { signingKey: signingKeyOf(seed), ageIdentity: newAgeIdentity(() => seed) };
  const host = { name, hostId, site, keys, directory: join(directory, name) };
  const identity = { hostId, hostName: name, account, store: site.store };
  (await createCatalog(catalogOf(host), identity)).close();
  await withSession(host, look);
  return host;
}

/** The same host once more, elsewhere. */
export function copyOfHost(host: FuzzHost, directory: string): FuzzHost {
  mkdirSync(directory, { recursive: true });
  cpSync(host.directory, join(directory, host.name), { recursive: true, preserveTimestamps: true });
  return { ...host, site: makeSite(directory, host.name), directory: join(directory, host.name) };
}

/** Both take the bundles of each other. */
export async function pairHosts(hosts: readonly FuzzHost[]): Promise<void> {
  for (const host of hosts) {
    await withSession(host, async ({ catalog }) => {
      for (const { name, hostId, keys } of hosts) {
        if (hostId === host.hostId) continue;
        const { publicKey } = keys.signingKey;
        const rest = { right: 'full', isRevoked: false, isRetired: false, pairedAtS: 1 } as const;
        catalog.putPairedHost({
          hostId,
          name,
          signingKey: publicKey,
          ageRecipient: keys.ageIdentity.recipient,
          ...rest,
        });
      }
    });
  }
}

export async function withSession<T>(host: FuzzHost, work: (session: Session) => Promise<T>): Promise<T> {
  const catalog = await openCatalog(catalogOf(host), { waitMs: 0 });
  try {
    const how = { home: host.directory, hostName: host.name, now: () => nowMs };
    const opened = await openStore(host.site.store, how);
    try {
      return await work({
        ...opened,
        catalog,
        nowMs: () => nowMs,
        listener: () => undefined,
        signal: new AbortController().signal,
        keys: () => ({ account, hostId: host.hostId, ...host.keys }),
        keysPath: join(host.directory, 'keys'),
        close: async () => undefined,
      });
    } finally {
      await opened.store.close();
    }
  } finally {
    catalog.close();
  }
}

function catalogOf({ directory }: Pick<FuzzHost, 'directory'>): string {
  return join(directory, 'catalog.db');
}

/** Lets the host see what happened in its store; answers how many mailboxes had changed. */
export async function look(session: Session): Promise<number> {
  const { scan } = await beginRun(session, { dryRun: false, allowExpunge: true });
  return scan.changes.length;
}

/** The bundle that the host would write now, not sealed. */
export async function exported(
  session: Session,
  options: Partial<ExportOptions> = {},
): Promise<{ readonly bytes: Buffer; readonly report: ExportReport }> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(Buffer.from(chunk));
      done();
    },
  });
  const all = { dryRun: false, full: false, texts: 'unseen', plain: true, mailboxes: [], allowExpunge: true } as const;
  const report = await exportTo(session, { sink }, { ...all, ...options });
  return { bytes: Buffer.concat(pieces), report };
}

export async function taken(session: Session, file: string, dryRun = false): Promise<ImportReport> {
  return importFrom(session, { files: [file] }, { dryRun, mailboxes: [], allowExpunge: true });
}
