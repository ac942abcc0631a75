import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { flagOf } from '../../src/mail/flags.js';
import { startDovecot } from '../dovecot/dovecot.js';
import type { MailboxView } from '../dovecot/mail-client.js';
import { makeHost } from '../host.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, scratch } from './site.js';

// What a real Dovecot makes of a Maildir that somebody changed beside it, and of what mrepl makes of it then.

const mailboxes = [
  'list-seen-first',
  'list-given-back',
  'names-seen-first',
  'names-given-back',
  'files',
  'records',
] as const;

test('a Maildir changed by hand beside a running Dovecot, before Dovecot looks and after', async (t) => {
  const server = await startDovecot();
  t.after(() => server.stop());
  const directory = scratch(t);
  const account = server.account('alice');
  const home = makeHost({ name: 'home', home: join(directory, 'home'), store: account.store });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const client = await account.client();
  for (const mailbox of mailboxes) {
    await client.create(mailbox);
    for (const number of [1, 2, 3]) {
      const flags = number === 1 ? ['Work', '\\Seen'] : ['\\Seen'];
      await client.append(mailbox, letter(`number ${number} in ${mailbox}`).replaceAll('\n', '\r\n'), { flags });
    }
    await client.subscribe(mailbox, true);
  }
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await home.mrepl('pair', stick, '--yes');
  await cabin.mrepl('pair', stick, '--yes');
  await home.mrepl('pair', stick, '--yes');
  const sync = async (): Promise<void> => {
    for (const host of [home, cabin, home]) await host.mrepl('sync', stick);
  };
  await sync();
  const before = await client.lookAtAll();
  await client.close();
  server.troubles();

  const folder = (mailbox: string): string => join(account.maildir, `.${mailbox}`);
  for (const mailbox of ['list-seen-first', 'list-given-back']) {
    const list = join(folder(mailbox), 'dovecot-uidlist');
    writeFileSync(list, readFileSync(list, 'latin1').replace(/^2 /m, '9 '));
  }
  for (const mailbox of ['names-seen-first', 'names-given-back']) rmSync(join(folder(mailbox), 'dovecot-keywords'));
  const cur = join(folder('files'), 'cur');
  const [first = '', second = ''] = readdirSync(cur).sort();
  renameSync(join(cur, first), join(cur, `renamed${first.slice(first.indexOf(':'))}`));
  copyFileSync(join(cur, second), join(cur, 'copied:2,F'));
  const list = join(folder('records'), 'dovecot-uidlist');
  writeFileSync(list, readFileSync(list, 'latin1').replace(/^2 .*\n/m, ''));
  rmSync(join(account.maildir, 'subscriptions'));

  // Dovecot looks at half of it first; a flag is set there.
  const early = await account.client();
  for (const mailbox of ['list-seen-first', 'names-seen-first']) {
    await early.look(mailbox).catch(() => undefined); // what Dovecot tells of its finds stands among the answers
    await early.flag(mailbox, [(await early.look(mailbox)).messages[1]?.uid ?? 0], { add: ['\\Flagged'] });
  }
  await early.close();
  await sync();
  await sync();

  const late = await account.client();
  for (const mailbox of mailboxes) await late.look(mailbox).catch(() => undefined); // Dovecot 2.4 refuses the FETCH in which it finds out
  const after = await late.lookAtAll();
  const replica = await viewReplica(cabin);
  for (const mailbox of mailboxes) {
    const view = after[mailbox];
    assert.ok(view !== undefined, mailbox);
    assert.deepEqual(
      uidsAndFlags(view),
      replica[mailbox]?.messages.map(({ uid, flags }) => `${uid} ${flags.join(' ')}`),
    );
    assert.equal(view.uidValidity, replica[mailbox]?.uidValidity, mailbox);
    assert.equal(cabin.count(`in ${mailbox}`, mailbox), view.messages.length, mailbox);
  }
  const count = (mailbox: string, needle: string): number =>
    after[mailbox]?.messages.filter(({ text, flags }) => text.includes(needle) || flags.includes(needle)).length ?? 0;
  for (const mailbox of mailboxes) assert.equal(count(mailbox, 'Work'), 1, `keywords of ${mailbox}`);
  for (const mailbox of ['list-seen-first', 'names-seen-first']) assert.equal(count(mailbox, '\\Flagged'), 1, mailbox);
  assert.equal(after['list-given-back']?.uidValidity, before['list-given-back']?.uidValidity);
  assert.deepEqual(after['list-given-back']?.messages, before['list-given-back']?.messages);
  assert.equal(after.files?.messages.length, 4);
  assert.deepEqual(await account.subscriptions(), [...mailboxes].sort());
  const troubles = server
    .troubles()
    .filter((line) => !/UIDVALIDITY changed|Broken or unexpectedly changed|list-seen-first/.test(line));
  assert.deepEqual(troubles, []);
});

function uidsAndFlags({ messages }: MailboxView): string[] {
  return messages.map(
    ({ uid, flags }) =>
      `${uid} ${flags
        .filter((flag) => flag !== '\\Recent')
        .map(flagOf)
        .sort()
        .join(' ')}`,
  );
}
