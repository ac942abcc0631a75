import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import glob from 'fast-glob';
import { type Plugin, rolldown } from 'rolldown';
import { licencesOf, packagesOf } from './third-party-licences.js';

// `npm pack` runs this: it makes of the sources and of the libraries what the package has in their place, one file for
// the command and one for each script of a thread. What few runs need is apart: zstd and SQLite in WebAssembly, for a
// Node without its own; and the client that logs in to IMAP servers. Nothing is left to be installed with the package.
// By rolldown, which takes TypeScript as it is and, other than esbuild, has no install script.

const checkout = join(import.meta.dirname, '../../..');
const target = join(checkout, 'dist/package');

/** Libraries that are loaded where they are needed, by the file that has them. */
const apart: Readonly<Record<string, string>> = {
  'zstd-codec': './zstd-codec.js',
  'zstd-codec/lib/module.js': './zstd-codec.js',
  'node-sqlite3-wasm': './node-sqlite3-wasm.js',
  imapflow: './imapflow.js',
};

/** Both ways into zstd, of one copy of it. Its other half, for engines without WebAssembly, is left out. */
const zstdSource = `module.exports = {
  ZstdCodec: require('zstd-codec').ZstdCodec,
  run: require('zstd-codec/lib/module.js').run,
};`;
const zstdWithoutWasm = /zstd-codec-binding\.js$/;

/** In CommonJS there is a \`require\`, and what goes through it is seen by the bundler. */
const plainRequire: Plugin = {
  name: 'plain-require',
  transform: (code) =>
    code.includes('createRequire(import.meta.url)(')
      ? { code: code.replaceAll('createRequire(import.meta.url)(', 'require('), map: null }
      : null,
};

/** V8 keeps a text of ASCII characters in half the space, and Node reads it in a third of the time. */
const plainAscii: Plugin = {
  name: 'plain-ascii',
  transform: (code) =>
    /[^\0-\x7f]/.test(code)
      ? {
          code: code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
          map: null,
        }
      : null,
};

/** Of the IMAP client what is used of it. */
const imapSource = "module.exports = { ImapFlow: require('imapflow').ImapFlow };";

/** A file that is not in the checkout. */
const fileOf = (name: string, source: string): Plugin => ({
  name,
  resolveId: (id) => (id === name ? join(checkout, `${name}.cjs`) : null),
  load: (id) => (id.endsWith(`/${name}.cjs`) ? source : null),
});

const files = new Set<string>();

type HowToBundle = {
  readonly plugins?: Plugin[];
  readonly sourcemap?: boolean;
  /** Names in the sources, and the values that are put there. */
  readonly define?: Record<string, string>;
};

/** Bundles all that a file imports. Throws where something is imported that is not there. */
async function bundle(
  name: string,
  input: string,
  { plugins = [], sourcemap = true, define = {} }: HowToBundle = {},
): Promise<void> {
  const isApart = (id: string): boolean => zstdWithoutWasm.test(id) || (id in apart && apart[id] !== `./${name}.js`);
  const build = await rolldown({
    input: { [name]: input },
    platform: 'node',
    external: isApart,
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    transform: { define },
    plugins: [plainRequire, plainAscii, ...plugins],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await build.write({
    dir: target,
    format: 'cjs',
    entryFileNames: '[name].js',
    codeSplitting: false,
    // Code that is kept has no way to import: what is apart is required when it is needed.
    dynamicImportInCjs: false,
    sourcemap,
    paths: apart,
    // Names stay, for those who read where a fault was.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    comments: false,
  });
  for (const chunk of output) {
    if (chunk.type === 'chunk') for (const file of Object.keys(chunk.modules)) files.add(file);
  }
}

/** The scripts of threads: those that a source names by an address beside its own. */
async function threadScripts(): Promise<string[]> {
  const sources = await glob('src/**/*.ts', { cwd: checkout, absolute: true });
  return sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/new URL\('(\.[^']+)\.js', import\.meta\.url\)/g)].map(([, script]) =>
      join(dirname(path), `${script}.ts`),
    ),
  );
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await bundle('command', join(checkout, 'src/cli/main.ts'));
const sha256 = createHash('sha256')
  .update(readFileSync(join(target, 'command.js')))
  .digest('hex');
await bundle('mrepl', join(checkout, 'src/startup/packaged-program.ts'), {
  define: { commandSha256: JSON.stringify(sha256) },
});
for (const script of await threadScripts()) await bundle(basename(script, '.ts'), script);
await bundle('zstd-codec', 'zstd', { plugins: [fileOf('zstd', zstdSource)], sourcemap: false });
const sqlite = join(checkout, 'node_modules/node-sqlite3-wasm/dist/node-sqlite3-wasm');
await bundle('node-sqlite3-wasm', `${sqlite}.js`, { sourcemap: false });
await bundle('imapflow', 'imap-client', { plugins: [fileOf('imap-client', imapSource)], sourcemap: false });
copyFileSync(`${sqlite}.wasm`, join(target, 'node-sqlite3-wasm.wasm'));
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(join(target, 'THIRD-PARTY-LICENCES'), licencesOf(packagesOf(files)));
