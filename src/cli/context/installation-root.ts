import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ifPresent } from '../../fs/errno.js';

/** What of this program's package.json is told. */
type Installation = { readonly root: string; readonly version: string };

/**
 * The directory above this file that is a package called mrepl: a checkout, or what npm installed. Null where the files
 * were taken out of it.
 */
export function installation(): Installation | null {
  let directory = import.meta.dirname;
  while (directory !== dirname(directory)) {
    directory = dirname(directory);
    const text = ifPresent(() => readFileSync(join(directory, 'package.json'), 'utf8'));
    const parsed: unknown = text === null ? null : JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('name' in parsed) || !('version' in parsed)) continue;
    if (parsed.name === 'mrepl') return { root: directory, version: String(parsed.version) };
  }
  return null;
}
