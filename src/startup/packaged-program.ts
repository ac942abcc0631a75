#!/usr/bin/env node
import { join } from 'node:path';
import { loadWithCompiledCode } from './load-with-compiled-code.js';

// What the `mrepl` command of the package is. In a checkout it is `bin/mrepl.js`, which loads the sources file by file.

const { main } = loadWithCompiledCode(join(import.meta.dirname, 'command.js'), process.env) as {
  readonly main: () => Promise<void>;
};
void main();
