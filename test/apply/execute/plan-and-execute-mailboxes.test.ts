import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '../../../src/apply/execute/plan-and-execute-mailboxes.js';
import { unsettledMailboxes } from '../../../src/catalog/facts/mailboxes-with-unfinished-changes.js';
import { Failure } from '../../../src/failure.js';
import { inbox, type MailboxName } from '../../../src/mail/mailbox-name.js';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { indexTexts } from '../../../src/mail/text/text-guid-and-second-digest.js';
import { join } from '../../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../../src/merge/send/news-since.js';
import type { Instance } from '../../../src/replica/mailbox-state.js';
import { type Holding, unknownMailbox } from '../../../src/replica/mailbox-state-and-stored-files.js';
import { emptyClock } from '../../../src/replica/version-vector.js';
import type { MailStore } from '../../../src/store/interface/mail-store.js';
import { createRemoteMemoryStore, unsteadyConnection } from '../../../src/store/memory/remote-memory-store.js';
import { cabin, home } from '../../catalog/sample.js';
import { type Fault, faultyStore } from '../../scenes/faulty-store.js';
import { type Lab, type LabOptions, makeLab } from '../../scenes/lab.js';

// Plans are carried out mailbox by mailbox: what goes wrong with one is told and left for the next run, and what concerns the run ends it.

const mailboxes: readonly MailboxName[] = ['Lists', 'Old', 'Work'];

type Scene = Lab & {
  /** Makes the store hold what the catalog knows. Answers the mailboxes with trouble. */
  settle(): Promise<MailboxName[]>;
  /** What its user sees in each mailbox. */
  shown(): string[][];
};

/** A host that knows of a letter in each mailbox, whose texts lie in the spool, and has delivered none of them. */
async function makeScene(t: { after(clean: () => void): void }, options: LabOptions = {}): Promise<Scene> {
  const sender = await makeLab(t, { hostId: home });
  const lab = await makeLab(t, { ...options, hostId: cabin });
  const { bench, store } = lab;
  for (const mailbox of mailboxes) {
    const text = `Subject: to ${mailbox}\n\n`;
    sender.store.user.deliver(mailbox, text);
    await sender.look(mailbox);
    await store.spool.put(guidOfCanonical(Buffer.from(text)), Buffer.from(text));
    const news = diff(sender.bench.copy.get(mailbox).state, emptyClock, home);
    bench.copy.put(join(unknownMailbox(mailbox), [news], cabin).known);
  }
  return {
    ...lab,
    async settle() {
      const settled = await settle(bench, mailboxes, indexTexts(await store.spool.texts()));
      return [...settled].flatMap(([mailbox, { troubles }]) => (troubles.length > 0 ? [mailbox] : []));
    },
    shown: () =>
      mailboxes.map((mailbox) =>
        store.user.messages(mailbox).map(({ text }) => Buffer.from(text).toString().slice('Subject: '.length).trim()),
      ),
  };
}

const everything = [['to Lists'], ['to Old'], ['to Work']];

/** A store with which this goes wrong once, at that mailbox. */
function failingOnce(fault: Fault, at: MailboxName): (store: MailStore) => MailStore {
  let isOver = false;
  return (store) =>
    faultyStore(store, (step, mailbox) => {
      if (isOver || step !== 'change' || mailbox !== at) return 'none';
      isOver = true;
      return fault;
    });
}

/** A store that throws this once, at the second mailbox. */
function throwingOnce(cause: unknown): (store: MailStore) => MailStore {
  let isOver = false;
  return (store) => ({
    ...store,
    async change(mailbox, wanted) {
      if (isOver || mailbox !== 'Old') return store.change(mailbox, wanted);
      isOver = true;
      throw cause;
    },
  });
}

