import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { statusOfRun } from '../../src/cli/context/exit-status-of-run.js';
import { Failure } from '../../src/failure.js';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import type { Session } from '../../src/flow/session/account-session.js';
import { syncWith } from '../../src/flow/sync-with-directories.js';
import type { MailStore } from '../../src/store/interface/mail-store.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, options, type Party, sessionOf, sync } from '../scenes/party.js';

// What ends a run is met at every step of the store, and must be taken for trouble with a mailbox or a directory at none.

const causes: Readonly<Record<string, () => unknown>> = {
  'an interruption': () => new Failure('interrupted', 'stopped'),
  'a broken invariant': () => new Failure('internal', 'broken'),
  'an error nobody foresaw': () => new TypeError('x is not a function'),
  'a store that is gone': () => new Failure('store-absent', 'gone'),
};

type Step = 'scan' | 'digest' | 'change' | 'subscribe' | 'readText' | 'replaceText' | 'spool';
const steps: readonly Step[] = ['scan', 'digest', 'change', 'subscribe', 'readText', 'replaceText', 'spool'];

type Watched = { readonly session: Session; wasMet(): boolean };

/** The n-th time that the store is asked for `step`, the cause is thrown. */
function ending(party: Party, step: Step, cause: () => unknown): Watched {
  const session = sessionOf(party);
  let isMet = false;
  const throwing = async (): Promise<never> => {
    isMet = true;
    throw cause();
  };
  const digest: MailStore['digest'] = async function* () {
    yield await throwing();
  };
  const wasMet = (): boolean => isMet;
  if (step === 'spool') return { session: { ...session, spool: { ...session.spool, put: throwing } }, wasMet };
  const store = { ...session.store, [step]: step === 'digest' ? digest : throwing };
  return { session: { ...session, store }, wasMet };
}

/** Mail that waits on the stick and mail that is new here, with a text that was found damaged. */
async function makeScene(t: { after(clean: () => void): void }) {
  const directory = scratch(t);
  const { home, cabin, stick } = await makePair(t, directory);
  const other = join(directory, 'other');
  mkdirSync(other);
  for (const _copy of ['one', 'and another']) home.store.user.deliver('INBOX', 'Subject: one\n\nbody\n');
  home.store.user.deliver('Work', 'Subject: two\n\nbody\n');
  await sync(home, stick);
  await sync(cabin, stick);
  await home.store.subscribe('Work', true);
  home.store.user.deliver('INBOX', 'Subject: three\n\nbody\n');
  await sync(home, stick);
  cabin.store.user.deliver('Work', 'Subject: four\n\nbody\n');
  const [holding] = cabin.catalog.load('INBOX')?.holdings.values() ?? [];
  cabin.store.user.overwrite('INBOX', holding?.ref ?? '', '');
  cabin.catalog.putFlaw({ mailbox: 'INBOX', ref: holding?.ref ?? '', kind: 'damaged', found: null });
  return { home, cabin, stick, other };
}

for (const [name, cause] of Object.entries(causes)) {
  describe(name, () => {
    for (const step of name === 'an interruption' ? steps : (['digest', 'change'] as const)) {
      test(`in ${step} ends a sync, with nothing left in the next directory`, async (t) => {
        const { cabin, stick, other } = await makeScene(t);
        const { session, wasMet } = ending(cabin, step, cause);
        const outcome = await syncWith(session, [stick, other], options).catch(() => 'ended');
        assert.deepEqual([wasMet(), outcome, readdirSync(other)], [true, 'ended', []]);
      });
    }

    test('in digest ends doctor', async (t) => {
      const { cabin } = await makeScene(t);
      const { session } = ending(cabin, 'digest', cause);
      await assert.rejects(examineAccount(session, { deep: true, found: [] }));
    });
  });
}

test('a mailbox in which nothing can be changed is told, with status 3, and the others get what is theirs', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  home.store.user.deliver('Lists', 'Subject: five\n\n');
  await sync(home, stick);
  const session = sessionOf(cabin);
  const change: MailStore['change'] = async (mailbox, wanted) => {
    if (mailbox === 'INBOX') throw new Failure('io', 'EIO');
    return session.store.change(mailbox, wanted);
  };
  const reports = await syncWith({ ...session, store: { ...session.store, change } }, [stick], options);
  assert.deepEqual([statusOfRun(reports, false), cabin.store.user.messages('Lists').length], [3, 1]);
  assert.deepEqual([...new Set(reports.flatMap(troublesOf).map(({ subject }) => subject))], ['INBOX']);
});

test('a sync that could neither take in nor write anything ends with the status of what was in its way', async (t) => {
  const { cabin, stick } = await makeScene(t);
  await sync(cabin, stick);
  cabin.store.user.deliver('Work', 'Subject: six\n\n');
  rmSync(join(stick, 'mrepl'), { recursive: true });
  writeFileSync(join(stick, 'mrepl'), '');
  const reports = await syncWith(sessionOf(cabin), [stick], options);
  assert.equal(reports[0]?.failure?.code, 'cannot-create');
  assert.equal(statusOfRun(reports, false), 73);
});

test('a store that refuses one thing ends nothing', async (t) => {
  const { cabin, stick, other } = await makeScene(t);
  const { session } = ending(cabin, 'change', () => new Failure('io', 'EIO'));
  const reports = await syncWith(session, [stick, other], options);
  assert.equal(reports.length, 2);
});
