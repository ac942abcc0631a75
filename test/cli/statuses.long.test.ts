import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Host, jsonLines, makeHost, pairAll, type RunsIn } from '../host.js';

// Whole runs of the program: what they print, where, and with which status they end. Those of the cabin are processes of their own, as are all that get
// signals or pipes.

const root = mkdtempSync(join(tmpdir(), 'mrepl-cli-'));
const stick = join(root, 'stick');
const home = hostWithMail('home', 5);
const cabin = hostWithMail('cabin', 0, 'own process');
after(() => rmSync(root, { recursive: true }));

before(async () => {
  mkdirSync(stick);
  await home.mrepl('init', home.store, '--name', 'home');
  await cabin.mrepl('init', cabin.store, '--name', 'cabin');
  await pairAll([home, cabin]);
  await home.mrepl('export', stick);
});

test('a dry run answers 2 with --exit-code while there is something to do, and nothing with --quiet', async () => {
  assert.deepEqual(await spoken(cabin, 'import', stick, '--dry-run', '--exit-code', '--quiet'), [2, '', '']);
  const [status, out, err] = await spoken(cabin, 'import', stick, '--dry-run');
  assert.equal(status, 0);
  assert.match(
    out,
    /^From home, bundle 1, made just now; \d\.\d kB, intact, signed\.\n\nCOMES {5}5 messages, 255 bytes\n {2}INBOX {2}5 {2}newest: "home4", [^\n]+\n/,
  );
  assert.match(
    out,
    /\nNothing was changed\. To do it:\n {2}mrepl import [^\n]*stick\nMessage by message:\n {2}mrepl import [^\n]*stick --dry-run --details\n$/,
  );
  assert.equal(err, '');
  assert.equal(readdirSync(join(cabin.home, 'Maildir', 'cur')).length, 0, 'a dry run changed the store');
});

