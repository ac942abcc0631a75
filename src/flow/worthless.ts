import { imprintOf } from '../bundle/imprint.js';
import { type BundleFile, numberInName } from '../bundle/medium.js';
import { type OpenOptions, openBundle } from '../bundle/open.js';
import type { Catalog, Exported } from '../catalog/catalog.js';
import { verifyBundle } from '../check/verify.js';
import { Failure } from '../failure.js';
import type { HostId } from '../replica/host-id.js';
import type { Session } from './session.js';

/**
 * Names of the bundles of this host that nobody needs any more: damaged ones, which a new export makes good, and ones that were
 * forgotten because every peer has them, while their stick was elsewhere. Others may use our name: what can be
 * read as theirs is left alone, and so is a whole bundle that we do not know, as a clone of this host may have written it.
 */
export async function worthlessBundles(
  { catalog, keys }: Session,
  bundles: readonly BundleFile[],
  exports: readonly Exported[],
): Promise<string[]> {
  const found: string[] = [];
  const options = { identities: [keys().ageIdentity] };
  for (const { path, fileName } of bundles) {
    if (!isOwnName(catalog, fileName)) continue;
    const imprint = await imprintOf(path);
    if (exports.some((exported) => exported.fileName === fileName && exported.imprint === imprint)) continue;
    const sender = await senderOf(path, options);
    if (sender === 'unknown' || (sender !== null && sender !== catalog.identity.hostId)) continue;
    if (sender === null || catalog.isTaken(imprint) || !(await verifyBundle(path, options)).ok) found.push(fileName);
  }
  return found;
}

/** Is it the name of a bundle that this host has written? */
export function isOwnName(catalog: Catalog, fileName: string): boolean {
  const number = numberInName(fileName, catalog.identity.hostName);
  return number !== null && number <= (catalog.lastExport()?.number ?? 0);
}

/** Null where even the beginning of the file is no bundle; unknown where it is sealed to others. */
async function senderOf(path: string, options: OpenOptions): Promise<HostId | 'unknown' | null> {
  try {
    const bundle = await openBundle(path, options);
    await bundle.close();
    return bundle.preamble.from.hostId;
  } catch (cause) {
    if (cause instanceof Failure && cause.code === 'bundle-damaged') return null;
    if (cause instanceof Failure && cause.code === 'bundle-not-for-us') return 'unknown';
    throw cause;
  }
}
