import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { type CompiledCode, readCompiledCode, writeCompiledCode } from './compiled-code-file.js';
import { lateRequire } from './late-require.js';
import { cacheDirectory, isPrivate, makePrivateDirectory } from './private-cache-directory.js';

/** What other versions left behind is removed after this, in milliseconds: 90 days. */
const leftBehindMs = 90 * 86_400_000;

type Program = {
  /** A CommonJS file. */
  readonly path: string;
  /** SHA-256 of it, in hexadecimal digits: code is kept for what has this, and taken for nothing else. */
  readonly sha256: string;
  /** What of the program this run needs, by a name: code is kept once for each. */
  readonly part: string;
  readonly env: NodeJS.ProcessEnv;
};

/**
 * Runs a program and answers what it exports. What V8 makes of it is kept in the user's cache, and taken from there the
 * next time: compiling is most of what a program costs that does little. Node's own cache of this kind is in no
 * Node 20, costs more than this one, and does not ask who may write to it. Nothing is kept where
 * `NODE_DISABLE_COMPILE_CACHE` is set, where the cache is not private, or where it cannot be written: that only takes
 * longer.
 */
export function loadWithCompiledCode(program: Program): unknown {
  const { path, env, part } = program;
  const place = join(cacheDirectory(env), `node-${process.versions.node}-${process.arch}.code`);
  const isWanted = !env.NODE_DISABLE_COMPILE_CACHE;
  const kept = isWanted ? keptCode(place, program) : null;
  const before = '(function (exports, require, module, __filename, __dirname) {';
  const script = new Script(`${before}${readFileSync(path, 'utf8')}\n})`, {
    filename: path,
    columnOffset: -before.length,
    ...(kept === null ? {} : { cachedData: kept.code }),
  });
  const keptParts = script.cachedDataRejected === false ? (kept?.parts ?? []) : [];
  if (isWanted && !keptParts.includes(part)) {
    process.once('exit', (status) => {
      if (status === 0) keepCode(script, place, { ...program, parts: [...keptParts, part] });
    });
  }
  const module = { exports: {} };
  const run: (...names: unknown[]) => void = script.runInThisContext();
  run(module.exports, lateRequire(createRequire(path)), module, path, dirname(path));
  return module.exports;
}

function keptCode(place: string, { sha256 }: Program): CompiledCode | null {
  try {
    return isPrivate(dirname(place)) ? readCompiledCode(place, sha256) : null;
  } catch {
    return null; // there is none yet, or none can be had
  }
}

type Kept = Pick<Program, 'sha256'> & { readonly parts: readonly string[] };

function keepCode(script: Script, place: string, { sha256, parts }: Kept): void {
  try {
    const directory = dirname(place);
    makePrivateDirectory(directory);
    if (!isPrivate(directory)) return;
    writeCompiledCode(place, { sha256, parts, code: script.createCachedData() });
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (statSync(path).mtimeMs < Date.now() - leftBehindMs) rmSync(path, { force: true });
    }
  } catch {
    // The next run compiles, too.
  }
}