test('an import takes one line, the next one has nothing to do', async () => {
  const [status, out, err] = await spoken(cabin, 'sync', stick);
  assert.deepEqual([status, err], [0, '']);
  assert.match(
    out,
    /^[^\n]*stick: imported 1 bundle from home: 5 new messages \([^\n]*; exported cabin-000001\.tar\.zst\.age [^\n]*\n$/,
  );
  assert.deepEqual(await spoken(cabin, 'sync', stick), [0, `${stick}: nothing new on either side\n`, '']);
  assert.deepEqual(await spoken(cabin, 'sync', stick, '--quiet'), [0, '', '']);
  assert.deepEqual(await spoken(cabin, 'sync', stick, '--dry-run', '--exit-code', '--quiet'), [0, '', '']);
});

test('status --exit-code answers whether a peer lacks something', async () => {
  await home.mrepl('sync', stick);
  assert.equal((await home.run('status', '--exit-code')).status, 0);
  addMail(home, 'late');
  await home.mrepl('export', stick);
  assert.equal((await home.run('status', '--exit-code')).status, 2);
  assert.equal((await home.run('status')).status, 0);
});

test('status, log, inspect and verify speak of what happened', async () => {
  const status = (await home.mrepl('status')).split('\n');
  assert.match(status[0] ?? '', /^account alice on host home: maildir:\/.*\/Maildir$/);
  assert.match(status.join('\n'), /\nINBOX +6 +\d+ +7 +\d+ +at cabin\n/);
  assert.match(await home.mrepl('log'), /import +\S+stick: cabin-000001\.tar\.zst\.age from cabin/);
  const bundles = readdirSync(join(stick, 'mrepl', 'alice')).filter((name) => name.startsWith('home-'));
  const bundle = join(stick, 'mrepl', 'alice', bundles.at(-1) ?? '');
  assert.match(
    await home.mrepl('inspect', bundle),
    /\n {2}account {2}alice\n {2}from {5}home \([0-9a-f]{32}\)\n {2}for {6}cabin\n/,
  );
  assert.match(await home.mrepl('verify', bundle), /: intact: .*, 2 records, 1 text \(\d+ bytes\)\n$/);
  const kinds = (await home.json('verify', stick)).map(({ kind }) => kind);
  assert.ok(kinds.length >= 2 && kinds.every((kind) => kind === 'verify'));
});

test('a bundle by pipe: the report goes to standard error', async () => {
  const exported = await home.run('export', '-', '--full');
  assert.equal(exported.status, 0);
  assert.match(exported.err, /^standard output: exported a bundle \(/);
  const imported = await cabin.start(['import', '-'], exported.outBytes).ended;
  assert.deepEqual([imported.status, imported.err], [0, '']);
  assert.match(imported.out, /^standard input: imported 1 bundle from home: 1 new message \(/);
  const json = await home.run('export', '-', '--full', '--json');
  assert.deepEqual(
    jsonLines(json.err).map(({ kind }) => kind),
    ['outgoing', 'export'],
  );
});

test('texts that were waited for are counted: by the export that sends them, in the dry run, in the import, in the log', async () => {
  const [north, south] = [hostWithMail('north', 3), hostWithMail('south', 0)];
  const own = await pairedThrough([north, south], 'late');
  await north.mrepl('export', own, '--texts', 'never');
  assert.match(await south.mrepl('import', own), /: 3 new messages \([^)]*\); 3 texts not here yet, /);
  await south.mrepl('export', own);
  assert.match(await north.mrepl('sync', own), /: 3 texts \(\d+ bytes\) that somebody asked for, for south/);
  const planned = await south.json('import', own, '--dry-run');
  assert.match(
    await south.mrepl('import', own, '--dry-run'),
    /\nTEXTS {5}3 messages get the text that was missing\n {2}INBOX {2}3\nROOM {6}159 bytes needed/,
  );
  assert.match(await south.mrepl('import', own), /: 3 messages whose texts were waited for\n$/);
  assert.deepEqual(planned.at(-1)?.texts, { arrived: 3, bytes: 159, linked: 0, waiting: 0 });
  assert.deepEqual(
    planned.filter(({ kind }) => kind === 'change').map(({ change, uid }) => [change, uid]),
    [1, 2, 3].map((uid) => ['awaited', uid]),
  );
  assert.equal(readdirSync(join(south.home, 'Maildir', 'cur')).length, 3);
  assert.match(await south.mrepl('log'), /: 3 messages whose texts were waited for, 3 texts \(159 bytes\)\n$/);
});

test('65: a bundle that is cut off', async () => {
  const cut = join(root, 'cut-000001.tar.zst');
  const [name = ''] = readdirSync(join(stick, 'mrepl', 'alice')).filter((file) => file.endsWith('.age'));
  writeFileSync(cut, readFileSync(join(stick, 'mrepl', 'alice', name)));
  truncateSync(cut, 100);
  for (const command of ['import', 'inspect', 'verify']) {
    const { status, out, err } = await home.run(command, cut);
    assert.equal(status, 65, command);
    assert.match(command === 'verify' ? out : err, /cut-000001\.tar\.zst/);
  }
  assert.equal((await home.run('import', cut)).out, `${cut}: nothing was imported\n`);
  assert.equal(
    (await home.run('import', cut, '--dry-run')).out.trim().split('\n').at(-1),
    `${cut}: nothing would be imported`,
  );
  assert.match((await home.run('verify', cut)).out, /\nhint: Copy the file again, or export again on the sending host/);
  const quiet = await home.run('verify', '--quiet', cut);
  assert.equal(quiet.out, '');
  assert.match(quiet.err, /^mrepl: .*cut-000001/);
  const [finding, report] = jsonLines((await home.run('verify', '--json', cut)).out);
  assert.equal(finding?.kind, 'finding');
  assert.equal(report?.ok, false);
});

test('65: a pipe through which nothing came', async () => {
  assert.deepEqual(await spoken(home, 'import', '-'), [
    65,
    'standard input: nothing was imported\n',
    'mrepl: reading standard input: it is empty\nhint: Nothing came through the pipe: did the command before it fail?\n',
  ]);
});

test('3: one bundle damaged, another used', async () => {
  const cut = join(root, 'cut-000001.tar.zst');
  addMail(cabin, 'more');
  await cabin.mrepl('export', stick);
  const names = readdirSync(join(stick, 'mrepl', 'alice'))
    .filter((file) => file.startsWith('cabin-'))
    .sort();
  const good = join(stick, 'mrepl', 'alice', names.at(-1) ?? '');
  const { status, out, err } = await home.run('import', cut, good);
  assert.equal(status, 3);
  assert.match(out, /imported 1 bundle from cabin: 1 new message/);
  assert.match(err, /^mrepl: .*cut-000001/);
});

test('66: what is not there, or 0 with --if-present', async () => {
  const gone = join(root, 'gone');
  for (const args of [
    ['sync', gone],
    ['export', gone],
    ['import', gone],
    ['sync', join(root, 'no*')],
  ]) {
    const { status, err, out } = await home.run(...args);
    assert.equal(status, 66, args.join(' '));
    assert.equal(out, '');
    assert.match(err, /^mrepl: [^\n]*nothing was changed\nhint: Is the stick mounted/);
    assert.deepEqual(await spoken(home, ...args, '--if-present'), [0, '', '']);
  }
  assert.equal((await home.run('verify', gone)).status, 66);
});

test('several directories, each on its own: one that is absent does not stop the other', async () => {
  const gone = join(root, 'gone');
  const { status, out, err } = await home.run('sync', gone, stick);
  assert.equal(status, 3);
  assert.match(out, /^[^\n]*stick: [^\n]+\n$/);
  assert.match(err, /^mrepl: [^\n]*gone[^\n]*\n/);
  assert.deepEqual(await spoken(home, 'sync', gone, stick, '--if-present'), [
    0,
    `${stick}: nothing new on either side\n`,
    '',
  ]);
});

test('64: our own folder on the stick, or mail, in place of a directory; nothing is made in it', async () => {
  const folder = join(stick, 'mrepl');
  const before = readdirSync(root, { recursive: true });
  for (const [inner, hint] of [
    [folder, stick],
    [join(folder, 'alice'), stick],
  ] as const) {
    for (const command of ['export', 'import', 'sync', 'pair', 'verify']) {
      const { status, out, err } = await home.run(command, inner);
      assert.deepEqual([status, out], [64, ''], command);
      assert.match(err, /^mrepl: [^\n]*: that is inside the folder that mrepl keeps; nothing was changed\n/);
      assert.ok(err.endsWith(`\nhint: Did you mean ${hint}?\n`), err);
    }
  }
  const { err } = await makeHost({ ...home, cwd: folder }).run('export', '.');
  assert.match(err, /\nhint: Did you mean \.\.\?\n$/);
  for (const command of ['export', 'sync', 'pair']) {
    const { status, out, err } = await home.run(command, join(home.home, 'Maildir'));
    assert.deepEqual([status, out], [64, ''], command);
    assert.match(err, /: mail lies in it; nothing was changed\nhint: Name a stick/);
  }
  assert.deepEqual(readdirSync(root, { recursive: true }), before);
});

test('64: the root of a store whose mailboxes are plain folders', async () => {
  const other = hostWithMail('plain-folders', 0);
  const mail = join(other.home, 'mail');
  mkdirSync(mail);
  await other.mrepl('init', `maildir:${mail}:LAYOUT=fs:INBOX=${join(other.home, 'Maildir')}`);
  assert.match((await other.run('export', mail)).err, /: mail lies in it; nothing was changed\n/);
});

test('a pattern stands for the directories that hold bundles already', async () => {
  mkdirSync(join(root, 'stick-empty'));
  const { status, out } = await home.run('sync', join(root, 'stick*/'));
  assert.equal(status, 0);
  assert.equal(out, `${stick}: nothing new on either side\n`);
  assert.deepEqual(readdirSync(join(root, 'stick-empty')), []);
});

test('73: an account that is set up already; 78: one that is not', async () => {
  assert.equal((await home.run('init', home.store)).status, 73);
  const { status, err } = await home.run('status', '--account', 'bob');
  assert.equal(status, 78);
  assert.match(err, /^mrepl: this host has no account "bob"/);
  assert.equal((await home.run('status', '--config', join(root, 'none.json'))).status, 78);
});

test('a pattern that stands for no mailbox is named, and the rest is done', async () => {
  for (const command of ['export', 'import', 'sync']) {
    for (const dry of [[], ['--dry-run']]) {
      const [status, , err] = await spoken(home, command, stick, '--mailbox', 'Inbx', '--mailbox', 'inbox', ...dry);
      assert.deepEqual([status, err.split('\n')[0]], [0, 'mrepl: no mailbox has a name like Inbx'], command);
    }
    const lines = await home.json(command, stick, '--mailbox', 'Inbx');
    const unmatched = lines.flatMap((line) => (Array.isArray(line.unmatched) ? line.unmatched : []));
    assert.deepEqual(new Set(unmatched), new Set(['Inbx']));
    assert.equal((await spoken(home, command, stick, '--mailbox', 'Inbx', '--quiet'))[2], '');
  }
});

test('64: a directory to inspect, two to import from', async () => {
  assert.deepEqual(await spoken(home, 'inspect', stick), [
    64,
    '',
    `mrepl: reading a bundle from ${stick}: that is a directory\nhint: Name a bundle in it; "mrepl verify" takes a directory too.\n`,
  ]);
  const { status, err } = await home.run('import', stick, stick);
  assert.equal(status, 64);
  assert.match(err, /\nhint: Run it for each of the directories/);
});

test('a sync where only other accounts have bundles says so', async () => {
  const other = hostWithMail('shared', 1);
  await other.mrepl('init', other.store, '--name', 'shared', '--account', 'bob');
  const shared = join(root, 'shared-stick');
  mkdirSync(shared);
  await home.mrepl('sync', shared);
  const [planned] = (await other.json('sync', shared, '--plain', '--dry-run')).slice(-1);
  assert.deepEqual(planned?.otherAccounts, ['alice']);
  const told =
    /\nNo other host has left anything of this account there, only of alice\.\nAll hosts must use one account name\. If /;
  for (let again = 0; again < 2; again++) assert.match(await other.mrepl('sync', shared, '--plain'), told);
  assert.equal(await other.mrepl('sync', shared, '--plain', '--quiet'), '');
  for (const [command, expected] of [
    ['import', 66],
    ['export', 77],
  ] as const) {
    const { status, err } = await other.run(command, shared);
    assert.equal(status, expected, err);
    assert.match(err, /no other host has left anything of the account bob there, only of alice; nothing was changed$/m);
    assert.match(
      err,
      /^hint: .*If this host is to be of alice:\n {2}mrepl uninit\n {2}mrepl init STORE --account alice$/m,
    );
  }
});

test('names that cannot stand on a stick are refused, with one that can', async () => {
  const { status, err } = await home.run('init', home.store, '--account', 'x', '--name', 'Mein Büro');
  assert.equal(status, 64);
  assert.match(err, /hint: Use up to 32 lower-case letters, digits and dashes, such as: --name mein-buro\n$/);
  assert.equal((await home.run('init', home.store, '--account', 'nul')).status, 64);
});

test('77: a store that is suddenly empty stops the run', async () => {
  const other = hostWithMail('other', 3);
  await other.mrepl('init', other.store, '--name', 'other');
  const own = join(root, 'other-stick');
  mkdirSync(own);
  await other.mrepl('export', own, '--plain');
  for (const name of readdirSync(join(other.home, 'Maildir', 'cur'))) rmSync(join(other.home, 'Maildir', 'cur', name));
  const { status, out, err } = await other.run('sync', own, '--plain');
  assert.equal(status, 77);
  assert.equal(out, '');
  assert.match(err, /no message is there, but 3 were at the last run; nothing was changed\nhint: /);
  assert.equal((await other.run('export', own, '--plain', '--allow-expunge')).status, 0);
});

test('a setting nobody knows is named, and passed over', async () => {
  const config = join(root, 'odd.json');
  writeFileSync(config, JSON.stringify({ colour: 'blue', directories: [stick] }));
  const { status, out, err } = await home.run('sync', '--config', config);
  assert.equal(status, 0);
  assert.match(out, /^[^\n]*stick: /);
  assert.match(err, /^mrepl: [^\n]*"colour"[^\n]*passed over: did you mean "color"\?\n$/);
});

test('the crontab line of help cron does its work where cron knows nothing of this shell', async () => {
  const config = join(root, 'cron 100%.json');
  writeFileSync(config, JSON.stringify({ directories: [stick] }));
  const help = await home.mrepl('help', 'cron', '--config', config, '--account', 'alice');
  assert.match(help, new RegExp(`The directories are\nthose of ${config}:\n {2}${stick}\n`));
  assert.match(help, new RegExp(`\nEnvironment=XDG_DATA_HOME=${home.data}\n`));
  assert.match(help, /\nExecStart=[^\n]* --account alice --config "[^\n]*cron 100%%\.json" --quiet --if-present\n/);
  const line = /^\*\/15 \* \* \* \* (.*)$/m.exec(help)?.[1]?.replaceAll('\\%', '%') ?? '';
  addMail(home, 'by-cron');
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], { env: { HOME: '/' }, encoding: 'utf8' });
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
  assert.match(await home.mrepl('log', '-n', '1'), /just now {2}export/);
  const plain = makeHost({ ...home, env: { MREPL_ACCOUNT: 'alice', XDG_DATA_HOME: '' } });
  assert.match(await plain.mrepl('help', 'cron'), / sync --account alice --quiet --if-present '\/media\/alice\/\*' /);
});

