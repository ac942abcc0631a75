import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Host, makeHost } from '../host.js';
import { letter, scratch } from './site.js';

type Clean = { after(clean: () => void): void };

function folder(path: string): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
}

function hostIn(t: Clean, programs: Readonly<Record<string, string>> = {}): Host {
  const directory = scratch(t);
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${process.env.PATH}`, ...(programs.doveadm === undefined ? { MREPL_DOVEADM: '' } : {}) };
  return makeHost({ name: 'home', home: join(directory, 'home'), store: 'maildir:~/Maildir', env });
}

/**
 * As `doveadm mailbox path` of Dovecot 2.4.1 (Debian 13: 2.4.1-4) answered with mail_driver = maildir, whose separator is a dot: a slash is a letter there,
 * and without -u and --no-userdb-lookup it refuses. `doveconf -h` prints nothing, with status 0, for names that it does not know.
 */
function dovecot24For(root: string, inbox: string): { doveadm: string; doveconf: string } {
  const doveadm = `
[ "$1 $2" = "mailbox path" ] || exit 0
[ "$3" = -u ] || [ "$3" = --no-userdb-lookup ] || { echo "Fatal: One of -u, -F, -A or --no-userdb-lookup must be provided" >&2; exit 64; }
while [ $# -gt 1 ]; do shift; done
case "$1" in
  INBOX) echo "${inbox}";;
  *) echo "${root}/.$(echo "$1" | sed 's/Ä/\\&AMQ-/')";;
esac`;
  return { doveadm, doveconf: 'case "$2" in mail_driver) echo maildir;; mail_path) echo "~/Maildir";; esac' };
}

/** As Dovecot answers for a Maildir++ in `root` whose inbox is `inbox`: only of names with a dot between their parts. */
function doveadmFor(root: string, inbox: string): string {
  return `
