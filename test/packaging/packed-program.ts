import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../fixture-maildir.js';

export type Installed = {
  /** The directory of the package. */
  readonly root: string;
  /** What a shell calls. */
  readonly command: string;
  /** What npm said. */
  readonly said: string;
};

/** Packs the checkout as `npm pack` does, and installs that below a directory with no network to ask. */
export async function installPacked(directory: string): Promise<Installed> {
  const run = promisify(execFile);
  const options = { cwd: checkout, env: { PATH: process.env.PATH ?? '', HOME: directory } };
  await run(process.execPath, [join(checkout, 'dist/src/packaging/make-package.js')], options);
  // What it runs before is done: the build that the tests are a part of, and this.
  const packing = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], options);
  const prefix = join(directory, 'installed');
  mkdirSync(prefix);
  const tarball = join(directory, packing.stdout.trim());
  const { stdout, stderr } = await run(
    'npm',
    ['install', '--global', '--offline', '--prefix', prefix, tarball],
    options,
  );
  return { root: join(prefix, 'lib/node_modules/mrepl'), command: join(prefix, 'bin/mrepl'), said: stdout + stderr };
}
