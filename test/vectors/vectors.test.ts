import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fingerprintOf } from '../../src/trust/identity/card-fingerprint.js';
import { decodeCard } from '../../src/trust/identity/identity-card.js';
import { keysOf } from './hosts.js';
import { makeVectors } from './make.js';
import { foundIn, mergedFrom, refusedOf } from './read.js';

// What fixtures/vectors says to other implementations is what this one does.

const folder = fileURLToPath(new URL('../../../fixtures/vectors', import.meta.url));
const namesIn = (part: string): string[] => readdirSync(join(folder, part)).sort();
const jsonOf = (...path: readonly string[]): unknown => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
/** As it is after it was written and read. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('the script makes every file again, to the byte', async () => {
  const made = await makeVectors();
  const there = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile() && name !== 'README.md')
    .sort();
  assert.deepEqual([...made.keys()].sort(), there);
  for (const [name, bytes] of made)
    assert.ok(bytes.equals(readFileSync(join(folder, name))), `${name}: npm run vectors`);
});

describe('a bundle', () => {
  for (const name of namesIn('bundles').filter((each) => !each.endsWith('.json'))) {
    test(`has in it what is said of it: ${name}`, async () => {
      const found = await foundIn(join(folder, 'bundles', name), [keysOf('cabin').ageIdentity]);
      assert.deepEqual(asJson(found), jsonOf('bundles', name.replace(/\.tar\..*/, '.json')));
    });
  }
});

describe('a series', () => {
  for (const name of namesIn('series')) {
    test(`has in it, and comes to, what is said of it: ${name}`, async () => {
      const files = namesIn(join('series', name)).filter((each) => each.endsWith('.tar.zst'));
      const paths = files.map((file) => join(folder, 'series', name, file));
      const found = jsonOf('series', name, 'found.json') as Record<string, unknown>;
      const merged = jsonOf('series', name, 'merged.json') as Record<string, unknown>;
      assert.deepEqual([Object.keys(found), Object.keys(merged)], [files, files]);
      for (const [index, file] of files.entries()) {
        assert.deepEqual(asJson(await foundIn(paths[index] ?? '')), found[file], file);
        assert.deepEqual(asJson(await mergedFrom(paths.slice(0, index + 1))), merged[file], `all up to ${file}`);
      }
    });
  }

  test('comes to the same in whatever order its bundles are given', async () => {
    for (const name of namesIn('series')) {
      const files = namesIn(join('series', name)).filter((each) => each.endsWith('.tar.zst'));
      const paths = files.map((file) => join(folder, 'series', name, file));
      assert.deepEqual(await mergedFrom([...paths].reverse()), await mergedFrom(paths), name);
    }
  });
});

describe('a card', () => {
  for (const name of namesIn('cards').filter((each) => each.endsWith('.card'))) {
    test(`says what is said of it: ${name}`, () => {
      const { hostName, succession, ...rest } = decodeCard(readFileSync(join(folder, 'cards', name)), name);
      const fingerprint = fingerprintOf(rest);
      const said = { ...rest, name: hostName, fingerprint, formerHost: succession?.formerId ?? null };
      assert.deepEqual(asJson(said), jsonOf('cards', name.replace('.card', '.json')));
    });
  }
});

/** A page in one line, as people read it. */
function pageOf(name: string): string {
  const file = fileURLToPath(new URL(`../../../man/${name}`, import.meta.url));
  const options = ['-man', '-Tascii', '-P-c', '-P-b', '-P-o', '-P-u', '-rHY=0'];
  return execFileSync('groff', [...options, file], { encoding: 'latin1' }).replace(/\s+/g, ' ');
}

describe('what breaks a rule', () => {
  const pages = { bundle: pageOf('mrepl-bundle.5'), card: pageOf('mrepl-trust.7') };

  for (const file of namesIn('invalid').filter((each) => !each.endsWith('.json'))) {
    test(`of the page is refused as far as it has to be: ${file}`, async () => {
      const said = jsonOf('invalid', file.replace(/\.(card|tar\.zst)$/, '.json'));
      const { breaks, refused } = said as { readonly breaks: string; readonly refused: string };
      const path = join(folder, 'invalid', file);
      if (file.endsWith('.card')) {
        assert.equal(refused, 'card');
        assert.throws(() => decodeCard(readFileSync(path), file), { code: 'bundle-damaged' });
      } else {
        const verdict = await refusedOf(path);
        assert.equal(verdict.refused, refused, verdict.why.join('\n'));
        assert.equal(verdict.why.length, 1, verdict.why.join('\n'));
      }
      const page = pages[file.endsWith('.card') ? 'card' : 'bundle'];
      assert.ok(page.includes(breaks), `the page does not say: ${breaks}`);
    });
  }
});
