import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Failure } from '../../src/failure.js';
import { bodySumOf } from '../../src/mail/text/body-checksum.js';
import { canonicalText } from '../../src/mail/text/canonical-text.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { changeNow, type DeclareTest, digestsOf, scanOf, textOf } from './store-under-test.js';

/** What every store promises of looking and listing. */
export function readingContract(test: DeclareTest): void {
  test('lists the inbox and what else there is', async ({ store, user }) => {
    const [top, ...others] = (await store.list()).mailboxes;
    assert.deepEqual([top?.name, top?.subscribed === true, others], ['INBOX', false, []]);
    await user.create('Köln/& Umgebung');
    const names = (await store.list()).mailboxes.map(({ name }) => name);
    assert.deepEqual(names.sort(), ['INBOX', 'Köln/& Umgebung']);
  });

  test('subscribes, and unsubscribes, and both again', async ({ store, user }) => {
    await user.create('Köln/sub');
    await user.create('other');
    const subscribed = async () =>
      (await store.list()).mailboxes.filter((mailbox) => mailbox.subscribed).map(({ name }) => name);
    for (let time = 0; time < 2; time++) {
      await store.subscribe('Köln/sub', true);
      await store.subscribe('INBOX', true);
      assert.deepEqual((await subscribed()).sort(), ['INBOX', 'Köln/sub']);
    }
    for (let time = 0; time < 2; time++) {
      await store.subscribe('Köln/sub', false);
      assert.deepEqual(await subscribed(), ['INBOX']);
    }
  });

  test('says that there is no such mailbox', async ({ store }) => {
    assert.equal(await store.scan('nowhere', { known: null, assignUids: true }), null);
    assert.equal(await store.scan('../INBOX', { known: null, assignUids: true }), null);
  });

  test('shows mail that others delivered', async ({ store, user, givesUids }) => {
    const first = await user.deliver('INBOX', 'Subject: a\r\n\r\nä\r\n', ['\\Seen', '\\Flagged'], 1_234_567_890);
    const second = await user.deliver('INBOX', 'Subject: b\n\nb\n');
    const scan = await scanOf(store, 'INBOX');
    const uids = givesUids ? [1, 2] : [null, null];
    assert.deepEqual(
      new Set(scan.messages.map(({ ref, uid, flags }) => ({ ref, uid, flags }))),
      new Set([
        { ref: first, uid: uids[0], flags: new Set(['\\Flagged', '\\Seen']) },
        { ref: second, uid: uids[1], flags: new Set() },
      ]),
    );
    assert.equal(scan.uids?.uidNext, givesUids ? 3 : undefined);
    const { digests, troubles } = await digestsOf(store, 'INBOX', [first, second]);
    assert.deepEqual(troubles, []);
    const text = 'Subject: a\n\nä\n';
    const { hint, ...digest } = digests.get(first) ?? { hint: '' };
    if (store.capabilities.refs === 'chosen') assert.equal(hint, first);
    else assert.notEqual(hint, '');
    assert.deepEqual(digest, {
      ref: first,
      guid: guidOfCanonical(Buffer.from(text)),
      sizeBytes: Buffer.byteLength(text),
      body: bodySumOf(Buffer.from(text)),
      file: (await store.stamps('INBOX', [first])).get(first),
      receivedS: 1_234_567_890,
    });
    assert.equal(await textOf(store, 'INBOX', first), text);
  });

  test('says unchanged until something changes', async ({ store, user, settle }) => {
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n');
    const known = async (): Promise<string> => {
      await scanOf(store, 'INBOX');
      settle();
      const { fingerprint } = await scanOf(store, 'INBOX');
      assert.ok(fingerprint !== null, 'a mailbox at rest has a fingerprint');
      assert.equal(await store.scan('INBOX', { known: fingerprint, assignUids: true }), 'unchanged');
      return fingerprint;
    };
    const changed = async (fingerprint: string): Promise<void> => {
      assert.notEqual(await store.scan('INBOX', { known: fingerprint, assignUids: true }), 'unchanged');
    };
    let fingerprint = await known();
    const other = await user.deliver('INBOX', 'Subject: b\n\nb\n');
    await changed(fingerprint);
    fingerprint = await known();
    await user.setFlags('INBOX', ref, ['\\Seen']);
    await changed(fingerprint);
    fingerprint = await known();
    await user.expunge('INBOX', other);
    await changed(fingerprint);
    fingerprint = await known();
    await changeNow(store, 'INBOX', { setFlags: [{ ref, flags: new Set() }] });
    await changed(fingerprint);
  });

  test('names a file with the text for others to read, if it has files', async ({ store, user }) => {
    const ref = await user.deliver('INBOX', 'Subject: a\r\n\r\na\r\n');
    const file = store.textFile('INBOX', ref);
    if (file !== null) assert.equal(Buffer.from(canonicalText(readFileSync(file))).toString(), 'Subject: a\n\na\n');
    assert.equal(store.textFile('INBOX', 'nothing'), null);
  });

  test('answers for many messages at once, and not for one that is missing', async ({ store, user }) => {
    const refs: string[] = [];
    for (let index = 0; index < 200; index++) {
      refs.push(await user.deliver('INBOX', `Subject: ${index}\n\n${'x'.repeat(index)}\n`));
    }
    const { digests, troubles } = await digestsOf(store, 'INBOX', [...refs, 'missing']);
    assert.deepEqual(troubles, []);
    assert.equal(digests.size, 200);
    for (const [index, ref] of refs.entries()) {
      const text = Buffer.from(`Subject: ${index}\n\n${'x'.repeat(index)}\n`);
      assert.equal(digests.get(ref)?.guid, guidOfCanonical(text));
      assert.equal(digests.get(ref)?.sizeBytes, text.length);
    }
    await assert.rejects(store.readText('INBOX', 'missing'), Failure);
  });

  test('chooses refs that are free', async ({ store }) => {
    const text = { guid: guidOfCanonical(Buffer.from('x')), sizeBytes: 1 };
    const taken = new Set<string>();
    for (let time = 0; time < 20; time++) {
      const ref = store.chooseRef('1700000000.M1P1.here', taken, text);
      assert.ok(!taken.has(ref));
      taken.add(ref);
    }
    if (store.capabilities.refs === 'given') return;
    assert.ok(taken.has('1700000000.M1P1.here'), 'the hint is followed where it can be');
  });
}
