#!/usr/bin/env node
import { join } from 'node:path';
import { loadWithCompiledCode } from './load-with-compiled-code.js';

// What the `mrepl` command of the package is. In a checkout it is `bin/mrepl.js`, which loads the sources file by file.

/** Of `command.js`, written here when the package is made. */
declare const commandSha256: string;

const { env, argv } = process;
const { main } = loadWithCompiledCode({
  path: join(import.meta.dirname, 'command.js'),
  sha256: commandSha256,
  part: argv[2] ?? '',
  env,
}) as { readonly main: () => Promise<void> };
void main();
