import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openNewStore, openStore } from '../../../../src/store/open-store.js';

const context = { home: '/nowhere', hostName: hostname(), now: Date.now };

async function listed(
  t: { after(clean: () => void): void },
  folders: readonly string[],
  settings: string,
): Promise<{ root: string; description: string; names: string[]; troubles: string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'mrepl-test-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const folder of folders)
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, part), { recursive: true });
  const { store } = await openNewStore(`maildir:${root}${settings}`, context);
  try {
    const { mailboxes, troubles } = await store.list();
    const names = mailboxes.map(({ name }) => name).sort();
    return {
      root,
      description: store.description,
      names,
      troubles: troubles.map(({ failure }) => `${failure.message} ${failure.hint}`),
    };
  } finally {
    await store.close();
  }
}

describe('where the root is no mailbox, the inbox', () => {
  for (const name of ['INBOX', 'Inbox', 'inbox']) {
    it(`is the directory ${name}, with what lies below it`, async (t) => {
      const found = await listed(t, [name, 'Sent', `${name}/Sub`], ':LAYOUT=fs');
      assert.deepEqual(found.names, ['INBOX', 'INBOX/Sub', 'Sent']);
      assert.deepEqual(found.troubles, []);
      assert.equal(found.description, `maildir:${found.root}:LAYOUT=fs:INBOX=${found.root}/${name}`);
      const { store: again } = await openStore(found.description, context);
      assert.equal(again.description, found.description);
      await again.close();
    });
  }

  it('is .INBOX of a Maildir++', async (t) => {
    const found = await listed(t, ['.INBOX', '.Sent'], '');
    assert.deepEqual(found.names, ['INBOX', 'Sent']);
  });

  it('is INBOX in capitals where there are two, and the other is named', async (t) => {
    const found = await listed(t, ['INBOX', 'Inbox'], ':LAYOUT=fs');
    assert.deepEqual(found.names, ['INBOX']);
    assert.match(found.description, /\/INBOX$/);
    assert.match(
      found.troubles.join(),
      /Inbox is left out: it is called like the inbox, .*\n {2}mrepl relocate maildir:\S+:INBOX=\S+\/Inbox/,
    );
  });
});

it('is the root where that is a mailbox, and a directory of that name is told how to be it', async (t) => {
  const found = await listed(t, ['', 'INBOX', 'Sent'], ':LAYOUT=fs');
  assert.deepEqual(found.names, ['INBOX', 'Sent']);
  assert.equal(found.description, `maildir:${found.root}:LAYOUT=fs`);
  assert.match(
    found.troubles.join(),
    /If it is the inbox:\n {2}mrepl relocate maildir:\S+:LAYOUT=fs:INBOX=\S+\/INBOX$/,
  );
});

it('names :UTF-8 for folders in plain UTF-8', async (t) => {
  for (const [settings, folders] of [
    ['', ['', '.Entwürfe', '.R&D', '.K&APY-ln']],
    [':LAYOUT=fs', ['', 'Entwürfe', 'R&D', 'K&APY-ln']],
  ] as const) {
    const found = await listed(t, folders, settings);
    assert.deepEqual(found.names, ['INBOX', 'Köln']);
    assert.equal(found.troubles.length, 2);
    for (const said of found.troubles) assert.match(said, /mrepl relocate maildir:\S+:UTF-8$/);
    assert.deepEqual((await listed(t, folders, `${settings}:UTF-8`)).troubles, []);
  }
});

it('takes words of a mail_location that do not matter here, and says what a variable is', async (t) => {
  const words = ':NO-NOSELECT:ITERINDEX:LISTINDEX=list:INDEXCACHE=/tmp:KEEP-NOSELECT';
  const found = await listed(t, [''], words);
  assert.equal(found.description, `maildir:${found.root}`);
  await assert.rejects(openNewStore('maildir:/srv/mail/%d/%n', context), /"%d" in it is a variable of Dovecot's/);
});
