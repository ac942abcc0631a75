import { parentPort } from 'node:worker_threads';
import { errnoOf } from '../../files.js';
import { digestFile, type FileDigest } from './digest-file.js';

/** The answer for one path: what it holds, or the errno and message of why it could not be read. */
export type FileAnswer = FileDigest | { readonly errno: string; readonly message: string };

/** Never throws. */
export function tryDigest(path: string): FileAnswer {
  try {
    return digestFile(path);
  } catch (error) {
    return { errno: errnoOf(error) ?? 'EIO', message: error instanceof Error ? error.message : String(error) };
  }
}

// Answers each list of paths with a list of answers in the same order.
parentPort?.on('message', (paths: string[]) => {
  parentPort?.postMessage(paths.map(tryDigest));
});
