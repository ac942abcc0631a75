import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { openNative } from '../../src/catalog/sql/node-sqlite.js';
import type { Backend } from '../../src/catalog/sql/open-database.js';

/** Runs a suite on the wasm backend, and on the native one as well where this Node has it. */
export function onEachBackend(name: string, suite: (backend: Backend) => void): void {
  const probe = openNative(':memory:');
  probe?.close();
  const backends: Backend[] = probe === null ? ['wasm'] : ['wasm', 'native'];
  for (const backend of backends) describe(`${name} (${backend})`, () => suite(backend));
}

/** A directory for one test, removed when it ends. */
export function scratch(t: { after(clean: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-catalog-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
