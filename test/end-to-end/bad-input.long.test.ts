import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Host, makeHost, mreplProgram } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { assertRefused, incompressible, makeScene, unprivileged } from './refusals.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// What bad arguments, stores and sticks get: a status of its own, a sentence that says what was being done, to what, and what is now true;
// nothing lost and nothing half done.

describe('the command line', () => {
  let host: Host;
  before(() => {
    host = makeHost({ name: 'nobody', home: mkdtempSync(join(tmpdir(), 'mrepl-test-')), store: '' });
  });
  after(() => rmSync(host.home, { recursive: true }));

  for (const [what, args, words] of [
    ['an unknown command', ['exprot', '/media/usb'], ['exprot', 'export']],
    ['an unknown option', ['export', '/media/usb', '--ful'], ['--ful', '--full']],
    ['a missing argument', ['export'], ['dir']],
    ['a store of an unknown kind', ['init', 'pop3:somewhere'], ['pop3:somewhere']],
    ['an impossible host name', ['init', 'maildir:~/Maildir', '--name', 'Über Haus'], ['Über Haus']],
    ['a wrong choice', ['export', '/media/usb', '--texts', 'some'], ['some', 'always']],
  ] as const) {
    test(`${what}: 64`, async () => assertRefused(await host.run(...args), 64, ...words));
  }

  test('help, a version and no trouble: 0', async () => {
    assert.match(await host.mrepl('--help'), /export/);
    assert.match(await host.mrepl('--version'), /^\d+\.\d+\.\d+(?:-rc\.\d+)?\n$/);
    for (const command of ['init', 'export', 'import', 'sync', 'status', 'inspect', 'verify', 'log']) {
      assert.match(await host.mrepl(command, '--help'), /Examples?:\n +\$ mrepl/, command);
    }
    assert.match(await host.mrepl('help', 'cron'), /crontab/);
  });
});

describe('stores', () => {
  test('none at all: 66, and nothing is made', async (t) => {
    const host = makeHost({ name: 'home', home: join(scratch(t), 'home'), store: 'maildir:~/Maildir' });
    assertRefused(await host.run('init', host.store), 66, 'Maildir');
    assert.ok(!existsSync(host.data));
  });

  test('a directory that is no Maildir: 66', async (t) => {
    const host = makeHost({ name: 'home', home: join(scratch(t), 'home'), store: 'maildir:~/Documents' });
    mkdirSync(join(host.home, 'Documents'));
    writeFileSync(join(host.home, 'Documents', 'letter.txt'), 'x');
    assertRefused(await host.run('init', host.store), 66, 'Documents');
  });

  test('no account yet: 78, and what to do', async (t) => {
    const home = makeSite(scratch(t), 'home');
    for (const args of [['export', home.home], ['import', home.home], ['sync', home.home], ['status']]) {
      assertRefused(await home.run(...args), 78, 'mrepl init');
    }
  });

  test('set up twice: 73, and the first stays', async (t) => {
    const home = makeSite(scratch(t), 'home');
    await initAll([home]);
    const before = await home.json('status');
    assertRefused(await home.run('init', home.store), 73, 'alice');
    assert.deepEqual(await home.json('status'), before);
  });

  test('gone since: 66, whatever is asked; 0 with --if-present', async (t) => {
    const { home, stick } = await makeScene(t);
    renameSync(home.maildir, `${home.maildir}-aside`);
    for (const command of ['export', 'import', 'sync']) {
      assertRefused(await home.run(command, stick), 66, home.maildir);
      assert.equal((await home.run(command, stick, '--if-present')).status, 0);
    }
  });

  for (const [what, spoil, mend] of [
    ['that may not be read', (cur: string) => chmodSync(cur, 0), (cur: string) => chmodSync(cur, 0o700)],
    [
      'whose directory is none',
      (cur: string) => {
        renameSync(cur, `${cur}-aside`);
        writeFileSync(cur, '');
      },
      (cur: string) => {
        rmSync(cur);
        renameSync(`${cur}-aside`, cur);
      },
    ],
  ] as const) {
    test(`a mailbox ${what} does not stop the others: 3, and its mail is not taken for expunged`, async (t) => {
      const { home, cabin, stick } = await makeScene(t);
      home.put(letter('kept apart'), { mailbox: 'Private' });
      await exchange([home, cabin], stick);
      const cur = join(home.folder('Private'), 'cur');
      home.put(letter('unseen as yet'), { mailbox: 'Private' });
      spoil(cur);
      home.put(letter('in the inbox'));
      assertRefused(await unprivileged(home).run('sync', stick), 3, 'Private');
      await cabin.mrepl('sync', stick);
      assert.equal(cabin.count('in the inbox'), 1);
      assert.equal(cabin.count('kept apart', 'Private'), 1);
      mend(cur);
      await exchange([home, cabin], stick);
      await assertAgreed([home, cabin]);
      assert.equal(home.count('kept apart', 'Private'), 1);
    });
  }

  test('a damaged catalog: 74, and the store is left alone', async (t) => {
    const { home, stick } = await makeScene(t);
    const catalog = join(home.data, 'mrepl', 'alice', 'catalog.db');
    writeFileSync(catalog, Buffer.alloc(statSync(catalog).size, 0x5a));
    const before = viewMaildir(home.maildir);
    assertRefused(await home.run('sync', stick), 74, 'catalog.db');
    assert.deepEqual(viewMaildir(home.maildir), before);
  });
});

