import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { advice, Failure, typed } from '../../failure.js';

/** The folder in a directory that is carried between hosts. */
const stickFolder = 'mrepl';

/**
 * The directories that arguments of `sync` stand for, each once. What exists is taken as it is; else a pattern stands
 * for those directories that hold bundles already, so that no mail is written to just any medium that happens to be
 * plugged in. Throws `usage` where nothing was named, `medium-absent` where a pattern finds none and nothing else was
 * named.
 */
export async function directoriesOf(patterns: readonly string[]): Promise<string[]> {
  if (patterns.length === 0) {
    throw new Failure('usage', 'no directory to sync with was given', {
      hint: 'Name one, or set "directories" in the configuration file.',
    });
  }
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    for (const directory of await expand(pattern)) {
      const path = resolve(directory);
      if (!found.has(path)) found.set(path, directory);
    }
  }
  if (found.size === 0) {
    throw new Failure(
      'medium-absent',
      `looking for ${patterns.join(', ')}: no such directory holds bundles; nothing was changed`,
      {
        hint: advice`Is the stick mounted? A new one is taken up by naming its directory in full: ${typed('mrepl', 'sync', 'DIR')}`,
      },
    );
  }
  return [...found.values()];
}

async function expand(pattern: string): Promise<string[]> {
  if (await isDirectory(pattern)) return [pattern]; // before the matcher is loaded, which takes a sixth of an idle run
  const { default: glob } = await import('fast-glob');
  const bare = pattern.replace(/(?<=.)\/+$/, '');
  if (!glob.isDynamicPattern(bare)) return [pattern];
  const folders = await glob(join(bare, stickFolder), {
    onlyDirectories: true,
    suppressErrors: true,
    followSymbolicLinks: true,
  });
  return folders.map((folder) => folder.slice(0, -stickFolder.length - 1)).sort();
}

async function isDirectory(path: string): Promise<boolean> {
  const entry = await stat(path).catch(() => null);
  return entry?.isDirectory() === true;
}
