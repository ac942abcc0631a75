import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Dovecot, startDovecot } from '../dovecot/dovecot.js';
import type { MailClient } from '../dovecot/mail-client.js';
import { type Host, makeHost, pairAll, type RunsIn } from '../host.js';
import { countingProxy } from '../store/imap/counting-proxy.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// An account on an IMAP server at one end of the stick, a Maildir at the other, through the command line.

/** What must be nowhere but where its user has put it. */
const password = 'marked-s3cret';

let dovecot: Dovecot;
before(async () => {
  dovecot = await startDovecot({ password, speaksTls: true });
});
after(() => dovecot.stop());

/** A machine whose user has mail on the server, and a file with the password that nobody else may read. */
type Office = Host & { readonly address: string; readonly passwordFile: string; readonly client: MailClient };

let accounts = 0;

async function makeOffice(directory: string, runs: RunsIn = 'this process'): Promise<Office> {
  const account = dovecot.account(`alice${++accounts}`);
  const home = join(directory, 'office');
  const address = `imap://${account.name}@127.0.0.1:${dovecot.port}`;
  const host = makeHost({ name: 'office', home, store: address, runs });
  const passwordFile = join(home, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  return { ...host, address, passwordFile, client: await account.client() };
}

type Scene = { readonly office: Office; readonly cabin: Site; readonly stick: string; meet(): Promise<string> };

async function makeScene(t: { after(clean: () => void): void }, runs?: RunsIn): Promise<Scene> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const office = await makeOffice(directory, runs);
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  await office.client.append('INBOX', letter('from the office 1'), { flags: ['\\Seen'] });
  await office.client.append('INBOX', letter('from the office 2'));
  cabin.put(letter('from the cabin'), { mailbox: 'Lists.fish', flags: 'F' });
  await office.mrepl('init', office.address, '--name', 'office', '--password-file', '~/password');
  await cabin.mrepl('init', cabin.store, '--name', 'cabin');
  await pairAll([office, cabin]);
  const meet = async (): Promise<string> => {
    await office.mrepl('sync', stick, '--allow-expunge');
    await cabin.mrepl('sync', stick, '--allow-expunge');
    return office.mrepl('sync', stick, '--allow-expunge');
  };
  return { office, cabin, stick, meet };
}

/** What is in a mailbox on the server: subjects with their flags, sorted. */
async function onServer({ client }: Office, mailbox: string): Promise<string[]> {
  const { messages } = await client.look(mailbox);
  return messages
    .map(({ text, flags }) => `${/^Subject: (.*?)\r?$/m.exec(text)?.[1]} ${flags.join(' ')}`.trim())
    .sort();
}

async function uidOf({ client }: Office, mailbox: string, subject: string): Promise<number> {
  const { messages } = await client.look(mailbox);
  const found = messages.filter(({ text }) => text.includes(subject));
  assert.equal(found.length, 1, `${subject} is in ${mailbox} ${found.length} times`);
  return found[0]?.uid ?? 0;
}

describe('an IMAP account and a Maildir', () => {
  test('get the mail of each other, with mailboxes and flags', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await meet();
    assert.deepEqual(await onServer(office, 'INBOX'), ['from the office 1 \\Seen', 'from the office 2']);
    assert.deepEqual(await onServer(office, 'Lists/fish'), ['from the cabin \\Flagged']);
    assert.equal(cabin.count('from the office'), 2);
    assert.match(cabin.files('from the office 1')[0] ?? '', /:2,S$/);
  });

  test('have files of other names for messages of other mailboxes, whatever numbers the server gave', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await office.client.create('Drafts');
    await office.client.append('Drafts', letter('a draft'));
    await meet();
    assert.match(cabin.files('a draft', 'Drafts')[0] ?? '', /\/\d+\.[0-9a-f]{20}\.imap$/);
  });

  test('pass on flags, expunges and moves, both ways', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await meet();
    await office.client.flag('INBOX', [await uidOf(office, 'INBOX', 'office 2')], { add: ['\\Answered', 'project'] });
    await office.client.expunge('INBOX', [await uidOf(office, 'INBOX', 'office 1')]);
    cabin.move('from the cabin', 'Lists.fish', 'INBOX');
    await meet();
    assert.deepEqual(await onServer(office, 'INBOX'), [
      'from the cabin \\Flagged',
      'from the office 2 \\Answered project',
    ]);
    assert.deepEqual(await onServer(office, 'Lists/fish'), []);
    assert.equal(cabin.count('from the office 1'), 0);
    assert.match(cabin.files('from the office 2')[0] ?? '', /:2,R/);
  });

  test('have nothing to tell each other once they met', async (t) => {
    const { office, cabin, stick, meet } = await makeScene(t);
    await meet();
    await cabin.mrepl('sync', stick);
    assert.equal(await office.mrepl('sync', stick), `${stick}: nothing new on either side\n`);
  });

  test('keep what changed on both sides meanwhile', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await meet();
    await office.client.flag('INBOX', [await uidOf(office, 'INBOX', 'office 2')], { add: ['\\Seen'] });
    cabin.mark('from the office 2', { add: 'F' });
    await meet();
    assert.ok((await onServer(office, 'INBOX')).includes('from the office 2 \\Flagged \\Seen'));
  });

  test('bring back what was expunged, from the trash of the host with the account', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await meet();
    cabin.expunge('from the office 1');
    await meet();
    assert.deepEqual(await onServer(office, 'INBOX'), ['from the office 2']);
    await office.mrepl('restore', '--all');
    await meet();
    assert.ok((await onServer(office, 'INBOX')).some((line) => line.startsWith('from the office 1')));
    assert.equal(cabin.count('from the office 1'), 1);
  });

  test('have no text downloaded again for the bundle that init has read', async (t) => {
    const { office, cabin, stick } = await makeScene(t);
    const proxy = await countingProxy(dovecot.port);
    t.after(() => proxy.close());
    const byProxy = office.address.replace(String(dovecot.port), String(proxy.port));
    await office.mrepl('relocate', byProxy, '--password-file', office.passwordFile);
    proxy.heard();
    await office.mrepl('export', stick);
    assert.doesNotMatch(proxy.heard(), /BODY\.PEEK/);
    await cabin.mrepl('import', stick);
    assert.equal(cabin.count('from the office'), 2);
  });

  test('are exchanged by cron, where nobody sits at a terminal and nothing is set', async (t) => {
    const { office, cabin, stick } = await makeScene(t, 'own process');
    assert.deepEqual((await office.run('sync', stick, '--quiet')).err, '');
    await cabin.mrepl('sync', stick);
    await office.mrepl('sync', stick, '--quiet');
    assert.deepEqual(await onServer(office, 'Lists/fish'), ['from the cabin \\Flagged']);
  });
});

