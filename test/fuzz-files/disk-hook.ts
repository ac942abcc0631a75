import fs, { type PathLike } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// Stands in front of every call of this process that names a path, so that something can be done right before it: what has a name can be
// exchanged between the look at it and its opening. Calls of threads and of other programs do not come by here.

/** Told of each path that a call is about to use. */
export type Watcher = (path: string) => void;

let watcher: Watcher | null = null;

/** Calls whose first argument is a path, and those whose first two are. */
const single =
  /^(?:access|appendFile|chmod|chown|exists|lchown|lstat|lutimes|mkdir|open|opendir|readFile|readdir|readlink|realpath|rm|rmdir|stat|statfs|truncate|unlink|utimes|writeFile|createReadStream|createWriteStream)(?:Sync)?$/;
const double = /^(?:copyFile|cp|link|rename|symlink)(?:Sync)?$/;

/** `work` with `seen` told before every call. The hook's own caller is not watched while it is told. */
export async function watching<T>(seen: Watcher, work: () => Promise<T>): Promise<T> {
  watcher = (path) => {
    watcher = null;
    try {
      seen(path);
    } finally {
      watcher = told;
    }
  };
  const told = watcher;
  try {
    return await work();
  } finally {
    watcher = null;
  }
}

function tell(path: unknown): void {
  if (watcher === null || typeof path === 'number') return;
  if (path instanceof URL) watcher(fileURLToPath(path));
  else if (typeof path === 'string' || Buffer.isBuffer(path))
    watcher(withoutDescriptor(resolve(String(path as PathLike))));
}

const readLink = fs.readlinkSync; // as it is before the hook

/** A name below a directory that is held open, as the path that the directory has now. */
function withoutDescriptor(path: string): string {
  const [whole, descriptor] = /^(\/proc\/self\/fd\/\d+)\//.exec(path) ?? [];
  return whole === undefined ? path : join(readLink(descriptor ?? ''), path.slice(whole.length));
}

type Call = (...args: unknown[]) => unknown;

function hooked(calls: object): object {
  const found = Object.entries(calls).flatMap(([name, call]: [string, unknown]) => {
    const paths = single.test(name) ? 1 : double.test(name) ? 2 : 0;
    if (paths === 0 || typeof call !== 'function') return [];
    const hook: Call = (...args) => {
      for (const path of args.slice(0, paths)) tell(path);
      return (call as Call)(...args);
    };
    return [[name, Object.assign(hook, call)]];
  });
  return Object.fromEntries(found) as object;
}

/** From now on, for as long as the process lives. */
export function installHook(): void {
  Object.assign(fs, hooked({ ...fs }));
  Object.assign(fs.promises, hooked({ ...fs.promises }));
  syncBuiltinESMExports();
}
