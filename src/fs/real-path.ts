import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { ifPresent } from './errno.js';

/** The path without links; where nothing is there, the path as it is, made absolute. */
export function realPath(path: string): string {
  return ifPresent(() => realpathSync(path)) ?? resolve(path);
}