describe('trouble with one mailbox', () => {
  for (const fault of ['refused', 'half'] as const) {
    test(`does not stop the others, is told, and is made good by the next run: ${fault}`, async (t) => {
      const scene = await makeScene(t, { through: failingOnce(fault, 'Old') });
      assert.deepEqual(await scene.settle(), ['Old']);
      assert.deepEqual(scene.shown(), [['to Lists'], [], ['to Work']]);
      assert.deepEqual(unsettledMailboxes(scene.bench.catalog), ['Old']);
      assert.deepEqual(await scene.settle(), []);
      assert.deepEqual([scene.shown(), unsettledMailboxes(scene.bench.catalog)], [everything, []]);
    });
  }

  test('is that a store says so by throwing, too', async (t) => {
    const scene = await makeScene(t, { through: throwingOnce(new Failure('io', 'EIO')) });
    assert.deepEqual(await scene.settle(), ['Old']);
    assert.deepEqual(scene.shown(), [['to Lists'], [], ['to Work']]);
  });

  test('is that it cannot be looked at after it was changed: its mail is not delivered a second time', async (t) => {
    let isFailing = true;
    const scene = await makeScene(t, {
      through: (store) =>
        faultyStore(store, (step, mailbox) =>
          isFailing && step === 'other' && mailbox === 'Old' ? 'refused' : 'none',
        ),
    });
    assert.deepEqual(await scene.settle(), ['Old']);
    assert.deepEqual(scene.shown(), everything);
    isFailing = false;
    assert.deepEqual(await scene.settle(), []);
    assert.deepEqual(scene.shown(), everything);
  });
});

describe('what concerns the run ends it', () => {
  for (const [name, cause] of [
    ['a broken invariant', new Failure('internal', 'internal error: broken')],
    ['an error that nobody foresaw', new TypeError('x is not a function')],
    ['a store that is gone', new Failure('store-absent', 'gone')],
  ] as const) {
    test(`${name} is never taken for trouble with one mailbox`, async (t) => {
      const scene = await makeScene(t, { through: throwingOnce(cause) });
      await assert.rejects(scene.settle(), cause);
      assert.deepEqual(scene.shown(), [['to Lists'], [], []]);
      assert.deepEqual(unsettledMailboxes(scene.bench.catalog), mailboxes);
    });
  }

  test('an interruption is heeded between two mailboxes', async (t) => {
    let interrupt = (): void => undefined;
    const scene = await makeScene(t, {
      through: (store) =>
        faultyStore(store, (step, mailbox) => {
          if (step === 'change' && mailbox === 'Old') interrupt();
          return 'none';
        }),
    });
    interrupt = scene.interrupt;
    await assert.rejects(scene.settle(), /stopped here/);
    assert.deepEqual(scene.shown(), [['to Lists'], ['to Old'], []]);
    assert.deepEqual(unsettledMailboxes(scene.bench.catalog), mailboxes);
  });
});

test('a store beyond a connection has every message once in the end, at whatever turn it is lost', async (t) => {
  for (let turn = 1, isLost = true; isLost; turn++) {
    const connection = unsteadyConnection((now) => now === turn);
    const scene = await makeScene(t, { store: createRemoteMemoryStore({ connection }) });
    const failed = await scene.settle();
    isLost = failed.length > 0; // else the run was over before that turn
    assert.ok(failed.length <= 1 && (isLost || turn > mailboxes.length), `at turn ${turn}: ${failed.join(', ')}`);
    assert.deepEqual(unsettledMailboxes(scene.bench.catalog), failed);
    assert.deepEqual(await scene.settle(), []);
    assert.deepEqual(scene.shown(), everything, `at turn ${turn}`);
  }
});

describe('what its user writes anew between the look and the change', () => {
  const text = `Subject: a\nFrom: alice\n\n${'A line of many.\n'.repeat(40)}`;

  for (const [what, uidInStore, uidInState] of [
    ['that was to get another UID', 1, 5],
    ['that a run which died had delivered, and given no UID', 0, 1],
  ] as const) {
    test(`gets the next UID, and not the one of the message ${what}`, async (t) => {
      const { bench, store, look } = await makeLab(t);
      const ref = store.user.deliver(inbox, text);
      await look();
      const { state, holdings, ...known } = bench.copy.get(inbox);
      const [[birth, instance]] = [...state.instances] as [[string, Instance]];
      const uid = { ...instance.uid, uid: uidInState };
      const instances = new Map(state.instances).set(birth, { ...instance, uid });
      const held = { ...(holdings.get(ref) as Holding), uid: uidInStore };
      bench.copy.put({ ...known, state: { ...state, instances, uidNext: 6 }, holdings: new Map([[ref, held]]) });
      store.user.overwrite(inbox, ref, `${text}More.\n`, 1_100_000_000);
      const settled = await settle(bench, [inbox], indexTexts([]));
      assert.deepEqual(settled.get(inbox)?.troubles, []);
      const [after, ...more] = [...bench.copy.get(inbox).state.instances.values()];
      assert.deepEqual([after?.uid.uid, more], [2, []]);
      assert.deepEqual(after?.movedFrom?.birth, instance.birth);
    });
  }
});
