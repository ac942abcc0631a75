import { join } from 'node:path';
import { Failure } from '../failure.js';
import { type Stray, straysIn } from '../medium/find-misplaced-bundles.js';
import { accountFolder, listMedium } from '../medium/name-and-list-bundle-files.js';

/**
 * The bundles of all accounts in a directory such as a stick, by account and name; renamed ones are among them. Throws
 * `medium-absent` where there are none.
 */
export async function bundlesUnder(directory: string): Promise<string[]> {
  const accounts = (await listMedium(directory, ''))?.accounts ?? [];
  const paths = new Set<string>();
  const add = (files: readonly { readonly path: string }[]): void => {
    for (const { path } of files) paths.add(path);
  };
  for (const account of [...accounts].sort()) {
    add((await listMedium(directory, account))?.bundles ?? []);
    add(likelyStrays(directory, account));
  }
  add(likelyStrays(directory, ''));
  if (paths.size > 0) return [...paths];
  throw new Failure('medium-absent', `verifying bundles in ${join(directory, 'mrepl')}: there are none`, {
    hint: 'Name a bundle, or a directory to which something has been exported.',
  });
}

function likelyStrays(directory: string, account: string): Stray[] {
  return straysIn(directory, accountFolder(directory, account)).filter(({ isLikely }) => isLikely);
}
