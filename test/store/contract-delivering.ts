import assert from 'node:assert/strict';
import type { Delivery } from '../../src/mail/mailbox-change.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import {
  changeNow,
  type DeclareTest,
  digestsOf,
  going,
  nothing,
  outcomeOf,
  refOf,
  refsOf,
  scanOf,
  spooled,
  textOf,
} from './store-under-test.js';

/** What every store promises of texts and messages that come to it. */
export function deliveringContract(test: DeclareTest): void {
  test('delivers what was spooled, under the ref chosen or the one that it says', async ({ store, givesUids }) => {
    const before = await scanOf(store, 'INBOX');
    const flags = new Set(['\\Seen', '\\Answered']);
    const one = await spooled(store, 'Subject: a\n\na\n', { uid: 7, flags, receivedS: 1_111_111_111 });
    const two = await spooled(store, 'Subject: b\n\nb\n', { uid: 9, receivedS: 1_222_222_222 });
    const outcome = await changeNow(store, 'INBOX', { deliver: [one, two], uidNext: 20 });
    assert.deepEqual(outcomeOf(outcome), { outcome: 'done', troubles: [], unstorable: [] });
    const [first = '', second = ''] = refsOf(outcome, one, two);
    const isNamedByStore = store.capabilities.refs === 'given';
    assert.deepEqual([...outcome.given.keys()], isNamedByStore ? [one.ref, two.ref] : []);
    assert.equal(first === one.ref, !isNamedByStore);
    const scan = await scanOf(store, 'INBOX');
    assert.deepEqual(scan.messages.map(({ ref }) => ref).sort(), [first, second].sort());
    const found = scan.messages.find(({ ref }) => ref === first);
    assert.deepEqual(found?.flags, flags);
    assert.equal(found?.givenUid, outcome.given.get(one.ref)?.uid);
    if (givesUids) {
      assert.deepEqual(scan.uids, { uidValidity: before.uids?.uidValidity, uidNext: 20 });
      assert.deepEqual(
        scan.messages.map(({ uid }) => uid),
        [7, 9],
      );
    }
    const { digests } = await digestsOf(store, 'INBOX', [first, second]);
    assert.equal(digests.get(first)?.receivedS, 1_111_111_111);
    assert.equal(digests.get(second)?.receivedS, 1_222_222_222);
    assert.equal(digests.get(first)?.guid, one.guid);
    if (!isNamedByStore) assert.equal(digests.get(first)?.hint, one.hint);
    assert.equal(await textOf(store, 'INBOX', second), 'Subject: b\n\nb\n');
  });

  test('says both digests and the size of a text that it keeps, also of one that lies in the trash', async ({
    store,
    user,
  }) => {
    const stamped = Buffer.from('Subject: a\nX-TUID: aaaabbbbcccc\n\na\n');
    const same = guidOfCanonical(Buffer.from('Subject: a\n\na\n'));
    const text = { guid: guidOfCanonical(stamped), same, sizeBytes: stamped.length };
    const ref = await user.deliver('INBOX', stamped.toString());
    const { digests } = await digestsOf(store, 'INBOX', [ref]);
    assert.deepEqual([digests.get(ref)?.guid, digests.get(ref)?.same], [text.guid, same]);
    await changeNow(store, 'INBOX', { expunge: [{ ref, guid: text.guid }] });
    const { body: _, ...trashed } = await store.trash.copyToSpool(text.guid);
    assert.deepEqual(trashed, text);
    assert.deepEqual(await store.spool.texts(), [text]);
  });

  test('keeps spooled texts until they are delivered or dropped', async ({ store }) => {
    const spooled = async (): Promise<Set<string>> => new Set((await store.spool.texts()).map(({ guid }) => guid));
    const texts = ['a', 'b', 'c'].map((name) => Buffer.from(`Subject: ${name}\n\n`));
    const guids = texts.map((text) => guidOfCanonical(text));
    for (const [index, guid] of [...guids.entries(), ...guids.entries()])
      await store.spool.put(guid, texts[index] ?? Buffer.alloc(0));
    assert.deepEqual(await spooled(), new Set(guids));
    await store.sync();
    const [first = '', second = ''] = guids;
    await store.spool.drop(new Set([first]));
    assert.deepEqual(await spooled(), new Set([first]));
    const delivery = { uid: 3, flags: new Set<string>(), receivedS: 1, text: 'spool' as const };
    const outcome = await changeNow(store, 'INBOX', {
      deliver: [
        { ...delivery, guid: first, ref: 'x1', hint: 'x1' },
        { ...delivery, guid: second, ref: 'x2', hint: 'x2', uid: 4 },
      ],
      uidNext: 8,
    });
    assert.equal(outcome.outcome, 'done');
    assert.deepEqual(
      outcome.troubles.map(({ subject }) => subject),
      ['x2'],
    );
    const ref = refOf(outcome, { ref: 'x1' });
    const scan = await scanOf(store, 'INBOX');
    assert.deepEqual(
      scan.messages.map((message) => message.ref),
      [ref],
    );
    if (scan.uids !== null) assert.equal(scan.uids.uidNext, 8);
    await store.spool.drop(new Set());
    assert.deepEqual(await spooled(), new Set());
    assert.equal(await textOf(store, 'INBOX', ref), 'Subject: a\n\n');
  });

  test('delivers one spooled text to several places, each with its own date', async ({ store }) => {
    const text = 'Subject: same\n\nsame\n';
    const one = await spooled(store, text, { uid: 1, receivedS: 1_000_000_000, hint: 'one' });
    const two = await spooled(store, text, { uid: 2, receivedS: 1_000_000_001, hint: 'two' });
    const three = await spooled(store, text, { uid: 3, receivedS: 1_000_000_000, hint: 'three' });
    const outcome = await changeNow(store, 'INBOX', { deliver: differently([one, two, three]) });
    assert.deepEqual(outcome.troubles, []);
    const refs = refsOf(outcome, ...differently([one, two, three]));
    assert.equal(new Set(refs).size, 3);
    const four = await spooled(store, text, { uid: 1, receivedS: 5, hint: 'four', text: 'spool' });
    const copied = await changeNow(store, 'Copy', { deliver: [four] });
    assert.deepEqual(copied.troubles, []);
    const copy = refOf(copied, four);
    const { digests } = await digestsOf(store, 'INBOX', refs);
    assert.deepEqual(
      refs.map((ref) => digests.get(ref)?.receivedS),
      [1_000_000_000, 1_000_000_001, 1_000_000_000],
    );
    assert.equal(await textOf(store, 'Copy', copy), text);
    assert.equal((await digestsOf(store, 'Copy', [copy])).digests.get(copy)?.receivedS, 5);
  });

  test('delivers copies of what it holds, also from what the same change expunges', async ({ store, user }) => {
    const source = await user.deliver('INBOX', 'Subject: a\r\n\r\na\r\n', ['\\Seen'], 1_000_000_000);
    for (const receivedS of [1_000_000_000, 1_000_000_007]) {
      const text = { mailbox: 'INBOX', ref: source };
      const copy = await spooled(store, 'Subject: a\n\na\n', { hint: `c${receivedS}`, receivedS, text });
      const copied = await changeNow(store, `M${receivedS}`, { deliver: [copy] });
      assert.deepEqual(copied.troubles, []);
      const copyRef = refOf(copied, copy);
      const scan = await scanOf(store, `M${receivedS}`);
      assert.deepEqual(
        scan.messages.map(({ ref, flags }) => [ref, flags.size]),
        [[copyRef, 0]],
      );
      const { digests } = await digestsOf(store, `M${receivedS}`, [copyRef]);
      assert.equal(digests.get(copyRef)?.receivedS, receivedS);
      assert.equal(digests.get(copyRef)?.guid, copy.guid);
    }
    const { uids } = await scanOf(store, 'INBOX');
    const again = await spooled(store, 'Subject: a\n\na\n', {
      uid: uids?.uidNext ?? 9,
      hint: 'again',
      text: { mailbox: 'INBOX', ref: source },
    });
    const outcome = await changeNow(store, 'INBOX', { deliver: [again], expunge: going(source) });
    assert.deepEqual(outcome.troubles, []);
    const ref = refOf(outcome, again);
    assert.deepEqual(
      (await scanOf(store, 'INBOX')).messages.map((message) => message.ref),
      [ref],
    );
    assert.equal(await textOf(store, 'INBOX', ref), 'Subject: a\n\na\n');
  });

  test('makes the mailbox a change is for', async ({ store, givesUids }) => {
    const one = await spooled(store, 'Subject: a\n\na\n', { uid: 40, flags: new Set(['\\Draft']) });
    const change = { ...nothing, expected: 'absent' as const, uidValidity: 4711, uidNext: 50, deliver: [one] };
    const outcome = await store.change('Neu/für/mich', change);
    assert.equal(outcome.outcome, 'done');
    const scan = await scanOf(store, 'Neu/für/mich');
    assert.deepEqual(scan.uids, givesUids ? { uidValidity: 4711, uidNext: 50 } : null);
    const [message, ...more] = scan.messages;
    const { ref, uid, flags } = message ?? {};
    assert.deepEqual([ref, uid, flags], [refOf(outcome, one), givesUids ? 40 : null, new Set(['\\Draft'])]);
    assert.deepEqual(more, []);
    assert.ok((await store.list()).mailboxes.some(({ name }) => name === 'Neu/für/mich'));
    assert.equal((await store.change('leer', { ...change, deliver: [] })).outcome, 'done');
    assert.deepEqual((await scanOf(store, 'leer')).messages, []);
  });
}

/** The same deliveries under refs of their own, as a plan has them: `spooled` knows nothing of the others. */
function differently(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.map((delivery, n) => ({ ...delivery, ref: `${delivery.ref}${n}` }));
}