[ "$1" = mailbox ] || exit 0
while [ $# -gt 1 ]; do shift; done
case "$1" in
  INBOX) echo "${inbox}";;
  */*) exit 65;;
  *) echo "${root}/.&AMQ-rger.Sub";;
esac`;
}

describe('init without a store', () => {
  test('takes what lies in a usual place, as it is laid out', async (t) => {
    const cases: readonly (readonly [spec: string, make: readonly string[]])[] = [
      ['Maildir', ['Maildir', 'Maildir/.Sent']],
      ['Mail:LAYOUT=fs:INBOX=~/Mail/INBOX', ['Mail/INBOX', 'Mail/Sent', 'Mail/lists/work']],
      ['.maildir:UTF-8', ['.maildir', '.maildir/.Entwürfe']],
      ['mail:LAYOUT=fs', ['mail/lists/work']],
      ['Maildir', ['mail', 'Mail', 'Maildir']],
    ];
    for (const [spec, make] of cases) {
      const host = hostIn(t);
      for (const path of make) folder(join(host.home, path));
      const asked = await host.run('init', '--name', 'home');
      const right = `maildir:${host.home}/${spec.replaceAll('~', host.home)}`;
      assert.equal(asked.status, 64);
      assert.ok(asked.err.includes(`found was ${right}: mail lies in`), asked.err);
      assert.ok(asked.err.includes(`mrepl init ${right}`), asked.err);
      assert.equal(existsSync(host.data), false);
      const out = await host.mrepl('init', '--yes');
      assert.ok(out.includes(`store    ${right}:`), out);
      assert.match(out, /mail lies in \S+, laid out as/);
    }
  });

  test('says where it looked', async (t) => {
    const host = hostIn(t);
    mkdirSync(join(host.home, 'Maildir'));
    writeFileSync(join(host.home, 'mail'), 'From a\n');
    const { status, err } = await host.run('init', '--yes');
    assert.equal(status, 64);
    assert.match(
      err,
      /none was found: no mail lies in \S+Maildir, \S+Mail, \S+\.maildir, \S+mail\nhint: [^\n]*\n {2}mrepl init maildir:~\/Maildir\n/,
    );
  });

  test('asks Dovecot first', async (t) => {
    const scene = scratch(t);
    const [root, inbox] = [join(scene, 'Maildir'), join(scene, 'var-mail-alice')];
    folder(inbox);
    folder(join(root, '.Sent'));
    const host = hostIn(t, {
      doveadm: doveadmFor(root, inbox),
      doveconf: '[ "$2" = mail_location ] && echo maildir:x',
    });
    folder(join(host.home, 'Maildir'));
    const lines = await host.json('init', '--yes');
    const report = lines.find(({ kind }) => kind === 'init');
    assert.equal(report?.store, `maildir:${root}:INBOX=${inbox}`);
    assert.deepEqual(report?.foundBy, ['Dovecot has the mail of alice there (doveadm mailbox path)']);
  });

  test('asks Dovecot 2.4 for the name that its separator divides', async (t) => {
    const root = join(scratch(t), 'Maildir');
    folder(join(root, '.INBOX')); // where it is with an empty mail_inbox_path
    const host = hostIn(t, dovecot24For(root, join(root, '.INBOX')));
    const report = (await host.json('init', '--yes')).find(({ kind }) => kind === 'init');
    assert.equal(report?.store, `maildir:${root}:INBOX=${root}/.INBOX`);
    const plain = hostIn(t, dovecot24For(`${root}2`, `${root}2`));
    folder(`${root}2`);
    assert.equal((await plain.json('init', '--yes')).find(({ kind }) => kind === 'init')?.store, `maildir:${root}2`);
  });

  test('names the inbox that Dovecot has elsewhere and that is none, and what to do, instead of another place', async (t) => {
    const scene = scratch(t);
    const [root, inbox] = [join(scene, 'Maildir'), join(scene, 'var-mail-alice')];
    folder(root);
    const host = hostIn(t, dovecot24For(root, inbox));
    folder(join(host.home, 'Maildir'));
    const absent = await host.run('init', '--yes');
    assert.equal(absent.status, 64);
    assert.ok(
      absent.err.includes(`Dovecot has the mail of alice in ${root}, and the inbox in ${inbox}, which is not there`),
    );
    assert.match(absent.err, /^hint: Set mail_inbox_path [\s\S]*doveadm mailbox status -u alice messages INBOX/m);
    writeFileSync(inbox, 'From a@example.org Mon Nov 30 10:00:00 2026\n');
    assert.match((await host.run('init', '--yes')).err, /which is no Maildir, and which Dovecot cannot open as one/);
    rmSync(inbox);
    folder(inbox);
    assert.ok((await host.mrepl('init', '--yes')).includes(`maildir:${root}:INBOX=${inbox}:`));
  });

  test('names where Dovecot would have mail that is not there yet, and makes an empty Maildir of it', async (t) => {
    const root = join(scratch(t), 'Maildir');
    const host = hostIn(t, dovecot24For(root, root));
    const { status, err } = await host.run('init');
    assert.equal(status, 66);
    assert.ok(err.includes(`mkdir -p ${root}/cur ${root}/new ${root}/tmp`), err);
    mkdirSync(root);
    writeFileSync(join(root, 'dovecot.list.index.log'), '');
    const report = (await host.json('init', '--yes')).find(({ kind }) => kind === 'init');
    assert.equal(report?.store, `maildir:${root}`);
    assert.deepEqual(report?.foundBy, ['Dovecot has the mail of alice there (doveadm mailbox path)']);
    assert.deepEqual(readdirSync(root).sort(), ['cur', 'dovecot.list.index.log', 'new', 'tmp']);
  });

  test('has the Dovecot that serves a store it made look at it before any message comes, and no other', async (t) => {
    for (const [served, looked] of [
      ['Maildir', ['cur', 'dovecot-uidlist', 'new', 'tmp']],
      ['elsewhere', ['cur', 'new', 'tmp']],
    ] as const) {
      const home = scratch(t);
      const root = join(home, 'Maildir');
      const { doveadm, doveconf } = dovecot24For(join(home, served), join(home, served));
      const looks = `case "$1 $2 $*" in "mailbox status "*INBOX) echo '3 V1 N1' > ${root}/dovecot-uidlist; exit;; esac`;
      const host = hostIn(t, { doveadm: looks + doveadm, doveconf });
      await host.mrepl('init', `maildir:${root}`, '--yes');
      assert.deepEqual(readdirSync(root).sort(), looked, served);
    }
  });

  test('takes no mbox for a Maildir, and no Dovecot for the user’s that has no mail', async (t) => {
    const gone = '/nonexistent/Maildir';
    for (const [doveconf, said] of [
      ['[ "$2" = mail_location ] && echo mbox:~/mail', /form "mbox", which is not read here/],
      [
        '[ "$2" = mail_location ] && echo maildir:~/Maildir',
        /Dovecot would have the mail of alice in \/nonexistent\/Maildir, which is not there/,
      ],
    ] as const) {
      const host = hostIn(t, { doveadm: doveadmFor(gone, gone), doveconf });
      folder(join(host.home, 'Maildir'));
      const { err } = await host.run('init');
      assert.match(err, said);
      assert.match(err, /found was maildir:\S+Maildir: /);
    }
  });
});

describe('init refuses', () => {
  test('a store whose UID lists or keyword names are elsewhere, unless that is said', async (t) => {
    for (const [file, where] of [
      ['dovecot.index.log', 'index in'],
      ['', 'have keywords, and no file'],
    ] as const) {
      const host = hostIn(t);
      const root = join(host.home, 'Maildir');
      folder(join(root, '.Sent'));
      folder(root);
      const name = file === '' ? '1.a:2,Sb' : '1.a:2,S';
      writeFileSync(join(root, '.Sent', 'cur', name), letter('one'));
      if (file !== '') writeFileSync(join(root, '.Sent', file), '');
      const { status, err } = await host.run('init', `maildir:${root}`);
      assert.equal(status, 64);
      assert.ok(err.includes(where), err);
      assert.match(
        err,
        /UIDs and keywords would not be carried\nhint: .*mail_location.*mail_control_path.*:CONTROL=PATH.*:CONTROL=\S+Maildir/s,
      );
      assert.equal(existsSync(host.data), false);
      const control = join(host.home, 'control');
      mkdirSync(control);
      await host.mrepl('init', `maildir:${root}:CONTROL=${control}`);
      rmSync(host.data, { recursive: true });
      assert.ok((await host.mrepl('init', `maildir:${root}:CONTROL=${root}`)).includes(`maildir:${root}: 2 mailboxes`));
    }
  });

  test('the trees of Thunderbird and KMail with a sentence of their own', async (t) => {
    const host = hostIn(t);
    const thunderbird = join(host.home, 'Local Folders');
    mkdirSync(join(thunderbird, 'Archives.sbd'), { recursive: true });
    for (const name of ['Inbox', 'Inbox.msf']) writeFileSync(join(thunderbird, name), '');
    const kmail = join(host.home, 'local-mail');
    folder(join(kmail, 'inbox'));
    folder(join(kmail, '.inbox.directory', 'sub'));
    for (const [spec, said] of [
      [thunderbird, /of Thunderbird.*\nhint: Put an IMAP server/],
      [kmail, /of KMail.*\nhint: Put an IMAP server/],
      [`${kmail}:LAYOUT=fs`, /of KMail/],
    ] as const) {
      const { status, err } = await host.run('init', spec);
      assert.equal(status, 66);
      assert.match(err, said);
    }
    assert.deepEqual(readdirSync(kmail).sort(), ['.inbox.directory', 'inbox']);
  });

  test('a Maildir++ without its inbox, and says that INBOX= is missing', async (t) => {
    const host = hostIn(t);
    folder(join(host.home, 'Maildir', '.Sent'));
    const { err } = await host.run('init', 'maildir:~/Maildir');
    assert.match(err, /its inbox is not there: write maildir:\S+Maildir:INBOX=PATH\nhint: PATH is what "doveadm/);
    assert.doesNotMatch(err, /LAYOUT=fs/);
  });
});

test('one Maildir in two accounts is warned of', async (t) => {
  const host = hostIn(t);
  folder(join(host.home, 'Maildir', '.Sent'));
  folder(join(host.home, 'Maildir'));
  folder(join(host.home, 'other'));
  await host.mrepl('init', 'maildir:~/other', '--account', 'other');
  await host.mrepl('init', 'maildir:~/Maildir', '--account', 'first');
  const { status, err } = await host.run('init', 'maildir:~/Maildir:LAYOUT=fs', '--account', 'second');
  assert.doesNotMatch(err, /account other/);
  const again = await host.run('init', 'maildir:~/Maildir', '--account', 'third');
  assert.deepEqual([status === 0 || status === 66, again.status], [true, 0]);
  assert.match(
    again.err,
    /the account first of this host has the same mail .*\n.*\n {2}mrepl uninit --account first\n/,
  );
});
