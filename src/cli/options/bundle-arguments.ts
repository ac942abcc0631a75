import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { advice, Failure, typed } from '../../failure.js';
import { type FileKind, kindOf, shownKind } from '../../fs/open-untrusted-file.js';

type Places =
  | { readonly directory: string; readonly files: readonly [] }
  | { readonly directory: null; readonly files: readonly string[] };

/** One file. Throws as `placesOf` does. */
export async function fileOf(path: string, doing: string): Promise<string> {
  const { directory, files } = await placesOf([path], doing);
  if (directory === null) return files[0] ?? path;
  throw new Failure('usage', `${doing} from ${path}: that is a directory`, {
    hint: 'Name a bundle in it; "mrepl verify" takes a directory too.',
  });
}

/**
 * One directory, or files; of a link the file that it leads to, as whoever names it means that one. Throws `usage` for
 * a mixture, and for what is neither, `medium-absent` for what is not there, `io` for what cannot be looked at.
 */
export async function placesOf(paths: readonly string[], doing: string): Promise<Places> {
  const kinds = await Promise.all(paths.map((path) => isDirectory(path, doing)));
  const [first] = paths;
  if (!kinds.includes(true) || first === undefined) {
    return { directory: null, files: await Promise.all(paths.map(targetOf)) };
  }
  if (paths.length === 1) return { directory: first, files: [] };
  throw new Failure('usage', `${doing} from ${paths.length} places: give either one directory or files`, {
    hint: 'Run it for each of the directories, one after the other.',
  });
}

async function isDirectory(path: string, doing: string): Promise<boolean> {
  const found = await look(path, doing);
  if (!found.isDirectory() && !found.isFile()) throw neither(path, doing, kindOf(found));
  return found.isDirectory();
}

async function look(path: string, doing: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new Failure(
        'medium-absent',
        `${doing} from ${path}: there is no such file or directory; nothing was changed`,
        {
          hint: 'Is the stick mounted, and the name right?',
          cause,
        },
      );
    }
    throw new Failure('io', `${doing} from ${path}: it cannot be looked at (${String(code)}); nothing was changed`, {
      cause,
    });
  }
}

async function targetOf(path: string): Promise<string> {
  return (await lstat(path)).isSymbolicLink() ? realpath(path) : path;
}

function neither(path: string, doing: string, kind: FileKind): Failure {
  return new Failure('usage', `${doing} from ${path}: that is ${shownKind(kind)}, neither a file nor a directory`, {
    hint: advice`What comes through a pipe is taken from standard input: ${typed('mrepl', 'import', '-')}`,
  });
}
