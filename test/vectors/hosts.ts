import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import type { HostId } from '../../src/replica/host-id.js';
import { createMemoryStore } from '../../src/store/memory/memory-store.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { newAgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { fingerprintOf } from '../../src/trust/identity/card-fingerprint.js';
import type { HostKeys } from '../../src/trust/identity/host-key-file.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { entriesOf, framed, tarOf } from '../fuzz/parts.js';
import { options, type Party, sessionOf } from '../scenes/party.js';

// The hosts of the vectors: their keys come from their names, so that everything they sign is the same whenever it is made.

export const account = 'alice';

export const names = ['home', 'cabin', 'boat'] as const;

export type HostName = (typeof names)[number];

/** Who merges the series: a host that has no store, and does nothing itself. */
export const readerId: HostId = 'd4'.repeat(16);

const ids: Readonly<Record<HostName, HostId>> = {
  home: 'a1'.repeat(16),
  cabin: 'b2'.repeat(16),
  boat: 'c3'.repeat(16),
};

export function keysOf(name: HostName): HostKeys {
  const seed = (what: string): Buffer => Buffer.alloc(32, `${name} ${what} `);
  return {
    account,
    hostId: ids[name],
    signingKey: signingKeyOf(seed('signs')),
    ageIdentity: newAgeIdentity(() => seed('opens')),
  };
}

/** What `keys.json` says of them. Never to be used for anything else. */
export function keyObjects(): readonly object[] {
  return names.map((name) => {
    const { hostId, signingKey, ageIdentity } = keysOf(name);
    const { publicKey } = signingKey;
    return {
      ...{
        account,
        host: hostId,
        name,
        signingKey: publicKey,
        signingSeed: signingKey.revealSeed().toString('base64'),
      },
      ...{ ageRecipient: ageIdentity.recipient, ageIdentity: ageIdentity.reveal() },
      fingerprint: fingerprintOf({ account, hostId, signingKey: publicKey, ageRecipient: ageIdentity.recipient }),
    };
  });
}

/** A host with an empty store in memory, paired with these. */
export async function vectorHost(directory: string, name: HostName, peers: readonly HostName[]): Promise<Party> {
  const keys = keysOf(name);
  const catalog = await createCatalog(join(directory, name, 'catalog.db'), {
    ...{ hostId: keys.hostId, hostName: name, account, store: 'memory' },
  });
  for (const other of peers) {
    const { hostId, signingKey, ageIdentity } = keysOf(other);
    catalog.putPairedHost({
      ...{ hostId, name: other, signingKey: signingKey.publicKey, ageRecipient: ageIdentity.recipient },
      ...{ right: 'full', isRevoked: false, isRetired: false, pairedAtS: 1_700_000_000 },
    });
  }
  const store = createMemoryStore({ firstUidValidity: 1_600_000_000 + 1000 * names.indexOf(name) });
  return { store, catalog, keys, keysPath: '', blocked: null, turnsUntilLost: 0, nowMs: 1_741_000_000_000 };
}

/** What a host would say now, whatever it has said before: as it knows what the others have. */
export async function bundleOf(party: Party): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(Buffer.from(chunk));
      done();
    },
  });
  const report = await exportTo(sessionOf(party), { sink }, { ...options, plain: true });
  if (troublesOf(report).length > 0) throw troublesOf(report)[0]?.failure;
  party.nowMs += 60_000;
  return refitted(Buffer.concat(pieces));
}

/** Takes in these files. */
export async function take(party: Party, files: readonly string[]): Promise<void> {
  const report = await importFrom(sessionOf(party), { files }, options);
  if (troublesOf(report).length > 0) throw troublesOf(report)[0]?.failure;
  party.nowMs += 60_000;
}

/** The same archive in frames of one codec, so that it has the same bytes wherever it is made. */
async function refitted(bytes: Buffer): Promise<Buffer> {
  return framed(entriesOf(await tarOf(bytes)));
}
