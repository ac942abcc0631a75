import type { Catalog } from '../../catalog/interface/catalog.js';
import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { Succession } from '../../trust/identity/identity-card.js';

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

const originalKey = 'original';

/** Whom this host was, when it was given a name of its own by `rejoin --name`: the host that it was copied from, or a namesake of another one. */
export type Original = {
  readonly hostId: HostId;
  /** It had exchanged nothing, so that nobody knows it: its card, which is that of this host, is in the way of the new one. */
  readonly isCardOurs: boolean;
};

/** Commits (or adds to the open transaction) whom this host was; null for nobody. */
export function rememberOriginal(catalog: Catalog, original: Original | null): void {
  catalog.setNote(originalKey, original === null ? null : JSON.stringify([original.hostId, original.isCardOurs]));
}

export function originalOf(catalog: Catalog): Original | null {
  const note = catalog.note(originalKey);
  if (note === null) return null;
  const parsed: unknown = JSON.parse(note);
  invariant(Array.isArray(parsed), `the note ${originalKey} is not a list`);
  const [hostId, isCardOurs]: unknown[] = parsed;
  invariant(typeof hostId === 'string', `the note ${originalKey} names no host`);
  return { hostId, isCardOurs: isCardOurs === true };
}
