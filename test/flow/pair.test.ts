import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Catalog } from '../../src/catalog/catalog.js';
import { Failure } from '../../src/failure.js';
import { pairThrough } from '../../src/flow/pair.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, makeParty, sessionOf } from './party.js';

const acceptAll = { fingerprints: new Set<never>(), accept: async () => true };

/** A catalog on a disk that takes so many hosts to be paired with and then is full. */
function fullAfter(catalog: Catalog, writes: number): Catalog {
  let left = writes;
  return {
    ...catalog,
    get identity() {
      return catalog.identity;
    },
    putPairedHost(host) {
      if (left === 0) throw new Failure('io', 'the disk is full');
      left -= 1;
      catalog.putPairedHost(host);
    },
  };
}

test('a host that takes the place of another is paired with wholly or not at all', async (t) => {
  const directory = scratch(t);
  const { home } = await makePair(t, directory);
  for (const host of home.catalog.pairedHosts()) home.catalog.putPairedHost({ ...host, isRevoked: true });
  const successor = await makeParty(join(directory, 'new'), 'cabin', 3);
  t.after(() => successor.catalog.close());
  const stick = join(directory, 'other');
  mkdirSync(stick);
  await pairThrough(sessionOf(successor), stick, acceptAll);

  const before = home.catalog.pairedHosts();
  const failing = { ...sessionOf(home), catalog: fullAfter(home.catalog, 1) };
  const { troubles } = await pairThrough(failing, stick, acceptAll);
  assert.deepEqual(
    troubles.map(({ failure }) => failure.message),
    ['the disk is full'],
  );
  assert.deepEqual(home.catalog.pairedHosts(), before);
  await pairThrough(sessionOf(home), stick, acceptAll);
  assert.deepEqual(
    home.catalog.pairedHosts().map(({ name, isRevoked }) => [name, isRevoked]),
    [
      ['cabin', false],
      ['cabin-old', true],
    ],
  );
});
