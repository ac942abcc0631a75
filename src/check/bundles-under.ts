import { join } from 'node:path';
import { listMedium } from '../bundle/medium.js';
import { Failure } from '../failure.js';

/** The bundles of all accounts in a directory such as a stick, by account and name. Throws `medium-absent` where there are none. */
export async function bundlesUnder(directory: string): Promise<string[]> {
  const accounts = listMedium(directory, '')?.accounts ?? [];
  const files = [...accounts].sort().flatMap((account) => listMedium(directory, account)?.bundles ?? []);
  if (files.length > 0) return files.map(({ path }) => path);
  throw new Failure('medium-absent', `verifying bundles in ${join(directory, 'mrepl')}: there are none`, {
    hint: 'Name a bundle, or a directory to which something has been exported.',
  });
}
