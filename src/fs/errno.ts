/** Unlike `ERR_INVALID_ARG_TYPE` and `ABORT_ERR`, which are Node's own, and no system call's. */
const errnoPattern = /^E[A-Z0-9]+$/;

/**
 * Was a relative path named in a directory that has been removed since? That is the trouble of no file, so `errnoOf`
 * does not know it.
 */
export function isWithoutDirectory(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';
}

/** The errno name (`ENOENT`) of a failed system call, undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || isWithoutDirectory(error)) return undefined;
  return typeof error.code === 'string' && errnoPattern.test(error.code) ? error.code : undefined;
}

/**
 * There is no such file: also none whose name no file can have here, and none at the end of links that lead in a
 * circle.
 */
const absent: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** What `read` gives, or null where there is no such file or directory. Other errors are thrown on. */
export function ifPresent<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (absent.has(errnoOf(error))) return null;
    throw error;
  }
}
