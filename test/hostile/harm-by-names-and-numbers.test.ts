import assert from 'node:assert/strict';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { uidNextMax } from '../../src/replica/replica-limits.js';
import { message, newsOf } from '../bundle/sample.js';
import { letter } from '../end-to-end/site.js';
import { viewMaildir } from '../maildir-view.js';
import { bundleOf } from './forge-bundle.js';
import { texts, textsSent, victimWith, withSaves } from './harm-done.js';
import { honestNews } from './victim.js';

// What a host gone bad may say of mailboxes, UIDs and sizes. In every case the mail that was there is there afterwards.

describe('names', () => {
  const hints = [
    '../../evil',
    '/etc/passwd',
    'a/b',
    '.hidden',
    '..',
    '.',
    '',
    'x:2,FS',
    'a b',
    'a\nb',
    'a\u0000b',
    '\ud800',
    '\u202e',
    'ä',
    'x,S=1',
    'x,S=99999,W=99999',
    'x,U=7',
    'dovecot-uidlist',
    'mrepl.x',
    'x'.repeat(1024),
    'CON',
    '-rf',
    '$(id)',
  ];

  for (const uidList of [true, false]) {
    test(`hints lead nowhere, ${uidList ? 'with' : 'without'} a UID list`, async (t) => {
      const victim = await victimWith(t, 1, { uidList });
      const many = hints.map((_, index) => message(100 + index));
      const news = withSaves(honestNews(victim, many), (save, index) => ({ ...save, hint: hints[index] ?? '' }));
      const report = await victim.take(await bundleOf([news], { texts: many }));
      assert.deepEqual(
        report.mailboxes.flatMap(({ troubles }) => troubles),
        [],
      );
      const { INBOX: inbox } = viewMaildir(victim.site.maildir);
      assert.equal(inbox?.messages.length, 1 + hints.length);
      for (const { base } of inbox.messages) {
        assert.match(base, /^[!-.0-9;-~]{1,200}$/);
        assert.doesNotMatch(base, /^\.|,U=|S=1$|99999/);
      }
      const folders = readdirSync(victim.site.maildir).filter((name) => !name.startsWith('dovecot'));
      assert.deepEqual(folders.sort(), ['cur', 'new', 'tmp']);
      assert.deepEqual(readdirSync(join(victim.site.maildir, 'tmp')), []);
    });
  }

  test('a mailbox that the store cannot call by its name has one of its own', async (t) => {
    for (const name of ['a.b', '~root', 'x'.repeat(300), '..cur', '\\2e\\2e']) {
      const victim = await victimWith(t, 1);
      const report = await victim.take(await bundleOf([newsOf(name, texts)], { texts }));
      assert.deepEqual(
        report.mailboxes.flatMap(({ troubles }) => troubles),
        [],
      );
      const folders = readdirSync(victim.site.maildir).filter((folder) => folder.startsWith('.'));
      assert.equal(folders.length, 1);
      assert.match(folders[0] ?? '', /^\.[^.]+$/);
      assert.equal(victim.site.count('number'), 1);
    }
  });

  test('a mailbox named like a file of the mail server does not take its place', async (t) => {
    for (const name of ['subscriptions', 'dovecot-uidlist', 'INBOX/dovecot.index']) {
      const victim = await victimWith(t, 1, { spec: (site) => `${site.store}:LAYOUT=fs` });
      await victim.take(await bundleOf([newsOf(name, texts)], { texts }));
      assert.ok(!existsSync(join(victim.site.maildir, name, 'cur')));
      assert.equal(victim.site.count('number'), 1);
    }
  });

  test('a mailbox whose directory is that of another has one of its own', async (t) => {
    // As on file systems where case does not count: two names, one directory.
    const victim = await victimWith(t, 1, {
      fill(site) {
        site.put(letter('kept'), { mailbox: 'Archive' });
        symlinkSync(site.folder('Archive'), site.folder('archive'));
      },
    });
    await victim.take(await bundleOf([newsOf('archive', texts)], { texts }));
    await victim.take([]);
    assert.equal(victim.site.count('kept', 'Archive'), 1);
    assert.equal(readdirSync(join(victim.site.folder('Archive'), 'cur')).length, 1);
    const own = readdirSync(victim.site.maildir).filter((name) => /^\.archive&,,0-_/.test(name));
    assert.equal(own.length, 1);
    const within = ['cur', 'new'].flatMap((part) => readdirSync(join(victim.site.maildir, own[0] ?? '', part)));
    assert.equal(within.length, texts.length);
  });
});

describe('numbers', () => {
  test('a UIDNEXT as high as it may be leads to another UIDVALIDITY, under which all mail is', async (t) => {
    const victim = await victimWith(t, 3);
    const before = viewMaildir(victim.site.maildir).INBOX;
    await victim.take(await bundleOf([{ ...honestNews(victim, texts), uidNext: uidNextMax }], { texts }));
    const { INBOX: after } = viewMaildir(victim.site.maildir);
    assert.equal(after?.messages.length, 5);
    assert.notEqual(after.uidValidity, before?.uidValidity);
    assert.deepEqual(
      after.messages.map(({ uid }) => uid),
      [1, 2, 3, 4, 5],
    );
    victim.site.deliver(letter('number 6.'));
    await victim.take([]);
    assert.equal(viewMaildir(victim.site.maildir).INBOX?.messages.at(-1)?.uid, 6);
  });

  test('a size that is not that of the text is not believed where the text is here', async (t) => {
    const held = letter('held');
    const victim = await victimWith(t, 1, { fill: (site) => site.put(held) });
    const lie = { sizeBytes: 7, hint: 'x,S=7', guid: guidOfCanonical(Buffer.from(held)) };
    const news = withSaves(newsOf('Copies', [message(1)]), (save) => ({ ...save, ...lie }));
    const also = withSaves(newsOf('Others', texts), (save, index) => (index === 0 ? { ...save, sizeBytes: 9 } : save));
    await victim.take(await bundleOf([news, also, newsOf('Sent', texts)], { texts }));
    for (const mailbox of ['INBOX', 'Copies', 'Others', 'Sent']) {
      for (const { sizeBytes } of victim.session.catalog.load(mailbox)?.state.instances.values() ?? []) {
        assert.ok(sizeBytes > 9, `${mailbox}: ${sizeBytes}`);
      }
      for (const file of victim.site.files('', mailbox)) assert.doesNotMatch(file, /S=[79]\b/);
    }
    assert.equal(victim.site.count('held', 'Copies'), 1);
    // The same message, said to be born there, takes the place of the one that is here.
    const twin = withSaves(newsOf('INBOX', [message(1)]), (save) => ({ ...save, ...lie }));
    await victim.take(await bundleOf([twin], { number: 43 }));
    const inbox = [...(victim.session.catalog.load('INBOX')?.state.instances.values() ?? [])];
    assert.deepEqual(
      inbox.map(({ sizeBytes }) => sizeBytes > 9),
      [true, true],
    );
    assert.equal(await textsSent(victim), 4);
  });
});