describe('the password of an IMAP account', () => {
  /** Everything in files below a directory, but for the file with the password itself. */
  const contentOf = (directory: string, but: string): string =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(directory, name))
      .filter((path) => path !== but && statSync(path).isFile())
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');

  test('is in nothing that is written or printed', async (t) => {
    const { office, cabin, stick, meet } = await makeScene(t);
    const printed: string[] = [await meet()];
    for (const words of [
      ['status'],
      ['status', '--json'],
      ['doctor', '--deep'],
      ['doctor', '--json'],
      ['support'],
      ['config'],
      ['log'],
      ['peers'],
      ['sync', stick, '--verbose'],
      ['export', stick, '--full', '--json'],
      ['import', stick, '--dry-run', '--details'],
    ]) {
      const { out, err } = await office.run(...words);
      printed.push(out, err);
    }
    const written = contentOf(office.home, office.passwordFile) + contentOf(stick, '') + contentOf(cabin.home, '');
    const forms = [
      password,
      Buffer.from(password).toString('base64'),
      Buffer.from(`\0x\0${password}`).toString('base64'),
    ];
    for (const form of forms) {
      assert.ok(!printed.join('\n').includes(form), `${form} was printed`);
      assert.ok(!written.includes(form), `${form} was written`);
    }
  });

  test('that a server refuses is in no message, and nothing is set up', async (t) => {
    const directory = scratch(t);
    const office = await makeOffice(directory);
    const wrong = join(directory, 'wrong');
    writeFileSync(wrong, 'wr0ng-marked', { mode: 0o600 });
    const { status, out, err } = await office.run('init', office.address, '--password-file', wrong);
    assert.equal(status, 78);
    assert.match(err, /the server refuses the login/);
    assert.doesNotMatch(out + err, /wr0ng-marked/);
    assert.equal(existsSync(join(office.data, 'mrepl')) && readdirSync(join(office.data, 'mrepl')).length > 0, false);
  });

  test('in a file that others may read is not taken', async (t) => {
    const office = await makeOffice(scratch(t));
    chmodSync(office.passwordFile, 0o644);
    const { status, err } = await office.run('init', office.address, '--password-file', office.passwordFile);
    assert.equal(status, 78);
    assert.match(err, /others may read[^\n]*\nhint: Run: chmod 600 /);
  });

  test('in the address is refused, and not repeated', async (t) => {
    const office = await makeOffice(scratch(t));
    const { status, err } = await office.run('init', office.address.replace('@', `:${password}@`));
    assert.equal(status, 64);
    assert.match(err, /can be read by others/);
    assert.doesNotMatch(err, new RegExp(password));
  });

  test('comes from elsewhere once its user says so', async (t) => {
    const { office, stick } = await makeScene(t);
    await office.mrepl('relocate', office.address, '--password-command', `cat ${office.passwordFile}`);
    await office.mrepl('sync', stick);
    const { status, err } = await office.run('relocate', office.address, '--password-command', 'echo wrong');
    assert.equal(status, 78, err);
    await office.mrepl('sync', stick);
  });
});