test('names in the store reach the terminal harmless', async () => {
  mkdirSync(join(home.home, 'Maildir', '.\u001b[31mred\u202e', 'cur'), { recursive: true });
  mkdirSync(join(home.home, 'Maildir', '.\u001b[31mred\u202e', 'new'));
  mkdirSync(join(home.home, 'Maildir', '.\u001b[31mred\u202e', 'tmp'));
  for (const args of [['sync', stick, '-v'], ['status'], ['status', '--json']]) {
    const { out, err } = await home.run(...args);
    assert.doesNotMatch(out + err, /[^\P{C}\n]/u, args.join(' '));
  }
});

function hostWithMail(name: string, messages: number, runs: RunsIn = 'this process'): Host {
  const directory = join(root, name);
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory, 'Maildir', part), { recursive: true });
  const host = makeHost({ name, home: directory, store: `maildir:${join(directory, 'Maildir')}`, runs });
  for (let n = 0; n < messages; n++) addMail(host, `${name}${n}`);
  return host;
}

/** Sets up hosts that know each other; answers a stick of their own. */
async function pairedThrough(hosts: readonly Host[], name: string): Promise<string> {
  for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
  const own = join(root, name);
  mkdirSync(own);
  for (const host of [...hosts, ...hosts.slice(0, -1)]) await host.mrepl('pair', own, '--yes');
  return own;
}

function addMail({ home: directory }: Host, name: string): void {
  const text = `From: a@example.org\nSubject: ${name}\n\nThis is ${name}.\n`;
  writeFileSync(join(directory, 'Maildir', 'cur', `1700000000.${name}.host:2,S`), text);
}

async function spoken(host: Host, ...args: readonly string[]): Promise<[status: number, out: string, err: string]> {
  const { status, out, err } = await host.run(...args);
  return [status, out, err];
}
