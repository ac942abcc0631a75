import assert from 'node:assert/strict';
import type { Expunge } from '../../src/mail/mailbox-change.js';
import { bodySumOf } from '../../src/mail/text/body-checksum.js';
import { canonicalText } from '../../src/mail/text/canonical-text.js';
import { type Guid, guidOfCanonical } from '../../src/mail/text/text-guid.js';
import {
  changeNow,
  type DeclareTest,
  digestsOf,
  nothing,
  outcomeOf,
  refOf,
  scanOf,
  spooled,
  textOf,
} from './store-under-test.js';

/** What every store promises of the messages it expunged. */
export function trashContract(test: DeclareTest): void {
  test('keeps what it expunges, each text once, until it is dropped', async ({ store, user }) => {
    assert.deepEqual([...(await store.trash.guids())], []);
    const texts = ['Subject: a\n\na\n', 'Subject: a\n\na\n', 'Subject: b\n\nb\n', 'Subject: c\n\nc\n'];
    const expunge: Expunge[] = [];
    for (const text of texts) {
      expunge.push({ ref: await user.deliver('INBOX', text, ['\\Seen']), guid: guidOf(text) });
    }
    const [a, , b] = expunge.map(({ guid }) => guid);
    assert.ok(a !== undefined && b !== undefined);
    for (let time = 0; time < 2; time++) {
      assert.deepEqual((await changeNow(store, 'INBOX', { expunge: expunge.slice(0, 3) })).troubles, []);
      assert.deepEqual([...(await store.trash.guids())].sort(), [a, b].sort());
    }
    assert.deepEqual(
      (await store.list()).mailboxes.map(({ name }) => name),
      ['INBOX'],
    );
    assert.equal((await scanOf(store, 'INBOX')).messages.length, 1);
    assert.equal(Buffer.from((await store.trash.beginning(b, 10)) ?? []).toString(), 'Subject: b');
    assert.equal(await store.trash.beginning(guidOf(texts[3] ?? ''), 10), null);
    for (let time = 0; time < 2; time++) await store.trash.drop(new Set([b]));
    assert.deepEqual([...(await store.trash.guids())], [b]);
    await store.trash.drop(new Set());
    assert.deepEqual([...(await store.trash.guids())], []);
  });

  test('brings back what it expunged, also with the mailbox', async ({ store, user }) => {
    const text = 'Subject: back\r\n\r\nagain\r\n';
    const guid = guidOf(text);
    const ref = await user.deliver('Work', text, [], 1_500_000_000);
    await changeNow(store, 'Work', { expunge: [{ ref, guid }] });
    assert.equal(await store.removeMailbox('Work'), true);
    const known = { guid, sizeBytes: canonical(text).length, body: bodySumOf(canonical(text)) };
    for (let time = 0; time < 2; time++) assert.deepEqual(await store.trash.copyToSpool(guid), known);
    const delivery = await spooled(store, text, { text: 'spool', uid: 8, hint: ref, receivedS: 1_500_000_000 });
    const change = { ...nothing, expected: 'absent' as const, uidValidity: 9, uidNext: 9, deliver: [delivery] };
    const outcome = await store.change('Work', change);
    assert.deepEqual(outcomeOf(outcome), { outcome: 'done', troubles: [], unstorable: [] });
    const back = refOf(outcome, delivery);
    assert.equal(await textOf(store, 'Work', back), canonical(text).toString());
    const { digests } = await digestsOf(store, 'Work', [back]);
    assert.equal(digests.get(back)?.receivedS, 1_500_000_000);
    await store.trash.drop(new Set());
    assert.equal(await textOf(store, 'Work', back), canonical(text).toString());
  });

  test('leaves other copies of what it brings back alone', async ({ store, user }) => {
    const text = 'Subject: twice\n\n';
    const guid = guidOf(text);
    const ref = await user.deliver('INBOX', text, [], 1_500_000_000);
    const copy = await spooled(store, text, { text: { mailbox: 'INBOX', ref }, uid: 1, receivedS: 1_500_000_000 });
    const kept = refOf(await changeNow(store, 'Kept', { deliver: [copy] }), copy);
    await changeNow(store, 'INBOX', { expunge: [{ ref, guid }] });
    await store.trash.copyToSpool(guid);
    const later = await spooled(store, text, { text: 'spool', uid: 2, hint: ref, receivedS: 1_600_000_000 });
    const outcome = await changeNow(store, 'INBOX', { deliver: [later] });
    assert.deepEqual(outcome.troubles, []);
    const back = refOf(outcome, later);
    const dates = [
      (await digestsOf(store, 'Kept', [kept])).digests.get(kept)?.receivedS,
      (await digestsOf(store, 'INBOX', [back])).digests.get(back)?.receivedS,
    ];
    assert.deepEqual(dates, [1_500_000_000, 1_600_000_000]);
    // The copy may be a link to the very file that is in the trash.
    await changeNow(store, 'Kept', { expunge: [{ ref: kept, guid }] });
    assert.equal((await scanOf(store, 'Kept')).messages.length, 0);
    assert.deepEqual([...(await store.trash.guids())], [guid]);
  });

  test('spools nothing from its trash that is not the text asked for', async ({ store, user }) => {
    const other = guidOf('Subject: other\n\n');
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n');
    await changeNow(store, 'INBOX', { expunge: [{ ref, guid: other }] });
    for (const guid of [other, guidOf('never there')]) {
      await assert.rejects(store.trash.copyToSpool(guid), { code: 'store-damaged' });
    }
    assert.deepEqual([...(await store.spool.texts())], []);
  });
}

function canonical(text: string): Buffer {
  return Buffer.from(canonicalText(Buffer.from(text)));
}

function guidOf(text: string): Guid {
  return guidOfCanonical(canonical(text));
}
