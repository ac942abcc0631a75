import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { verifyBundle } from '../../check/verify-bundle.js';
import { invariant, isOfOneThing } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { Session } from '../session/account-session.js';
import { isAcknowledged, reaches } from './what-recipients-know.js';

// A look at the beginning and the end of a bundle of ours does not show damage in its middle, and reading all of them at every export would
// take too long. But who has spoken since a bundle was written, and does not say that it took it in, may have found it damaged.

const key = 'spoken';

/** For each bundle of ours, the number of the last bundle that each peer had written by then, as far as was known. */
type Spoken = Readonly<Record<string, Readonly<Record<HostId, number>>>>;

/** Remembers what peers have said by now, when a bundle is written or was just seen to be whole. */
export function rememberSpoken(catalog: Catalog, number: number): void {
  const numbers = new Set(catalog.exportNumbers().map(String));
  const kept = Object.entries(readSpoken(catalog)).filter(([other]) => numbers.has(other));
  const now = recipientsOf(catalog).map(({ hostId, lastNumber }) => [hostId, lastNumber]);
  catalog.setNote(key, JSON.stringify({ ...Object.fromEntries(kept), [number]: Object.fromEntries(now) }));
}

/** Is this bundle of ours, whose beginning and end are sound, damaged in its middle? It is read only where there is reason to ask. */
export async function isSpoilt(
  { catalog, keys, listener, signal }: Session,
  exported: Exported,
  file: { readonly path: string; readonly fileName: string },
): Promise<boolean> {
  if (!recipientsOf(catalog).some((peer) => isInDoubt(catalog, exported, peer))) return false;
  listener({ kind: 'stage', stage: 'read', subject: file.fileName });
  try {
    const { ok } = await verifyBundle(file.path, { identities: [keys().ageIdentity], signal });
    if (ok) rememberSpoken(catalog, exported.number);
    return !ok;
  } catch (cause) {
    if (isOfOneThing(cause, 'io')) return true;
    throw cause;
  }
}

function isInDoubt(catalog: Catalog, exported: Exported, peer: Peer): boolean {
  if (!peer.isDirect || !reaches(exported, peer) || isAcknowledged(exported, peer)) return false;
  return peer.lastNumber > (readSpoken(catalog)[exported.number]?.[peer.hostId] ?? 0);
}

function readSpoken(catalog: Catalog): Spoken {
  const spoken: unknown = JSON.parse(catalog.note(key) ?? '{}');
  invariant(typeof spoken === 'object' && spoken !== null, `the note ${key} is not what was written`);
  return spoken as Spoken;
}
