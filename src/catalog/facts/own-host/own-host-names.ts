import { invariant } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import type { IdentityCatalog } from '../../interface/host-identity.js';

const key = 'former-names';

/** Former names that are remembered, inclusive; the oldest are forgotten. Files on sticks bear them. */
const namesMax = 16;

/** What this host is called, and was called before: its bundles and cards on sticks may have any of these names. */
export function ownNames(catalog: FactCatalog & IdentityCatalog): readonly string[] {
  return [catalog.identity.hostName, ...formerNames(catalog)];
}

/** Gives this host another name, and remembers the one it had. In the open transaction, or one of its own. */
export function takeName(catalog: FactCatalog & IdentityCatalog, name: string): void {
  const { hostName } = catalog.identity;
  const former = [hostName, ...formerNames(catalog)].filter((one) => one !== name);
  catalog.setNote(key, JSON.stringify([...new Set(former)].slice(0, namesMax)));
  catalog.putIdentity({ ...catalog.identity, hostName: name });
}

function formerNames(catalog: FactCatalog): readonly string[] {
  const note = catalog.note(key);
  if (note === null) return [];
  const parsed: unknown = JSON.parse(note);
  invariant(Array.isArray(parsed), `the note ${key} is not a list`);
  return parsed.map(String);
}
