import { fileURLToPath } from 'node:url';
import { caseMsMax, layers } from './fuzz/fuzz-case.js';
import { fuzzCommand } from './fuzz/fuzz-command.js';

// Alters valid bundles at every layer, and reads, merges and imports what comes of it: `npm run fuzz -- --cases N --seed S [--layer L]`.
// A case is known by seed and number: `--first` begins with another one than the first.

await fuzzCommand({
  script: 'fuzz',
  program: fileURLToPath(new URL('./fuzz/fuzz-process.js', import.meta.url)),
  cases: '20000',
  heapMibMax: 1024,
  caseMsMax: 2 * caseMsMax,
  only: { option: 'layer', kinds: layers },
});