describe('an IMAP server', () => {
  const address = (name: string, port: number | undefined): string => `imaps://${name}@localhost:${port}`;

  test('whose certificate nobody has signed that is known here is told nothing', async (t) => {
    const office = await makeOffice(scratch(t));
    const to = address('alice', dovecot.tls?.port);
    const { status, err } = await office.run('init', to, '--password-file', office.passwordFile);
    assert.equal(status, 78);
    assert.match(err, /it has signed its certificate itself; nothing was sent to it/);
  });

  test('is believed where its certificate was named', async (t) => {
    const office = await makeOffice(scratch(t));
    const file = dovecot.tls?.certificate ?? '';
    const words = ['--password-file', office.passwordFile, '--ca-file', file];
    assert.match(
      await office.mrepl('init', address('alice', dovecot.tls?.port), ...words),
      /with 0 messages|no mail yet/,
    );
  });

  test('is not connected to where the certificates cannot be read that it is to be believed by', async (t) => {
    const office = await makeOffice(scratch(t));
    const words = ['--password-file', office.passwordFile, '--ca-file', '/nowhere/at/all.pem'];
    const { status, err } = await office.run('init', address('alice', dovecot.tls?.port), ...words);
    assert.equal(status, 78);
    assert.match(err, /reading the certificates of authorities in \/nowhere\/at\/all\.pem: /);
  });

  test('is reached by a command that speaks IMAP, and no password is asked for', async (t) => {
    const directory = scratch(t);
    const account = dovecot.account('tunnelled');
    await account.deliver(letter('at the other end'));
    const configFile = join(dirname(dirname(account.home)), 'dovecot.conf');
    const words = dovecot.user.command(['/usr/lib/dovecot/imap', '-c', configFile]);
    const tunnel = `HOME=${account.home} USER=tunnelled exec ${words.join(' ')} 2>/dev/null`;
    const store = 'imap://tunnelled@mail.example.org';
    const office = makeHost({ name: 'office', home: join(directory, 'office'), store });
    assert.match(await office.mrepl('init', store, '--name', 'office', '--tunnel', tunnel), /1 message, left as/);
    assert.match(await office.mrepl('status'), /: imap:\/\/tunnelled@mail\.example\.org\n1 message in 1 mailbox/);
  });

  test('that is not there is named, with what to look at', async (t) => {
    const office = await makeOffice(scratch(t));
    const words = ['--password-file', office.passwordFile];
    const { status, err } = await office.run('init', 'imap://alice@127.0.0.1:1', ...words);
    assert.equal(status, 74);
    assert.match(err, /cannot connect to imap:\/\/alice@127\.0\.0\.1:1: nobody answers at that port/);
  });

  test('that speaks something else is named', async (t) => {
    const office = await makeOffice(scratch(t));
    const other = createServer((socket) => void socket.on('error', () => undefined).end('220 mail ESMTP\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    t.after(() => void other.close());
    const at = other.address();
    const port = at !== null && typeof at !== 'string' ? at.port : 0;
    const { status, err } = await office.run(
      'init',
      `imap://alice@127.0.0.1:${port}`,
      '--password-file',
      office.passwordFile,
    );
    assert.equal(status, 74);
    assert.match(err, /cannot connect to imap:\/\/alice@127\.0\.0\.1:\d+: /);
  });

  test('shows UIDs of its own, and status says so', async (t) => {
    const { office, cabin, meet } = await makeScene(t);
    await meet();
    assert.match(await office.mrepl('doctor'), /the server says that it is Dovecot/);
    assert.match(await office.mrepl('status'), /Mail programs see the UIDs of its server\./);
    assert.doesNotMatch(await cabin.mrepl('status'), /UIDs of its server/);
  });

  test('with one account in two places of a host is warned of', async (t) => {
    const { office } = await makeScene(t);
    const words = ['--password-file', office.passwordFile, '--account', 'second', '--name', 'office2'];
    const { status, err } = await office.run('init', office.address, ...words);
    assert.equal(status, 0);
    assert.match(err, /of this host has the same mail \(imap:\/\/alice\d+@127\.0\.0\.1:\d+\)/);
  });
});

test('two hosts with one account find out from each other`s bundles, and take nothing of them', async (t) => {
  const { office, stick } = await makeScene(t);
  const other = makeHost({ name: 'laptop', home: join(scratch(t), 'laptop'), store: office.address });
  const byName = office.address.replace('127.0.0.1', 'LOCALHOST');
  await other.mrepl('init', byName, '--name', 'laptop', '--password-file', office.passwordFile);
  await pairAll([office, other]);
  await office.mrepl('export', stick);
  const { status } = await other.run('import', stick);
  assert.equal(status, 0, 'another name of the server is another server, as far as can be told');
  await other.mrepl('relocate', office.address, '--password-file', office.passwordFile);
  await office.client.append('INBOX', letter('one more'));
  await office.mrepl('export', stick);
  const { status: refused, err } = await other.run('import', stick);
  assert.equal(refused, 78);
  assert.match(
    err,
    /office has the same account as its store, imap:\/\/alice\d+@127\.0\.0\.1:\d+; nothing of it was used/,
  );
});

test('an option for IMAP accounts is refused for a Maildir', async (t) => {
  const cabin = makeSite(scratch(t), 'cabin');
  const { status, err } = await cabin.run('init', cabin.store, '--tunnel', 'ssh cabin imap');
  assert.equal(status, 64);
  assert.match(err, /--tunnel is for an IMAP account/);
});
