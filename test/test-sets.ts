import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** short: `npm test`; long: `npm run test:long`; servers: `npm run test:servers`. */
export const testSets = ['short', 'long', 'servers'] as const;

export type TestSet = (typeof testSets)[number];

/**
 * Which runs have this test file. A name in `.long.test.ts` says that it takes long, what it imports that it starts a server, or
 * that it tries some of its cases in the short set and all in the long one.
 */
export function setsOf(checkout: string, file: string): readonly TestSet[] {
  if (reaches(checkout, file, serverModules)) return ['servers'];
  if (file.endsWith('.long.test.ts')) return ['long'];
  return reaches(checkout, file, new Set(['test/thoroughness.ts'])) ? ['short', 'long'] : ['short'];
}

/** Modules that start servers, or take long. A test file that imports one of them, or a module that does, is for `npm run test:servers`. */
const serverModules: ReadonlySet<string> = new Set([
  'test/dovecot/dovecot.ts',
  'test/packaging/packed-program.ts',
  'test/terminal/html/headless-browser.ts',
]);

/** Whether this file of the checkout (`test/end-to-end/dovecot.test.ts`) is one of these, or imports one, itself or by what it imports from `test`. */
function reaches(checkout: string, file: string, targets: ReadonlySet<string>, seen = new Set<string>()): boolean {
  if (targets.has(file)) return true;
  if (seen.has(file) || !file.startsWith('test/') || !existsSync(join(checkout, file))) return false;
  seen.add(file);
  return importsOf(readFileSync(join(checkout, file), 'utf8')).some((target) =>
    reaches(checkout, join(dirname(file), target).replace(/\.js$/, '.ts'), targets, seen),
  );
}

/** Relative modules that are loaded with this one: not those of which it has types only. */
function importsOf(source: string): string[] {
  const imports = source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\bfrom\s+)?'(\.[^']+)'/gm);
  return [...imports].map((match) => match[1] ?? '');
}
