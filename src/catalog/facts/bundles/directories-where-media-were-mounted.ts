import { resolve } from 'node:path';
import { invariant } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readJson, writeJson } from '../json-fact.js';

function keyOf(directory: string): string {
  return `medium:${resolve(directory)}`;
}

/**
 * Notes, in the open transaction or one of its own, which medium a directory was: so that its empty mount point is
 * known for what it is. Of a directory that is no mount point nothing need be known: a row each time the user names
 * another one would never end.
 */
export function rememberMedium(
  catalog: FactCatalog,
  directory: string,
  { id, mounted }: { readonly id: string; readonly mounted: boolean },
): void {
  writeJson(catalog, keyOf(directory), mounted ? { id, mounted } : null);
}

/** The id of the medium that was mounted at this directory when it was last used; null where none was. */
export function mediumMountedAt(catalog: FactCatalog, directory: string): string | null {
  const noted = readJson(catalog, keyOf(directory));
  if (noted === null) return null;
  invariant(typeof noted === 'object', `the note ${keyOf(directory)} is not what was written`);
  const { id, mounted } = noted as Readonly<Record<string, unknown>>;
  return mounted === true && typeof id === 'string' ? id : null;
}
