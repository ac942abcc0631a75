import { dirname } from 'node:path';
import { openBundle, writerOfOld } from '../../bundle/read/open-bundle.js';
import { imprintOf } from '../../bundle/read/quick-file-hash.js';
import { isBegun } from '../../catalog/facts/bundles/manifests-by-bundle-number.js';
import { ownNames } from '../../catalog/facts/own-host/own-host-names.js';
import type { ExportCatalog, Exported } from '../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import { verifyBundle } from '../../check/verify-bundle.js';
import { isOfOneThing } from '../../failure.js';
import { straysIn } from '../../medium/find-misplaced-bundles.js';
import { accountFolder, type BundleFile, numberInName } from '../../medium/name-and-list-bundle-files.js';
import { refuseForeignSelf } from '../peers/equivocation/clone-detection.js';
import type { Session } from '../session/account-session.js';
import { isSpentOfFormerSelf } from './bundles-of-former-self.js';

/**
 * Names of the bundles of this host that nobody needs any more: damaged ones, which a new export makes good, and ones
 * that were forgotten because every peer has them, while their stick was elsewhere; and one that a run which died had
 * finished and not noted: what is in it has been said again; and what it wrote before it began again, once all know
 * that. Others may use our name: what can be read as theirs is
 * left alone. Throws `identity` for one that a clone of this host has written.
 */
export async function worthlessBundles(
  session: Pick<Session, 'catalog' | 'keys' | 'keysPath' | 'signal'>,
  bundles: readonly BundleFile[],
  exports: readonly Exported[],
): Promise<string[]> {
  const { catalog } = session;
  const found: string[] = [];
  const options = { identities: [session.keys().ageIdentity], signal: session.signal };
  for (const { path, fileName } of bundles) {
    if (numberInName(fileName, ownNames(catalog)) === null) continue;
    const imprint = await imprintIfReadable(path);
    if (imprint === null) continue;
    if (exports.some((exported) => exported.fileName === fileName && exported.imprint === imprint)) continue;
    const writer = await writerOf(session, path);
    if (writer === 'others' && (await isSpentOfFormerSelf(session, path))) {
      found.push(fileName);
      continue;
    }
    if (writer === 'others' || (writer === 'unreadable' && !isOwnName(catalog, fileName))) continue;
    const isWorthless =
      writer === 'unreadable' ||
      writer === 'begun' ||
      writer === 'outdated' ||
      catalog.isTaken(imprint) ||
      !(await verifyBundle(path, options)).ok;
    if (isWorthless) found.push(fileName);
  }
  return found;
}

/**
 * Names of the copies of this host's bundles that lie under other names in their folder, and whose originals nobody
 * needs any more: `home-000042.tar.zst (1).age`. Only a file that is known byte by byte goes.
 */
export async function worthlessCopies(
  { catalog }: Pick<Session, 'catalog'>,
  directory: string,
  exports: readonly Exported[],
): Promise<string[]> {
  const found: string[] = [];
  const own = accountFolder(directory, catalog.identity.account);
  const files = straysIn(directory, own).filter(({ path }) => dirname(path) === own);
  for (const { path, fileName } of files) {
    const imprint = await imprintIfReadable(path);
    if (imprint === null || exports.some((exported) => exported.imprint === imprint)) continue;
    if (isOwnName(catalog, nameBefore(fileName)) && catalog.isTaken(imprint)) found.push(fileName);
  }
  return found;
}

/** The name that a file had before somebody put something into it: `home-000042.tar.zst.age` of `... (1).age`. */
function nameBefore(fileName: string): string {
  const match = /^(.*-\d{6,15})(?!\d).*$/.exec(fileName.toLowerCase());
  return match === null ? fileName : `${match[1]}.tar.zst.age`;
}

/** Null where the file cannot be read, which is no reason not to write another. */
export async function imprintIfReadable(path: string): Promise<string | null> {
  try {
    return await imprintOf(path);
  } catch (cause) {
    if (isOfOneThing(cause, 'io')) return null;
    throw cause;
  }
}

/** Is it the name of a bundle that this host has written, or was writing when it died? */
export function isOwnName(catalog: IdentityCatalog & ExportCatalog & FactCatalog, fileName: string): boolean {
  const number = numberInName(fileName, ownNames(catalog));
  return number !== null && number <= catalog.lastNumber();
}

type Writer =
  | 'self'
  /** A run of ours that died before it had noted what it wrote. */
  | 'begun'
  /** This host, when it wrote what nobody understands any more. */
  | 'outdated'
  | 'others'
  | 'unreadable';

async function writerOf(session: Pick<Session, 'catalog' | 'keys' | 'signal'>, path: string): Promise<Writer> {
  const { catalog, keys } = session;
  const { ageIdentity, signingKey } = keys();
  try {
    const bundle = await openBundle(path, { identities: [ageIdentity], signal: session.signal });
    await bundle.close();
    const isOurs = bundle.preamble.from.hostId === catalog.identity.hostId && bundle.signedBy === signingKey.publicKey;
    if (!isOurs) return 'others';
    refuseForeignSelf(catalog, bundle, `exporting beside ${path}`);
    return isBegun(catalog, bundle.preamble.number) ? 'begun' : 'self';
  } catch (cause) {
    if (isOfOneThing(cause, 'bundle-damaged')) return 'unreadable';
    if (isOfOneThing(cause, 'bundle-not-for-us')) return 'others';
    if (!isOfOneThing(cause, 'bundle-not-understood')) throw cause;
    if (await isOutdated(session, path)) return 'outdated';
    if ((await writerOfOld(path, { identities: [ageIdentity], signal: session.signal })) === null) throw cause;
    return 'others';
  }
}

/** Has this host written it, in a version that is not read any more? */
export async function isOutdated(
  session: Pick<Session, 'catalog' | 'keys' | 'signal'>,
  path: string,
): Promise<boolean> {
  const { catalog, keys } = session;
  const { ageIdentity, signingKey } = keys();
  const old = await writerOfOld(path, { identities: [ageIdentity], signal: session.signal });
  return old?.hostId === catalog.identity.hostId && old.signedBy === signingKey.publicKey;
}
