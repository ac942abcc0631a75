import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** For packages that carry no licence in a file of their own, the texts from their repositories. */
const textsHere = join(import.meta.dirname, '../../../src/packaging/licences');

/** The directories of the packages that these files belong to. */
export function packagesOf(files: Iterable<string>): string[] {
  const directories = [...files].map((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(directories.filter((directory) => directory !== undefined))].sort();
}

/**
 * The licences of packages, with the texts that have to go wherever their code goes. Throws where a text is missing.
 */
export function licencesOf(directories: readonly string[]): string {
  const parts = directories.map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    return `${'-'.repeat(72)}\n${name} ${version} (${license})\n\n${textOf(directory, name).trim()}\n`;
  });
  return `The files of this directory contain these libraries, each under its own licence.\n\n${parts.join('\n')}`;
}

function textOf(directory: string, name: string): string {
  const own = readdirSync(directory).filter((file) => /^(?:licen[cs]e|copying)/i.test(file));
  const kept = join(textsHere, `${name}.txt`);
  const paths = own.length > 0 ? own.map((file) => join(directory, file)) : [kept].filter((path) => existsSync(path));
  if (paths.length === 0) throw new Error(`${name} carries no licence: put its text into ${kept}`);
  return paths.map((path) => readFileSync(path, 'utf8')).join('\n');
}
