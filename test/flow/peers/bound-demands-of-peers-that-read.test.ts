import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import type { Peer } from '../../../src/catalog/interface/peer-catalog.js';
import { askedTextsMax, lessesMax, withinDemands } from '../../../src/flow/peers/bound-demands-of-peers-that-read.js';

const host = 'a'.repeat(32);

function catalogWith(messages: number): Catalog {
  const notes = new Map<string, string | null>();
  return {
    summaries: () => [{ messages }],
    note: (key: string) => notes.get(key) ?? null,
    setNote: (key: string, value: string | null) => void notes.set(key, value),
  } as unknown as Catalog;
}

const clocksAt = (serial: number): Peer['clocks'] => new Map([['INBOX', new Map([[host, { serial, modseq: 0 }]])]]);

function peerWith(more: Partial<Peer>): Peer {
  const nothing = { clocks: new Map(), heard: [], wanted: new Set<string>() };
  return { hostId: host, ...nothing, ...more } as unknown as Peer;
}

const guids = (count: number, first = 0): Set<string> =>
  new Set(Array.from({ length: count }, (_, n) => String(first + n).padStart(64, '0')));

describe('a peer that may only read', () => {
  test('may say a few times that it has less than it said, and is then held to its word', () => {
    const catalog = catalogWith(1);
    const before = peerWith({ clocks: clocksAt(5), heard: [[1, 9]] });
    const said = { clocks: clocksAt(0), heard: [[10, 10]] as const, wanted: new Set<string>() };
    for (let n = 0; n < lessesMax; n++) {
      assert.equal(withinDemands(catalog, { before, said, nowS: 100 + n }).clocks, said.clocks);
    }
    const held = withinDemands(catalog, { before, said, nowS: 200 });
    assert.deepEqual([held.clocks, held.heard], [clocksAt(5), [[1, 10]]]);
    assert.equal(withinDemands(catalog, { before, said, nowS: 200 + 31 * 24 * 3600 }).clocks, said.clocks);
  });

  test('is sent as many texts as there are messages, twice, and some more', () => {
    const catalog = catalogWith(10);
    const ask = (wanted: Set<string>): number =>
      withinDemands(catalog, { before: peerWith({}), said: peerWith({ wanted }), nowS: 1 }).wanted.size;
    assert.equal(ask(guids(askedTextsMax)), askedTextsMax);
    assert.equal(ask(guids(100, 50_000)), 20);
    assert.equal(ask(guids(100, 60_000)), 0);
  });

  test('that goes on asking for what it asked for before asks for nothing new', () => {
    const catalog = catalogWith(0);
    const wanted = guids(askedTextsMax);
    for (const before of [peerWith({}), peerWith({ wanted }), peerWith({ wanted })]) {
      assert.equal(withinDemands(catalog, { before, said: peerWith({ wanted }), nowS: 1 }).wanted.size, askedTextsMax);
    }
  });
});
