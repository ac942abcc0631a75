import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeVectors } from './make.js';

// `npm run vectors`: makes fixtures/vectors anew. Everything in it but the README comes from here.

const folder = fileURLToPath(new URL('../../../fixtures/vectors', import.meta.url));
for (const name of existsSync(folder) ? readdirSync(folder) : []) {
  if (name !== 'README.md') rmSync(join(folder, name), { recursive: true });
}
for (const [name, bytes] of await makeVectors()) {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
