import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, type Look } from '../../../src/apply/examine/examine-mailbox.js';
import { Failure } from '../../../src/failure.js';
import { inbox } from '../../../src/mail/mailbox-name.js';
import type { MailStore } from '../../../src/store/interface/mail-store.js';
import { createRemoteMemoryStore, unsteadyConnection } from '../../../src/store/memory/remote-memory-store.js';
import { type Lab, type LabOptions, makeLab } from '../../scenes/lab.js';

async function lookAt({ bench, store }: Lab): Promise<Look> {
  const scan = await store.scan(inbox, { known: null, assignUids: true });
  assert.ok(scan !== 'unchanged' && scan !== null);
  return compare(bench, bench.copy.get(inbox), scan, { subscribed: false });
}

/** How many messages were seen to have come, and of how many texts. */
function bornIn({ observation, bodies }: Look): number[] {
  return [observation.changes.born, bodies.size];
}

/** An inbox with three messages; when the second of them is read, this is done, which may answer a failure. */
async function makeScene(
  t: { after(clean: () => void): void },
  second: (lab: Lab) => Failure | null,
  options: LabOptions = {},
): Promise<Lab> {
  const through = (store: MailStore): MailStore => ({
    ...store,
    async *digest(mailbox, refs) {
      for (const [index, ref] of refs.entries()) {
        const failure = index === 1 ? second(lab) : null;
        if (failure === null) yield* store.digest(mailbox, [ref]);
        else yield { subject: ref, failure };
      }
    },
  });
  const lab: Lab = await makeLab(t, { ...options, through });
  for (const subject of ['one', 'two', 'three']) lab.store.user.deliver(inbox, `Subject: ${subject}\n\n`);
  return lab;
}

test('a message that cannot be read is told, and the others are seen', async (t) => {
  const look = await lookAt(await makeScene(t, () => new Failure('store-damaged', 'EACCES')));
  assert.deepEqual(bornIn(look), [2, 2]);
  assert.deepEqual(
    look.troubles.map(({ failure }) => failure.message),
    ['EACCES'],
  );
});

test('an interruption is heeded between two messages, and nothing is known of the mailbox', async (t) => {
  const lab = await makeScene(t, ({ interrupt }) => {
    interrupt();
    return null;
  });
  await assert.rejects(lookAt(lab), /stopped here/);
  assert.equal(lab.bench.catalog.load(inbox), null);
});

test('a broken invariant is thrown on', async (t) => {
  const broken = new Failure('internal', 'internal error: broken');
  const lab = await makeScene(t, () => {
    throw broken;
  });
  await assert.rejects(lookAt(lab), broken);
});

test('where the connection is lost while messages are read, the next look sees all of them once', async (t) => {
  let isLost = false;
  const connection = unsteadyConnection(() => isLost);
  const lab = await makeScene(t, () => null, { store: createRemoteMemoryStore({ connection }) });
  const scan = await lab.store.scan(inbox, { known: null, assignUids: true });
  assert.ok(scan !== 'unchanged' && scan !== null);
  isLost = true;
  await assert.rejects(compare(lab.bench, lab.bench.copy.get(inbox), scan, { subscribed: false }), /was lost/);
  isLost = false;
  assert.deepEqual(bornIn(await lookAt(lab)), [3, 3]);
});
