import { linkSync } from 'node:fs';
import { errnoOf } from '../../fs/errno.js';
import { lookAt } from '../../fs/open-untrusted-file.js';

/** Links a file under a second name; false where the file system or its limits do not allow it. */
export function linked(source: string, target: string): boolean {
  if (lookAt(source)?.isFile() !== true) return false; // the second name would be one of the link
  try {
    linkSync(source, target);
    return true;
  } catch (error) {
    if (['EXDEV', 'EMLINK', 'EPERM', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}
