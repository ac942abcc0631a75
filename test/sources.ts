import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function projectRoot(start: string): string {
  const above = dirname(start);
  if (existsSync(join(start, 'src', 'README.md'))) return start;
  assert.notEqual(above, start, 'src/README.md was not found above this test');
  return projectRoot(above);
}

/** Where the sources of the program are. */
export const sourcesDirectory = join(projectRoot(dirname(fileURLToPath(import.meta.url))), 'src');

/** Every source file, by its path below `src`. */
export function sourceFiles(): { readonly path: string; readonly text: string }[] {
  return readdirSync(sourcesDirectory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(sourcesDirectory, path), 'utf8') }));
}
