import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import type { Session } from '../../src/flow/session/account-session.js';
import type { MailStore } from '../../src/store/interface/mail-store.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, type Party, sessionOf, sync } from '../scenes/party.js';

// Mail programs go on while `doctor --deep` reads.

const original = 'Subject: one\n\nThe body.\n';
const altered = 'Status: RO\nSubject: one\n\nThe body.\n';

type Scene = { readonly home: Party; readonly ref: string };

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const { home, stick } = await makePair(t, scratch(t));
  const ref = home.store.user.deliver('INBOX', original);
  home.store.user.deliver('INBOX', 'Subject: two\n\nAnother body.\n');
  home.store.user.deliver('Work', 'Subject: three\n\nA third one.\n');
  await sync(home, stick);
  home.store.user.overwrite('INBOX', ref, altered);
  return { home, ref };
}

function examine(home: Party, store: (store: MailStore) => Partial<MailStore>) {
  const session: Session = sessionOf(home);
  return examineAccount(
    { ...session, store: { ...session.store, ...store(session.store) } },
    { deep: true, found: [] },
  );
}

test('a message that goes between two looks at it is nothing to speak of, and the others are read', async (t) => {
  const { home, ref } = await makeScene(t);
  const report = await examine(home, ({ readText }) => ({
    readText(mailbox, wanted) {
      home.store.user.expunge('INBOX', ref);
      return readText(mailbox, wanted);
    },
  }));
  assert.deepEqual([report.texts, report.findings], [2, []]);
});

test('a message that cannot be read the second time is named, and the others are read', async (t) => {
  const { home, ref } = await makeScene(t);
  const report = await examine(home, () => ({
    readText: () => Promise.reject(new Failure('store-damaged', 'may not be read')),
  }));
  assert.deepEqual(
    [report.texts, report.findings.map(({ code, where }) => `${code} ${where}`)],
    [2, [`unread INBOX/${ref}`]],
  );
});

test('a mailbox that cannot be read at all is named, and the others are read', async (t) => {
  const { home } = await makeScene(t);
  const report = await examine(home, ({ digest }) => ({
    async *digest(mailbox, refs) {
      if (mailbox === 'INBOX') throw new Failure('io', 'reading INBOX: ENOENT');
      yield* digest(mailbox, refs);
    },
  }));
  assert.deepEqual([report.texts, report.findings.map(({ where }) => where)], [1, ['INBOX']]);
});

test('a store that cannot be looked into beside the mail is named, and the mail is read', async (t) => {
  const { home } = await makeScene(t);
  const report = await examine(home, () => ({ inspect: () => Promise.reject(new Failure('io', 'EACCES')) }));
  assert.equal(report.texts, 3);
  assert.ok(report.findings.some(({ code, what }) => code === 'store' && what.includes('EACCES')));
});
