import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog } from '../../../../src/catalog/interface/catalog.js';
import type { KeptStatement } from '../../../../src/catalog/interface/statement-catalog.js';
import { statementsFor } from '../../../../src/flow/peers/signed-statements/keep-signed-statements.js';
import type { HostId } from '../../../../src/replica/host-id.js';
import type { Right } from '../../../../src/replica/peer-permission.js';
import type { Clock } from '../../../../src/replica/version-vector.js';

// What peers say of themselves goes into everybody's bundles: how much of it is no business of theirs.

const hostOf = (letter: string): HostId => letter.repeat(32);

/** A host that keeps a statement of so many bytes of each of these peers. */
function keeping(peers: Readonly<Record<string, { readonly bytes: number; readonly right?: Right }>>): Catalog {
  const hosts = Object.entries(peers);
  const kept = new Map(
    hosts.map(([letter, { bytes }]): [HostId, KeptStatement] => {
      const said = { number: 1, text: 'x'.repeat(bytes), sig: '', isVerified: true, saidBy: hostOf(letter) };
      return [hostOf(letter), { hostId: hostOf(letter), ...said }];
    }),
  );
  return {
    identity: { hostId: hostOf('0') },
    pairedHosts: () =>
      hosts.map(([letter, { right = 'full' }]) => ({
        hostId: hostOf(letter),
        right,
        isRevoked: false,
        isRetired: false,
      })),
    statementNumbers: () => new Map([...kept].map(([host, each]) => [host, { ...each, sizeBytes: each.text.length }])),
    statementOf: (host: HostId) => kept.get(host) ?? null,
  } as unknown as Catalog;
}

function passedOn(catalog: Catalog, clocks: ReadonlyMap<string, Clock>): number[] {
  const reader = { hostId: hostOf('9'), statements: new Map() } as unknown as Parameters<
    typeof statementsFor
  >[1][number];
  const held = new Map(catalog.statementNumbers());
  return statementsFor(catalog, [reader], { first: new Set(), held: held as never, clocks }).map(
    ({ text }) => text.length,
  );
}

const mib = 1 << 20;

test('the smaller before the larger, and none that is far larger than what this host would say itself', () => {
  const catalog = keeping({ a: { bytes: mib + 80 }, b: { bytes: 900_000 }, c: { bytes: 400 } });
  assert.deepEqual(passedOn(catalog, new Map()), [400, 900_000]);
  const clocks = new Map([['INBOX', new Map([[hostOf('a'), { serial: 1, modseq: 1 }]])]]);
  assert.deepEqual(passedOn(catalog, clocks), [400, 900_000, mib + 80]);
});

test('of a peer that is limited here less', () => {
  for (const right of ['read', 'append'] as const) {
    const catalog = keeping({ a: { bytes: 65_000, right }, b: { bytes: 70_000, right } });
    assert.deepEqual(passedOn(catalog, new Map()), [65_000]);
  }
});
