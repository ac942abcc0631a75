import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { wantedMax } from '../../src/bundle/format/bundle-limits.js';
import { decodeEndMark, encodeEndMark } from '../../src/bundle/format/end-mark-json.js';
import { hostsIn, hostTable } from '../../src/bundle/format/host-table-json.js';
import { decodeManifest, encodeManifest } from '../../src/bundle/format/manifest-json.js';
import { decodeRecords, encodeRecords } from '../../src/bundle/format/records-json.js';
import { recordsDigest, signStatement } from '../../src/bundle/format/signed-statement-json.js';
import { composeFront } from '../../src/bundle/write/compose-bundle-head.js';
import { casesTried } from '../thoroughness.js';
import { front } from './news-arbitrary.js';
import { plainKeys } from './sample.js';

const fileName = 'mailboxes/0001.jsonl';

function contentOf(item: { readonly content: object }): Buffer {
  assert.ok('bytes' in item.content && item.content.bytes instanceof Uint8Array);
  return Buffer.from(item.content.bytes);
}

describe('records', () => {
  test('what is decoded is what was encoded', () => {
    fc.assert(
      fc.property(front, ({ preamble, news }) => {
        const hosts = hostsIn(preamble, news);
        for (const each of news) {
          const bytes = encodeRecords(each, hosts);
          assert.deepEqual(decodeRecords(bytes, { from: each.from, hosts, fileName }), each);
        }
      }),
      { numRuns: casesTried(100) },
    );
  });

  test('encoding what was decoded gives the same bytes', () => {
    fc.assert(
      fc.property(front, ({ preamble, news }) => {
        const hosts = hostsIn(preamble, news);
        for (const each of news) {
          const bytes = encodeRecords(each, hosts);
          const again = encodeRecords(decodeRecords(bytes, { from: each.from, hosts, fileName }), hosts);
          assert.equal(again.toString(), bytes.toString());
        }
      }),
      { numRuns: casesTried(100) },
    );
  });

  test('the order in which maps were filled does not show', () => {
    fc.assert(
      fc.property(front, ({ preamble, news }) => {
        const hosts = hostsIn(preamble, news);
        for (const each of news) {
          const turned = {
            ...each,
            base: reversed(each.base),
            clock: reversed(each.clock),
            living: reversed(each.living),
            saves: each.saves.map((save) => ({ ...save, flags: reversed(save.flags) })),
            updates: each.updates.map((update) => ({ ...update, flags: reversed(update.flags) })),
          };
          assert.equal(encodeRecords(turned, hosts).toString(), encodeRecords(each, hosts).toString());
        }
      }),
      { numRuns: casesTried(100) },
    );
  });

  test('random bytes in the place of a few never do more than be refused', () => {
    fc.assert(
      fc.property(
        front,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        ({ preamble, news }, where, noise) => {
          const hosts = hostsIn(preamble, news);
          for (const each of news) {
            const bytes = encodeRecords(each, hosts);
            bytes.set(noise.subarray(0, bytes.length), where % Math.max(1, bytes.length - noise.length));
            try {
              decodeRecords(bytes, { from: each.from, hosts, fileName });
            } catch (error) {
              assert.equal((error as { code?: unknown }).code, 'bundle-not-understood', String(error));
            }
          }
        },
      ),
      { numRuns: casesTried(100) },
    );
  });
});

describe('manifest', () => {
  test('what is decoded is what was encoded, and encodes to the same bytes', () => {
    fc.assert(
      fc.property(
        front,
        fc.option(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(999))),
        ({ preamble, news }, texts) => {
          const announced = texts === null ? null : { texts: texts[0], bytes: texts[1] };
          const bytes = contentOf(
            composeFront({ preamble, news, texts: [] }, announced, plainKeys.signingKey).manifest,
          );
          const manifest = decodeManifest(bytes);
          assert.deepEqual(manifest.preamble, preamble);
          assert.deepEqual(manifest.announced, announced);
          assert.deepEqual(
            manifest.files.map(({ mailbox, base }) => ({ mailbox, base })),
            news.map(({ name, base }) => ({ mailbox: name, base })),
          );
          assert.equal(encodeManifest(manifest).toString(), bytes.toString());
        },
      ),
      { numRuns: casesTried(100) },
    );
  });

  test('of more texts than may be asked for the first ones are', () => {
    const wanted = Array.from({ length: wantedMax + 5 }, (_, index) => index.toString(16).padStart(64, '0'));
    const self = 'a'.repeat(32);
    const preamble = {
      account: 'alice',
      from: { hostId: self, name: 'home' },
      to: [],
      number: 1,
      madeAtS: 0,
      heard: new Map(),
      witnessed: new Map(),
      wanted,
      unheard: [],
      relayed: [],
      statements: new Map(),
      before: [],
      disowned: [],
      equivocations: [],
      fed: [],
      answers: [],
      clocks: new Map(),
      served: new Map(),
      strangers: new Map(),
    };
    const statement = signStatement({ ...preamble, records: recordsDigest([]) }, plainKeys.signingKey);
    const bytes = encodeManifest({ preamble, statement, hosts: hostTable([self]), files: [], announced: null });
    assert.deepEqual(decodeManifest(bytes).preamble.wanted, wanted.slice(0, wantedMax));
  });

  test('random bytes in the place of a few never do more than be refused', () => {
    fc.assert(
      fc.property(
        front,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        ({ preamble, news }, where, noise) => {
          const bytes = contentOf(composeFront({ preamble, news, texts: [] }, null, plainKeys.signingKey).manifest);
          bytes.set(noise, where % (bytes.length - noise.length));
          try {
            decodeManifest(bytes);
          } catch (error) {
            assert.equal((error as { code?: unknown }).code, 'bundle-not-understood', String(error));
          }
        },
      ),
      { numRuns: casesTried(100) },
    );
  });
});

test('the end mark comes back as it was', () => {
  const mark = { mailboxes: 3, texts: 2 ** 40, textBytes: Number.MAX_SAFE_INTEGER };
  assert.deepEqual(decodeEndMark(encodeEndMark(mark)), mark);
});

function reversed<K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  return new Map([...map].reverse());
}
