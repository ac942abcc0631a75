import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes whoever watches a mailbox look at it, or find at the next look that something happened: a file comes and goes in its `cur`. */
export function wake(mailboxDirectory: string): void {
  const path = join(mailboxDirectory, 'cur', '.mrepl-wake');
  writeFileSync(path, '');
  rmSync(path);
}
