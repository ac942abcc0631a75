import { fileURLToPath } from 'node:url';
import { fuzzCommand } from './fuzz/fuzz-command.js';
import { caseMsMax, limits } from './fuzz-files/files-case.js';

// Puts what is no plain file, or leads elsewhere, in the place of every name that is read or written on the stick and in the store, before a run
// and in the middle of it: `npm run fuzz:files -- --cases N --seed S [--only KIND|stick|store]`. A case is known by seed and number.

await fuzzCommand({
  script: 'fuzz:files',
  program: fileURLToPath(new URL('./fuzz-files/files-process.js', import.meta.url)),
  cases: '20000',
  heapMibMax: 512,
  caseMsMax,
  only: { option: 'only', kinds: limits },
});
