import type { Catalog } from '../catalog/catalog.js';
import { invariant } from '../failure.js';
import type { HostId } from '../replica/host-id.js';
import type { Succession } from '../trust/card.js';

const key = 'former-self';

/** Who this host was before it last began again. */
export type FormerSelf = {
  readonly hostId: HostId;
  /** Said with the keys it had then, for its card; null where these are lost. */
  readonly succession: Succession | null;
};

/** Commits (or adds to the open transaction) who this host was; null for a copy, whose original goes on. */
export function rememberFormerSelf(catalog: Catalog, former: FormerSelf | null): void {
  catalog.setNote(key, former === null ? null : JSON.stringify([former.hostId, former.succession?.signature ?? null]));
}

export function formerSelf(catalog: Catalog): FormerSelf | null {
  const note = catalog.note(key);
  if (note === null) return null;
  const parsed: unknown = JSON.parse(note);
  invariant(Array.isArray(parsed), `the note ${key} is not a list`);
  const [hostId, signature]: unknown[] = parsed;
  invariant(typeof hostId === 'string', `the note ${key} names no host`);
  return { hostId, succession: typeof signature === 'string' ? { formerId: hostId, signature } : null };
}
