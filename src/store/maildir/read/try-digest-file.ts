import { errnoOf } from '../../../fs/errno.js';
import type { Untaken } from '../../../mail/packed/unreadable-file-reasons.js';
import { digestFile, type FileDigest } from './digest-file.js';

/**
 * The answer for one path: what it holds, why it is not taken, or the errno and message of why it could not be read.
 */
export type FileAnswer = FileDigest | Untaken | { readonly errno: string; readonly message: string };

/** What no system call said is thrown: it tells nothing of the file. */
export async function tryDigest(path: string, signal?: AbortSignal): Promise<FileAnswer> {
  try {
    return await digestFile(path, signal);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { errno, message: error instanceof Error ? error.message : String(error) };
  }
}

/** One after the other: each may take as much memory as one is allowed to. */
export async function digestAll(paths: readonly string[], signal?: AbortSignal): Promise<FileAnswer[]> {
  const answers: FileAnswer[] = [];
  for (const path of paths) answers.push(await tryDigest(path, signal));
  return answers;
}