const namespace = ['unshare', '--user', '--map-root-user', '--mount', '--'];
const mayMount = spawnSync('unshare', [...namespace.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;

/** A host whose files cannot grow past so many KiB. */
function limitedTo(fileKib: number, site: Site): Host {
  const script = `ulimit -f ${fileKib}; trap '' XFSZ; exec "$@"`;
  return makeHost({ ...site, program: ['bash', '-c', script, '-', ...mreplProgram] });
}

describe('sticks', () => {
  test('not there: 66; 0 with --if-present', async (t) => {
    const { directory, cabin } = await makeScene(t);
    const nowhere = join(directory, 'nowhere');
    for (const command of ['export', 'import', 'sync']) {
      assertRefused(await cabin.run(command, nowhere), 66, nowhere);
      assert.equal((await cabin.run(command, nowhere, '--if-present')).status, 0);
    }
    assert.ok(!existsSync(nowhere));
  });

  test('a directory that nothing was ever exported to: 66 for an import', async (t) => {
    const { directory, cabin } = await makeScene(t);
    const empty = join(directory, 'empty');
    mkdirSync(empty);
    assertRefused(await cabin.run('import', empty), 66, empty);
  });

  test('not a directory, and not to be written to', async (t) => {
    const { directory, cabin, stick } = await makeScene(t);
    const file = join(directory, 'file');
    writeFileSync(file, 'x');
    assert.notEqual((await cabin.run('export', file)).status, 0);
    const blocked = join(directory, 'blocked');
    mkdirSync(blocked);
    writeFileSync(join(blocked, 'mrepl'), 'somebody else has a file of this name');
    const outcome = await cabin.run('sync', blocked);
    assert.ok(outcome.status > 0, outcome.err);
    assertRefused(outcome, outcome.status, blocked);
    await exchange([cabin], stick);
  });

  test('full: 3, what does not fit is named, no half bundle is left, and the next run makes it good', async (t) => {
    const { directory, home, cabin } = await makeScene(t);
    const small = join(directory, 'small');
    mkdirSync(small);
    home.put(letter('large', incompressible(400_000, 7)));
    // A small file system of its own, in a namespace in which anybody may mount.
    const script = `mount -t tmpfs -o size=128k tmpfs ${small} && { "$@"; status=$?; find ${small} -type f >&2; exit $status; }`;
    const { run } = makeHost({ ...home, program: [...namespace, 'bash', '-c', script, '-', ...mreplProgram] });
    const outcome = await (mayMount ? run('export', small) : limitedTo(100, home).run('export', small));
    assertRefused(outcome, 3, small, 'With more room');
    assert.doesNotMatch(outcome.err, /^\/.*\.part/m, 'half a bundle was left');
    const large = join(directory, 'large');
    mkdirSync(large);
    await exchange([home, cabin], large);
    await assertAgreed([home, cabin]);
  });

  test('a file larger than the medium takes: 3, what stays behind is named, and no half bundle is left', async (t) => {
    const { directory, home, cabin } = await makeScene(t);
    const fat = join(directory, 'fat');
    mkdirSync(fat);
    home.put(letter('large', incompressible(3_000_000, 7)));
    assertRefused(await limitedTo(1000, home).run('export', fat), 3, fat, 'stays behind');
    const left = readdirSync(fat, { recursive: true }).map(String);
    assert.ok(!left.some((name) => name.endsWith('.part')));
    for (const name of left.filter((each) => each.includes('.tar'))) await home.mrepl('verify', join(fat, name));
    await exchange([home, cabin], fat);
    await assertAgreed([home, cabin]);
  });
});
