import { lastHeardAt, rememberSpoken } from '../../catalog/facts/peers/last-heard-at-each-export.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { verifyBundle } from '../../check/verify-bundle.js';
import { isOfOneThing } from '../../failure.js';
import type { Session } from '../session/account-session.js';
import { isAcknowledged, reaches } from './what-recipients-know.js';

// A look at the beginning and the end of a bundle of ours does not show damage in its middle, and reading all of them
// at every export would take too long. But who has spoken since a bundle was written, and does not say that it took it
// in, may have found it damaged.

/**
 * Is this bundle of ours, whose beginning and end are sound, damaged in its middle? It is read only where there is
 * reason to ask.
 */
export async function isSpoilt(
  { catalog, keys, listener, signal }: Pick<Session, 'catalog' | 'keys' | 'listener' | 'signal'>,
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

function isInDoubt(catalog: FactCatalog, exported: Exported, peer: Peer): boolean {
  if (!peer.isDirect || !reaches(exported, peer) || isAcknowledged(exported, peer)) return false;
  return peer.lastNumber > lastHeardAt(catalog, exported.number, peer.hostId);
}
