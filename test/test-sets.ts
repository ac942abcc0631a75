import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** short: `npm test`; long: `npm run test:long`; servers: `npm run test:servers`. */
export const testSets = ['short', 'long', 'servers'] as const;

/** Which run has this test file: names in `.long.test.ts` say that it takes long, and what it imports that it starts a server. */
export function setOf(checkout: string, file: string): (typeof testSets)[number] {
  if (needsServer(checkout, file)) return 'servers';
  return file.endsWith('.long.test.ts') ? 'long' : 'short';
}

/** Modules that start servers, or take long. A test file that imports one of them, or a module that does, is for `npm run test:servers`. */
const serverModules: ReadonlySet<string> = new Set([
  'test/dovecot/dovecot.ts',
  'test/packaging/packed-program.ts',
  'test/terminal/html/headless-browser.ts',
]);

/** Whether this file of the checkout (`test/end-to-end/dovecot.test.ts`) starts a server, itself or by what it imports from `test`. */
function needsServer(checkout: string, file: string): boolean {
  const seen = new Set<string>();
  const reaches = (path: string): boolean => {
    if (serverModules.has(path)) return true;
    if (seen.has(path) || !path.startsWith('test/') || !existsSync(join(checkout, path))) return false;
    seen.add(path);
    return importsOf(readFileSync(join(checkout, path), 'utf8')).some((target) =>
      reaches(join(dirname(path), target).replace(/\.js$/, '.ts')),
    );
  };
  return reaches(file);
}

/** Relative modules that are loaded with this one: not those of which it has types only. */
function importsOf(source: string): string[] {
  const imports = source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\bfrom\s+)?'(\.[^']+)'/gm);
  return [...imports].map((match) => match[1] ?? '');
}
