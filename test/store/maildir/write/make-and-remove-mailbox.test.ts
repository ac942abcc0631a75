import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { changeNow, openTested, outcomeOf, scanOf, spooled } from '../../store-under-test.js';
import { listText, storeContext, withMaildir } from '../open-maildir.js';

const guid = 'c923050abc09056bcb26000083ecc375';

describe('making and removing mailboxes of a Maildir', () => {
  it('makes a mailbox with a prepared list where Dovecot serves the store, without one where not', async () => {
    for (const uidLists of [true, false]) {
      await withMaildir({ uidLists }, async (store, user) => {
        const one = await spooled(store, 'Subject: a\n\n', { uid: 17, hint: 'a' });
        const { outcome } = await changeNow(store, 'A/Ü', { deliver: [one], uidValidity: 4711, uidNext: 30 });
        assert.equal(outcome, 'done');
        const directory = join(user.root, '.A.&ANw-');
        assert.equal(user.directory('A/Ü'), directory);
        assert.deepEqual(
          readdirSync(directory).sort(),
          ['cur', ...(uidLists ? ['dovecot-uidlist'] : []), 'maildirfolder', 'new', 'tmp'].sort(),
        );
        if (uidLists) assert.match(listText(user, 'A/Ü') ?? '', /^3 V4711 N30 G[0-9a-f]{32}\n17 :a\n$/);
      });
    }
  });

  it('finishes a mailbox whose making was interrupted', () =>
    withMaildir({}, async (store, user) => {
      // As its steps follow one another.
      const steps = ['', 'dovecot-uidlist', 'maildirfolder', 'tmp', 'new'];
      for (const [index, step] of steps.entries()) {
        const mailbox = `a${index}`;
        for (const [n, made] of steps.slice(0, index + 1).entries()) {
          const path = join(user.root, `.${mailbox}`, made);
          if (n === 1) writeFileSync(path, `3 V1 N1 G${guid}\n`);
          else if (n === 2) writeFileSync(path, '');
          else mkdirSync(path);
        }
        const { mailboxes, troubles } = await store.list();
        assert.ok(!mailboxes.some(({ name }) => name === mailbox), 'half a mailbox is none');
        assert.deepEqual(
          troubles.map(({ subject }) => subject),
          index < 3 ? [] : [mailbox],
          step,
        );
        const one = await spooled(store, 'Subject: a\n\n', { uid: 2, hint: 'a' });
        const change = {
          expected: 'absent' as const,
          uidValidity: 9,
          uidNext: 5,
          expunge: [],
          setFlags: [],
          renumber: [],
          deliver: [one],
        };
        assert.deepEqual(outcomeOf(await store.change(mailbox, change)), {
          outcome: 'done',
          troubles: [],
          unstorable: [],
        });
        assert.deepEqual((await scanOf(store, mailbox)).uids, { uidValidity: 9, uidNext: 5 });
      }
    }));

  it('finishes a mailbox whose removal was interrupted, and keeps mail that came in between', () =>
    withMaildir({}, async (store, user) => {
      const aside = 'tmp/mrepl.removed.1';
      const stages: Record<string, (at: (part: string) => string) => void> = {
        taken: (at) => {
          mkdirSync(at(aside));
          for (const part of ['cur', 'new']) renameSync(at(part), at(`${aside}/${part}`));
        },
        'half taken': (at) => {
          mkdirSync(at(aside));
          renameSync(at('new'), at(`${aside}/new`));
        },
        parts: (at) => {
          for (const part of ['cur', 'new', 'tmp']) rmSync(at(part), { recursive: true });
        },
        all: (at) => {
          for (const part of readdirSync(at(''))) rmSync(at(part), { recursive: true });
        },
      };
      for (const [stage, stop] of Object.entries(stages)) {
        user.create(stage);
        stop((part) => join(user.directory(stage), part));
        assert.equal(await store.removeMailbox(stage), true, stage);
        assert.ok(!existsSync(user.directory(stage)), stage);
      }
      user.create('busy');
      writeFileSync(join(user.directory('busy'), 'new', 'a'), 'Subject: a\n\n');
      stages.taken?.((part) => join(user.directory('busy'), part));
      assert.equal(await store.removeMailbox('busy'), false);
      assert.deepEqual(user.files('busy'), ['new/a']);
    }));

  it('says which mailbox cannot be named here, and does nothing', () =>
    withMaildir({}, async (store, user) => {
      const one = await spooled(store, 'Subject: a\n\n', { uid: 1 });
      const change = {
        expected: 'absent' as const,
        uidValidity: 9,
        uidNext: 2,
        expunge: [],
        setFlags: [],
        renumber: [],
        deliver: [one],
      };
      for (const name of ['a/../../b', 'a//b', 'a\u001b[2J', 'a\ufffdb']) {
        const { outcome, troubles } = await store.change(name, change);
        assert.equal(outcome, 'failed');
        assert.deepEqual(
          troubles.map(({ subject, failure }) => [subject, failure.code]),
          [[name, 'cannot-create']],
        );
        assert.equal(await store.scan(name, { known: null, assignUids: true }), null);
        assert.equal(store.textFile(name, 'x'), null);
      }
      assert.deepEqual((await store.list()).mailboxes.length, 1);
      assert.deepEqual(user.files('INBOX'), []);
    }));

  it('makes nothing that others may read, in a store that they may not', () =>
    withMaildir({}, async (_store, user) => {
      const store = await openTested(`maildir:${user.root}`, storeContext);
      const one = await spooled(store, 'Subject: a\n\n', { uid: 1, hint: 'a', flags: new Set(['work']) });
      await changeNow(store, 'made/here', { deliver: [one] });
      await store.subscribe('made/here', true);
      await store.close();
      const owner = statSync(user.root).uid;
      const made = user.directory('made/here');
      for (const path of [
        '.',
        'cur',
        'new',
        'tmp',
        'dovecot-uidlist',
        'dovecot-keywords',
        'cur/a:2,a',
        '../subscriptions',
      ]) {
        assert.equal(statSync(join(made, path)).uid, owner, path);
        assert.equal(statSync(join(made, path)).mode & 0o077, 0, path);
      }
    }));
});
