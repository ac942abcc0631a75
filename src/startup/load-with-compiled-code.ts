import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getHeapCodeStatistics } from 'node:v8';
import { Script } from 'node:vm';
import { type CompiledCode, identityOf, readCompiledCode, writeCompiledCode } from './compiled-code-file.js';
import { cacheDirectory, isPrivate, makePrivateDirectory } from './private-cache-directory.js';

/** Code is kept anew where a run came to hold so much more, as one does that did other work. */
const worthKeepingAnew = 1.2;

/** What other versions left behind is removed after this, in milliseconds: 90 days. */
const leftBehindMs = 90 * 86_400_000;

/**
 * Runs a CommonJS file and answers what it exports. What V8 makes of it is kept in the user's cache, and taken from
 * there the next time: compiling is most of what a program costs that does little. Node's own cache of this kind is in
 * no Node 20, keeps less (of what runs late nothing), and does not ask who may write to it. Nothing is kept where
 * `NODE_DISABLE_COMPILE_CACHE` is set, where the cache is not private, or where it cannot be written: that only takes
 * longer.
 */
export function loadWithCompiledCode(path: string, env: NodeJS.ProcessEnv): unknown {
  const source = readFileSync(path, 'utf8');
  const identity = identityOf(source);
  const place = join(cacheDirectory(env), `node-${process.versions.node}-${process.arch}.code`);
  const isWanted = !env.NODE_DISABLE_COMPILE_CACHE;
  const kept = isWanted ? keptCode(place, identity) : null;
  const before = '(function (exports, require, module, __filename, __dirname) {';
  const script = new Script(`${before}${source}\n})`, {
    filename: path,
    columnOffset: -before.length,
    ...(kept === null ? {} : { cachedData: kept.code }),
  });
  if (isWanted) {
    const heldBefore = script.cachedDataRejected === false ? (kept?.heldBytes ?? 0) : 0;
    process.once('exit', () => keepCode(script, { place, identity, heldBefore }));
  }
  const module = { exports: {} };
  const run: (...names: unknown[]) => void = script.runInThisContext();
  run(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

function keptCode(place: string, identity: Buffer): CompiledCode | null {
  try {
    return isPrivate(dirname(place)) ? readCompiledCode(place, identity) : null;
  } catch {
    return null; // there is none yet, or none can be had
  }
}

function keepCode(
  script: Script,
  { place, identity, heldBefore }: { readonly place: string; readonly identity: Buffer; readonly heldBefore: number },
): void {
  const heldBytes = getHeapCodeStatistics().bytecode_and_metadata_size;
  if (heldBytes < heldBefore * worthKeepingAnew) return;
  try {
    const directory = dirname(place);
    makePrivateDirectory(directory);
    if (!isPrivate(directory)) return;
    writeCompiledCode(place, identity, { code: script.createCachedData(), heldBytes });
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      if (statSync(path).mtimeMs < Date.now() - leftBehindMs) rmSync(path, { force: true });
    }
  } catch {
    // The next run compiles, too.
  }
}
