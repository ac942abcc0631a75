import { parentPort } from 'node:worker_threads';
import { errnoOf } from '../../files.js';
import type { Untaken } from '../../mail/untaken.js';
import { digestFile, type FileDigest } from './digest-file.js';

/** The answer for one path: what it holds, why it is not taken, or the errno and message of why it could not be read. */
export type FileAnswer = FileDigest | Untaken | { readonly errno: string; readonly message: string };

/** Never throws. */
export async function tryDigest(path: string): Promise<FileAnswer> {
  try {
    return await digestFile(path);
  } catch (error) {
    return { errno: errnoOf(error) ?? 'EIO', message: error instanceof Error ? error.message : String(error) };
  }
}

/** One after the other: each may take as much memory as one is allowed to. */
export async function digestAll(paths: readonly string[]): Promise<FileAnswer[]> {
  const answers: FileAnswer[] = [];
  for (const path of paths) answers.push(await tryDigest(path));
  return answers;
}

// Answers each list of paths with a list of answers in the same order.
parentPort?.on('message', async (paths: string[]) => {
  parentPort?.postMessage(await digestAll(paths));
});
