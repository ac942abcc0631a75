import { statfsSync } from 'node:fs';
import { errnoOf } from './errno.js';

/** How large a file system is, and how much of it whoever runs this may still write. */
type FileSystemRoom = {
  /** Of statfs(2). */
  readonly type: number;
  readonly totalBytes: number;
  readonly freeBytes: number;
};

/**
 * The room of the file system that a directory lies on; null where that cannot be found out, as of one that is not
 * there, and of some file systems that are served by a program.
 */
export function fileSystemRoom(directory: string): FileSystemRoom | null {
  try {
    const { type, bsize, blocks, bavail } = statfsSync(directory);
    return blocks === 0 ? null : { type, totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}
