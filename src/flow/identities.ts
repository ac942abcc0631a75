import type { UnverifiedBundle } from '../bundle/open.js';
import type { Catalog } from '../catalog/catalog.js';
import { Failure } from '../failure.js';
import type { HostId } from '../replica/host-id.js';

// A host writes one bundle of each number. Two different ones were written by two hosts of one identity: a clone, or the host itself
// before and after its catalog was restored from a backup. Every bundle that was written or taken in is therefore remembered by its
// number and the hash of its manifest.

/** Its manifest is not known before it is written; until then, and for ever if the run dies, that number is known as begun. */
const begun = 'begun';

function keyOf(host: HostId, number: number): string {
  return `bundle:${host}:${number}`;
}

/** This host is about to write a bundle of this number. Durable before the bundle has its name. */
export function rememberBegun(catalog: Catalog, number: number): void {
  catalog.setNote(keyOf(catalog.identity.hostId, number), begun);
}

/** Was a bundle of this number begun, and not noted as written? */
export function isBegun(catalog: Catalog, number: number): boolean {
  return catalog.note(keyOf(catalog.identity.hostId, number)) === begun;
}

/** The bundle was written, or taken in whole. */
export function rememberBundle(
  catalog: Catalog,
  host: HostId,
  { number, manifestSha256 }: { readonly number: number; readonly manifestSha256: string },
): void {
  catalog.setNote(keyOf(host, number), manifestSha256);
}

/** Throws `identity` for a bundle in the name of this host that this host, as far as it remembers, did not write. */
export function refuseForeignSelf(catalog: Catalog, bundle: UnverifiedBundle, doing: string): void {
  const { number } = bundle.preamble;
  const known = catalog.note(keyOf(catalog.identity.hostId, number));
  if (known === begun || known === bundle.manifestSha256) return;
  throw notThis(`${doing}: it was written in the name of this host, but not by it`);
}

/** Throws `identity` for a bundle of a peer that has heard bundles of this host which this host never wrote. */
export function refuseForeignEcho(
  catalog: Catalog,
  { preamble: { from, heard } }: UnverifiedBundle,
  doing: string,
): void {
  const last = heard.get(catalog.identity.hostId)?.at(-1)?.[1] ?? 0;
  if (last <= catalog.lastNumber()) return;
  throw notThis(`${doing}: ${from.name} has heard bundle ${last} of this host, which this host has not written yet`);
}

function notThis(what: string): Failure {
  return new Failure('identity', `${what}; nothing was changed`, {
    hint: 'This host was cloned, or its catalog was restored from a backup: "mrepl rejoin" makes it a host of its own, with the mail that is here; "mrepl rejoin --dry-run" shows how.',
  });
}

/** Throws `untrusted` for a bundle of a peer that has the number of another one which was taken in. */
export function refuseSecondOfNumber(catalog: Catalog, bundle: UnverifiedBundle, doing: string): void {
  const { from, number } = bundle.preamble;
  const known = catalog.note(keyOf(from.hostId, number));
  if (known === null || known === bundle.manifestSha256) return;
  throw new Failure(
    'untrusted',
    `${doing}: ${from.name} has written another bundle with the number ${number}, which was taken in before; nothing of this one was used`,
    {
      hint: `${from.name} was cloned, or its catalog was restored from a backup: run "mrepl rejoin" there, and pair with it again.`,
    },
  );
}
