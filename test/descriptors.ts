import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../src/fs/errno.js';

const own = '/proc/self/fd';

/** The paths of what this process has open, as Linux tells them. */
export function openPaths(): readonly string[] {
  return readdirSync(own).flatMap((fd) => {
    try {
      return [readlinkSync(join(own, fd))];
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return []; // that by which the directory was read, for one
      throw error;
    }
  });
}
