import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import type { Container } from '../../src/mail/packed/container-kinds.js';
import { bodySumOf } from '../../src/mail/text/body-checksum.js';
import { canonicalText } from '../../src/mail/text/canonical-text.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { changeNow, type DeclareTest, digestsOf, refOf, scanOf, textOf } from './store-under-test.js';

const text = `Subject: packed\r\n\r\n${'A line of it.\r\n'.repeat(200)}`;
const canonical = Buffer.from(canonicalText(Buffer.from(text)));
const guid = guidOfCanonical(canonical);

function packedBy(program: string, content: string | Uint8Array): Buffer {
  return execFileSync(program, ['-c'], { input: content, stdio: ['pipe', 'pipe', 'ignore'] });
}

const read: readonly (readonly [string, (content: string | Uint8Array) => Uint8Array])[] = [
  ['gzip', (content) => gzipSync(content)],
  ['zstd', (content) => packedBy('zstd', content)],
];

const unread: readonly (readonly [Container, Uint8Array])[] = [
  ['bzip2', packedBy('bzip2', text)],
  ['xz', packedBy('xz', text)],
  ['lz4', packedBy('lz4', text)],
  ['mail_crypt', Buffer.from('CRYPTED\x03\x07\x02 and so on', 'latin1')],
];

/** What every store promises of messages that it keeps packed. */
export function packedContract(test: DeclareTest): void {
  for (const [name, pack] of read) {
    test(`takes a message packed with ${name} for its text`, async ({ store, user }) => {
      const ref = await user.deliver('INBOX', pack(text), ['\\Seen']);
      await scanOf(store, 'INBOX');
      const { digests, untaken, troubles } = await digestsOf(store, 'INBOX', [ref]);
      assert.deepEqual([untaken.size, troubles], [0, []]);
      const { guid: found, sizeBytes, body } = digests.get(ref) ?? {};
      assert.deepEqual(
        { found, sizeBytes, body },
        { found: guid, sizeBytes: canonical.length, body: bodySumOf(canonical) },
      );
      assert.equal(await textOf(store, 'INBOX', ref), canonical.toString());
    });

    test(`reads many messages packed with ${name} among plain ones`, async ({ store, user }) => {
      const texts = Array.from({ length: 100 }, (_, n) => `Subject: ${n}\n\n${'x'.repeat(n * 50)}\n`);
      const refs: string[] = [];
      for (const [n, one] of texts.entries()) refs.push(await user.deliver('INBOX', n % 3 === 0 ? one : pack(one)));
      await scanOf(store, 'INBOX');
      const { digests } = await digestsOf(store, 'INBOX', refs);
      assert.deepEqual(
        refs.map((ref) => digests.get(ref)?.guid),
        texts.map((one) => guidOfCanonical(Buffer.from(one))),
      );
    });

    test(`delivers the text of a message packed with ${name}, of which it has the sizes`, async ({ store, user }) => {
      const source = await user.deliver('INBOX', pack(text));
      await scanOf(store, 'INBOX');
      const hint = `1700000000.M1P1.a,S=${canonical.length},W=${text.length}`;
      const ref = store.chooseRef(hint, new Set(), { guid, sizeBytes: canonical.length });
      const delivery = { ref, uid: 7, guid, flags: new Set<string>(), receivedS: 1_600_000_000, hint } as const;
      const deliver = [{ ...delivery, text: { mailbox: 'INBOX', ref: source } }];
      const outcome = await changeNow(store, 'Work', { uidNext: 8, deliver });
      assert.deepEqual([outcome.outcome, outcome.troubles], ['done', []]);
      const there = refOf(outcome, delivery);
      const { digests } = await digestsOf(store, 'Work', [there]);
      assert.deepEqual([digests.get(there)?.guid, digests.get(there)?.receivedS], [guid, 1_600_000_000]);
      assert.equal(await textOf(store, 'INBOX', source), canonical.toString());
    });

    test(`brings back from the trash what was packed with ${name}`, async ({ store, user }) => {
      const ref = await user.deliver('INBOX', pack(text));
      await changeNow(store, 'INBOX', { expunge: [{ ref, guid }] });
      assert.equal(Buffer.from((await store.trash.beginning(guid, 15)) ?? []).toString(), text.slice(0, 15));
      const known = { guid, sizeBytes: canonical.length, body: bodySumOf(canonical) };
      assert.deepEqual(await store.trash.copyToSpool(guid), known);
      const delivery = { uid: 9, guid, flags: new Set<string>(), receivedS: 1_600_000_000, hint: 'back' } as const;
      const deliver = [{ ...delivery, ref: 'back', text: 'spool' as const }];
      const outcome = await changeNow(store, 'INBOX', { uidNext: 10, deliver });
      assert.equal(await textOf(store, 'INBOX', refOf(outcome, { ref: 'back' })), canonical.toString());
    });
  }

  for (const [container, content] of unread) {
    test(`leaves a file of ${container} alone`, async ({ store, user }) => {
      const ref = await user.deliver('INBOX', content);
      assert.equal((await scanOf(store, 'INBOX')).messages.length, 1);
      const { digests, untaken, troubles } = await digestsOf(store, 'INBOX', [ref]);
      assert.deepEqual([digests.size, troubles], [0, []]);
      assert.deepEqual([...untaken], [[ref, { container, problem: 'unread' }]]);
      await assert.rejects(store.readText('INBOX', ref), { code: 'not-taken' });
    });

    test(`does not bring back from the trash what turned out to be ${container}`, async ({ store, user }) => {
      const ref = await user.deliver('INBOX', content);
      await changeNow(store, 'INBOX', { expunge: [{ ref, guid }] });
      await assert.rejects(store.trash.copyToSpool(guid), { code: 'store-damaged' });
    });
  }

  test('leaves a file alone that begins like gzip and is none, or has something packed in it', async (under) => {
    const { store, user } = under;
    const broken = await user.deliver('INBOX', Buffer.from('\x1f\x8b is how this one begins\n', 'latin1'));
    const nested = await user.deliver('INBOX', gzipSync(gzipSync(text)));
    await scanOf(store, 'INBOX');
    const { untaken } = await digestsOf(store, 'INBOX', [broken, nested]);
    assert.deepEqual(untaken.get(broken), { container: 'gzip', problem: 'broken' });
    assert.deepEqual(untaken.get(nested), { container: 'gzip', problem: 'nested' });
  });
}
