import assert from 'node:assert/strict';
import type { Delivery } from '../../src/mail/mailbox-change.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import {
  changeNow,
  type DeclareTest,
  deliverAll,
  digestsOf,
  going,
  nothing,
  outcomeOf,
  refOf,
  scanOf,
  spooled,
} from './store-under-test.js';

/** What every store promises of changes to messages and mailboxes that are there. */
export function changingContract(test: DeclareTest): void {
  test('sets flags, and says which keywords it has no room for', async ({ store, user, keepsKeywords }) => {
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n', ['\\Seen']);
    const other = await user.deliver('INBOX', 'Subject: b\n\nb\n');
    const flags = new Set(['\\Answered', '$forwarded', 'work', 'not a keyword']);
    const { outcome, unstorable } = await changeNow(store, 'INBOX', { setFlags: [{ ref, flags }] });
    assert.equal(outcome, 'done');
    if (unstorable.length > 0) assert.ok(unstorable.includes('not a keyword'));
    assert.equal(unstorable.includes('work'), !keepsKeywords);
    const shown = async () =>
      new Map((await scanOf(store, 'INBOX')).messages.map((message) => [message.ref, message.flags]));
    const wanted = [...flags].filter((flag) => !unstorable.includes(flag));
    assert.deepEqual([...((await shown()).get(ref) ?? [])].sort(), wanted.sort());
    assert.deepEqual((await shown()).get(other), new Set());
    for (let time = 0; time < 2; time++) {
      await changeNow(store, 'INBOX', { setFlags: [{ ref, flags: new Set() }] });
      assert.deepEqual((await shown()).get(ref), new Set());
    }
  });

  test('leaves flags as the user has set them since they were seen', async ({ store, user }) => {
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n', ['\\Seen', '\\Answered']);
    const { messages } = await scanOf(store, 'INBOX');
    const seen = messages[0]?.flags ?? new Set();
    await user.setFlags('INBOX', ref, ['\\Seen', '\\Flagged']);
    const flags = new Set(['\\Seen', '\\Answered', '\\Draft']);
    await changeNow(store, 'INBOX', { setFlags: [{ ref, flags, seen }] });
    const after = (await scanOf(store, 'INBOX')).messages[0];
    assert.deepEqual([...(after?.flags ?? [])].sort(), ['\\Draft', '\\Flagged', '\\Seen']);
  });

  test('passes over messages that have gone meanwhile', async ({ store, user }) => {
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n');
    await user.deliver('INBOX', 'Subject: b\n\nb\n');
    await scanOf(store, 'INBOX');
    await user.expunge('INBOX', ref);
    const setFlags = [{ ref, flags: new Set(['\\Seen']) }];
    const outcome = await changeNow(store, 'INBOX', { setFlags, expunge: going('never-there') });
    assert.deepEqual(outcomeOf(outcome), { outcome: 'done', troubles: [], unstorable: [] });
    assert.equal((await scanOf(store, 'INBOX')).messages.length, 1);
  });

  test('expunges, and does so again', async ({ store, user }) => {
    const refs = await deliverAll(user, ['a', 'b', 'c']);
    const [, middle = ''] = refs;
    for (let time = 0; time < 2; time++) {
      assert.equal((await changeNow(store, 'INBOX', { expunge: going(middle) })).outcome, 'done');
      const { messages } = await scanOf(store, 'INBOX');
      assert.deepEqual(
        messages.map(({ ref }) => ref),
        [refs[0], refs[2]],
      );
    }
  });

  test('renumbers', async ({ store, user, givesUids }) => {
    const refs = await deliverAll(user, ['a', 'b', 'c'], ['\\Flagged']);
    const [first = '', middle = '', last = ''] = refs;
    const renumber = [
      { ref: middle, uid: 10 },
      { ref: first, uid: 12 },
    ];
    const added = await spooled(store, 'Subject: new\n\n', { uid: 11 });
    const outcome = await changeNow(store, 'INBOX', { renumber, deliver: [added], uidNext: 15 });
    assert.equal(outcome.outcome, 'done');
    const addedRef = refOf(outcome, added);
    const scan = await scanOf(store, 'INBOX');
    assert.equal(scan.messages.length, 4);
    if (!givesUids) return;
    assert.deepEqual(
      scan.messages.map(({ ref, uid }) => [ref, uid]),
      [
        [last, 3],
        [middle, 10],
        [addedRef, 11],
        [first, 12],
      ],
    );
    assert.ok(scan.messages.every(({ ref, flags }) => flags.has('\\Flagged') === (ref !== addedRef)));
    assert.equal(scan.uids?.uidNext, 15);
  });

  test('starts a new UID list under another UIDVALIDITY', async ({ store, user, givesUids }) => {
    const refs = await deliverAll(user, ['a', 'b', 'c']);
    if (!givesUids) return;
    const added = await spooled(store, 'Subject: new\n\n', { uid: 2 });
    const renumber = refs.map((ref, index) => ({ ref, uid: [1, 3, 4][index] ?? 0 }));
    const { outcome } = await changeNow(store, 'INBOX', { uidValidity: 77, uidNext: 5, renumber, deliver: [added] });
    assert.equal(outcome, 'done');
    const scan = await scanOf(store, 'INBOX');
    assert.deepEqual(scan.uids, { uidValidity: 77, uidNext: 5 });
    assert.deepEqual(
      scan.messages.map(({ ref }) => ref),
      [refs[0], added.ref, refs[1], refs[2]],
    );
  });

  test('raises UIDNEXT alone, as for messages whose text has not arrived', async ({ store, givesUids }) => {
    if (!givesUids) return;
    await changeNow(store, 'INBOX', { uidNext: 30 });
    assert.equal((await scanOf(store, 'INBOX')).uids?.uidNext, 30);
  });

  test('does nothing at all where the UIDs are not as planned', async ({ store, user, givesUids }) => {
    if (!givesUids) return;
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n');
    const before = await scanOf(store, 'INBOX');
    assert.ok(before.uids !== null);
    const { uidValidity, uidNext } = before.uids;
    const added = await spooled(store, 'Subject: new\n\n', { uid: 20 });
    const wanted = {
      uidValidity,
      uidNext: 30,
      expunge: going(ref),
      setFlags: [],
      renumber: [],
      deliver: [added],
    };
    for (const expected of [null, { uidValidity, uidNext: uidNext + 1 }, { uidValidity: uidValidity + 1, uidNext }]) {
      assert.equal((await store.change('INBOX', { ...wanted, expected })).outcome, 'moved');
    }
    assert.equal((await store.change('nowhere', { ...wanted, expected: before.uids })).outcome, 'moved');
    assert.equal(await store.scan('nowhere', { known: null, assignUids: true }), null);
    const after = await scanOf(store, 'INBOX');
    assert.deepEqual([after.uids, after.messages], [before.uids, before.messages]);
    assert.equal((await store.change('INBOX', { ...wanted, expected: before.uids })).outcome, 'done');
    assert.deepEqual(
      (await scanOf(store, 'INBOX')).messages.map((message) => message.ref),
      [added.ref],
    );
  });

  test('removes empty mailboxes only, and never the inbox', async ({ store, user, keepsParents }) => {
    await user.create('a/b');
    const ref = await user.deliver('a', 'Subject: a\n\na\n');
    assert.equal(await store.removeMailbox('a'), false);
    assert.equal((await scanOf(store, 'a')).messages.length, 1);
    await changeNow(store, 'a', { expunge: going(ref) });
    if (keepsParents) {
      assert.equal(await store.removeMailbox('a'), false);
      assert.equal(await store.removeMailbox('a/b'), true);
    }
    for (let time = 0; time < 2; time++) assert.equal(await store.removeMailbox('a'), true);
    assert.equal(await store.scan('a', { known: null, assignUids: true }), null);
    const left = keepsParents ? ['INBOX'] : ['INBOX', 'a/b'];
    assert.deepEqual((await store.list()).mailboxes.map(({ name }) => name).sort(), left);
    assert.equal(await store.removeMailbox('INBOX'), false);
    assert.equal(await store.removeMailbox('a/b'), true);
    assert.deepEqual(
      (await store.list()).mailboxes.map(({ name }) => name),
      ['INBOX'],
    );
    const one = await spooled(store, 'Subject: b\n\nb\n', { uid: 3 });
    const change = { ...nothing, expected: 'absent' as const, uidValidity: 9, uidNext: 4, deliver: [one] };
    const outcome = await store.change('a/b', change);
    assert.deepEqual(outcomeOf(outcome), { outcome: 'done', troubles: [], unstorable: [] });
    const stamps = await store.stamps('a/b', [refOf(outcome, one)]);
    assert.deepEqual([outcome.stamps, stamps.size], [stamps, 1], 'and what its file is like');
  });

  test('replaces the text of a message in its place, by one that is what its guid says', async ({ store, user }) => {
    const flags = ['\\Seen', '\\Flagged'];
    const damaged = await user.deliver('INBOX', 'Subject: a\n\nxxxx', flags, 1_234_567_890);
    const copy = await user.deliver('INBOX', 'Subject: a\r\n\r\na\r\n');
    const before = await scanOf(store, 'INBOX');
    const text = 'Subject: a\n\na\n';
    const { guid } = await spooled(store, text);
    const other = guidOfCanonical(Buffer.from('other'));
    const replace = (ref: string, wanted: string, from: Delivery['text']) =>
      store.replaceText('INBOX', { ref, guid: wanted, text: from, file: null });
    if (!store.capabilities.rewritesInPlace) return assert.equal(await replace(damaged, guid, 'spool'), 'no-text');
    assert.equal(await replace(damaged, other, 'spool'), 'no-text');
    assert.equal(await replace(damaged, other, { mailbox: 'INBOX', ref: copy }), 'no-text');
    assert.equal(await replace('never-there', guid, 'spool'), 'gone');
    for (const from of ['spool', { mailbox: 'INBOX', ref: copy }, 'spool'] as const) {
      assert.equal(await replace(damaged, guid, from), 'done');
      const { digests } = await digestsOf(store, 'INBOX', [damaged]);
      assert.equal(digests.get(damaged)?.guid, guid);
      assert.equal(digests.get(damaged)?.receivedS, 1_234_567_890);
    }
    const after = await scanOf(store, 'INBOX');
    assert.deepEqual(new Set(after.messages), new Set(before.messages));
    assert.deepEqual(after.uids, before.uids);
  });

  test('sets a message apart: another name and the next UID, with its text and flags', async (under) => {
    const { store, user, givesUids } = under;
    const ref = await user.deliver('INBOX', 'Subject: a\n\na\n', ['\\Seen']);
    const other = await user.deliver('INBOX', 'Subject: b\n\nb\n');
    await scanOf(store, 'INBOX');
    const named = await store.nameApart('INBOX', ref);
    if (!store.capabilities.rewritesInPlace) return assert.equal(named, null);
    assert.ok(named !== null);
    const { as } = named;
    const apart = { ...named, ref, receivedS: 900_000_000 };
    const later = { ...named.file, mtimeNs: named.file.mtimeNs + 1_000_000n };
    assert.equal(await store.setApart('INBOX', { ...apart, file: later }), false, 'written to since');
    assert.equal(await store.setApart('INBOX', apart), true);
    assert.equal(await store.setApart('INBOX', apart), false, 'it is not there any more');
    assert.equal(await store.nameApart('INBOX', ref), null);
    const { messages } = await scanOf(store, 'INBOX');
    const fresh = messages.find((message) => message.ref !== other);
    assert.ok(fresh !== undefined && fresh.ref === as && as !== ref && messages.length === 2);
    assert.equal(fresh.uid, givesUids ? 3 : null);
    assert.deepEqual(fresh.flags, new Set(['\\Seen']));
    const { digests } = await digestsOf(store, 'INBOX', [fresh.ref]);
    assert.equal(digests.get(fresh.ref)?.guid, guidOfCanonical(Buffer.from('Subject: a\n\na\n')));
    assert.equal(digests.get(fresh.ref)?.receivedS, 900_000_000);
  });
}
