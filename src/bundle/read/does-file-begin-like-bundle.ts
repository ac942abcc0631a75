import { closeSync, readSync } from 'node:fs';
import { errnoOf } from '../../fs/errno.js';
import { openUntrusted } from '../../fs/open-untrusted-file.js';
import { isAge } from '../../trust/age/read-header.js';
import { frameMagic } from '../archive/zstd-frame-header.js';

/** Bytes that tell a bundle, sealed or plain, from what is none. */
const enoughBytes = 64;

/** Does a file begin as bundles do? False also for what cannot be read. */
export function beginsLikeBundle(path: string): boolean {
  try {
    const { fd } = openUntrusted(path, { links: 'refuse' });
    try {
      const bytes = Buffer.alloc(enoughBytes);
      const beginning = bytes.subarray(0, readSync(fd, bytes));
      return isAge(beginning) || beginning.indexOf(frameMagic) === 0;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
