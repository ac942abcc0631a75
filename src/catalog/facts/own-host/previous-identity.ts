import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readJson, writeJson } from '../json-fact.js';

const key = 'former-self';

/** Who this host was before it last began again. */
type FormerSelf = {
  readonly hostId: HostId;
  /** Said with the keys it had then, for its card; null where these are lost. */
  readonly succession: { readonly formerId: HostId; readonly signature: string } | null;
};

/** Commits (or adds to the open transaction) who this host was; null for a copy, whose original goes on. */
export function rememberFormerSelf(catalog: FactCatalog, former: FormerSelf | null): void {
  writeJson(catalog, key, former === null ? null : [former.hostId, former.succession?.signature ?? null]);
}

/** Null where this host never began again, or is a copy. */
export function formerSelf(catalog: FactCatalog): FormerSelf | null {
  const parsed = readJson(catalog, key);
  if (parsed === null) return null;
  invariant(Array.isArray(parsed), `the note ${key} is not a list`);
  const [hostId, signature]: unknown[] = parsed;
  invariant(isHostId(hostId), `the note ${key} names no host`);
  return { hostId, succession: typeof signature === 'string' ? { formerId: hostId, signature } : null };
}

const originalKey = 'original';

/**
 * Whom this host was, when it was given a name of its own by `rejoin --name`: the host that it was copied from, or a
 * namesake of another one.
 */
type Original = {
  readonly hostId: HostId;
  /**
   * It had exchanged nothing, so that nobody knows it: its card, which is that of this host, is in the way of the new
   * one.
   */
  readonly isCardOurs: boolean;
};

/** Commits (or adds to the open transaction) whom this host was; null for nobody. */
export function rememberOriginal(catalog: FactCatalog, original: Original | null): void {
  writeJson(catalog, originalKey, original === null ? null : [original.hostId, original.isCardOurs]);
}

/** Null where this host was never given a name of its own. */
export function originalOf(catalog: FactCatalog): Original | null {
  const parsed = readJson(catalog, originalKey);
  if (parsed === null) return null;
  invariant(Array.isArray(parsed), `the note ${originalKey} is not a list`);
  const [hostId, isCardOurs]: unknown[] = parsed;
  invariant(isHostId(hostId), `the note ${originalKey} names no host`);
  return { hostId, isCardOurs: isCardOurs === true };
}
