import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { openSession } from '../../src/flow/session/account-session.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import { mailUser } from '../dovecot/mail-user.js';
import { type Host, makeHost, mreplProgram, type Outcome, pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// What bad input gets: a status of its own, a sentence that says what was being done, to what, and what is now true; nothing lost and
// nothing half done.

type Scene = { readonly directory: string; readonly home: Site; readonly cabin: Site; readonly stick: string };

/** Home has exported three messages to the stick, sealed or plain; the cabin is paired with it and empty. */
async function makeScene(t: { after(clean: () => void): void }, ...how: readonly string[]): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const number of [1, 2, 3]) home.put(letter(`number ${number}.`, incompressible(100_000, number)));
  await initAll([home, cabin]);
  await home.mrepl('export', stick, ...how);
  return { directory, home, cabin, stick };
}

function incompressible(count: number, seed: number): string {
  let state = seed;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return index % 70 === 69 ? '\n' : String.fromCharCode(48 + ((state >>> 16) % 74));
  }).join('');
}

function bundleOn(stick: string): string {
  const files = readdirSync(stick, { recursive: true }).map((name) => join(stick, String(name)));
  const bundles = files.filter(isBundle);
  assert.equal(bundles.length, 1);
  return bundles[0] ?? '';
}

/** The outcome of a refusal: this status, one line of trouble with all of these in it, no trace of the program's insides. */
function assertRefused({ status, err }: Outcome, expected: number, ...words: readonly (string | RegExp)[]): void {
  assert.equal(status, expected, err);
  assert.match(err, /^mrepl: /m);
  for (const word of words) assert.match(err, typeof word === 'string' ? new RegExp(escaped(word)) : word);
  assert.doesNotMatch(err, /\n\s+at |node:|Error: |undefined|\[object/);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const messagesOf = (site: Site): number =>
  Object.values(viewMaildir(site.maildir)).flatMap(({ messages }) => messages).length;

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
    ['a store of an unknown kind', ['init', 'imap:somewhere'], ['imap:somewhere']],
    ['an impossible host name', ['init', 'maildir:~/Maildir', '--name', 'Über Haus'], ['Über Haus']],
    ['a wrong choice', ['export', '/media/usb', '--texts', 'some'], ['some', 'always']],
  ] as const) {
    test(`${what}: 64`, async () => assertRefused(await host.run(...args), 64, ...words));
  }

  test('no command: 64, and the help', async () => {
    const { status, err } = await host.run();
    assert.equal(status, 64);
    assert.match(err, /^Usage: mrepl/);
  });

  test('help, a version and no trouble: 0', async () => {
    assert.match(await host.mrepl('--help'), /export/);
    assert.match(await host.mrepl('--version'), /^\d+\.\d+\.\d+\n$/);
    for (const command of ['init', 'export', 'import', 'sync', 'status', 'inspect', 'verify', 'log']) {
      assert.match(await host.mrepl(command, '--help'), /Examples?:\n +\$ mrepl/, command);
    }
    assert.match(await host.mrepl('help', 'cron'), /crontab/);
  });
});

/** The same host, its programs run by somebody who may not read everything. */
function unprivileged(site: Site): Host {
  const user = mailUser();
  user.own(dirname(site.home));
  return makeHost({ ...site, program: user.command(mreplProgram) });
}

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
    assertRefused(outcome, 3, small, 'next time');
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

describe('bundles', () => {
  // Where the beginning is intact all news is used but for the texts that are damaged, which are asked for again.
  const damages: readonly (readonly [string, 3 | 65, (bundle: string) => void])[] = [
    ['cut off in the middle', 3, (bundle) => truncateSync(bundle, Math.floor(statSync(bundle).size / 2))],
    ['cut off at its last byte', 3, (bundle) => truncateSync(bundle, statSync(bundle).size - 1)],
    ['empty', 65, (bundle) => truncateSync(bundle, 0)],
    ['altered in the middle', 3, (bundle) => flip(bundle, 0.5)],
    ['altered near its beginning', 65, (bundle) => flip(bundle, 0.002)],
    ['altered near its end', 3, (bundle) => flip(bundle, 0.98)],
    [
      'with something behind it',
      3,
      (bundle) => writeFileSync(bundle, Buffer.concat([readFileSync(bundle), Buffer.from('more')])),
    ],
    ['no bundle but text', 65, (bundle) => writeFileSync(bundle, 'Dear Alice,\nthis is not a bundle.\n')],
    ['a bomb of zeros', 65, (bundle) => zstd(bundle, Buffer.alloc(300 << 20))],
  ];
  // What age does about damage depends on where it is, and on nothing else.
  const sealed = new Set(['cut off in the middle', 'altered in the middle', 'altered near its beginning']);
  const cases = damages.flatMap((damage) =>
    (['--plain', '--full'] as const)
      .filter((how) => how === '--plain' || sealed.has(damage[0]))
      .map((how) => ({ how, damage })),
  );
  for (const {
    how,
    damage: [what, status, damage],
  } of cases) {
    test(`${how === '--plain' ? 'plain' : 'sealed'} and ${what}: ${status}, and the next export makes it good`, async (t) => {
      const { home, cabin, stick } = await makeScene(t, how);
      const bundle = bundleOn(stick);
      damage(bundle);
      const verified = await cabin.run('verify', bundle);
      assert.equal(verified.status, 65, verified.out + verified.err);
      if (what.startsWith('cut off')) {
        const planned = await cabin.run('import', stick, '--dry-run');
        assertRefused(planned, 3, 'home-000001.tar.zst', 'its end is cut off');
        assert.match(planned.out, /\n {2}at most 3 texts from the bundles/);
      }
      assertRefused(await cabin.run('import', stick), status, 'home-000001.tar.zst');
      const wanted = viewMaildir(home.maildir).INBOX?.messages.map(({ text }) => text) ?? [];
      for (const { text } of viewMaildir(cabin.maildir).INBOX?.messages ?? []) {
        assert.ok(wanted.includes(text), 'a damaged text got in');
      }
      // Both may still complain once about the file that lies there, and then no more.
      await cabin.run('sync', stick);
      await home.run('sync', stick);
      await cabin.run('sync', stick);
      await exchange([home, cabin], stick);
      await assertAgreed([home, cabin]);
      assert.equal(cabin.count('number'), 3);
    });
  }

  for (const [what, change, word] of [
    ['of a newer format', (text: string) => text.replace(/("version" ?: ?"?)\d+/, '$199'), /newer|version/],
    [
      'of another program',
      (text: string) => text.replace(/("format" ?: ?")[^"]*/, '$1something-else'),
      /bundle of mrepl/,
    ],
    ['that needs what we cannot do', (text: string) => text.replace(/("features" ?: ?\[)/, '$1"teleport"'), /teleport/],
  ] as const) {
    test(`${what}: 65, and it says so`, async (t) => {
      const { home, cabin, stick } = await makeScene(t, '--plain');
      const bundle = bundleOn(stick);
      rewriteManifest(bundle, change, home);
      assertRefused(await cabin.run('import', stick), 65, word);
      assertRefused(await cabin.run('inspect', bundle), 65, word);
      assert.equal(messagesOf(cabin), 0);
    });
  }

  test('in which a paired host calls itself by the name of another: the report has the name it is paired under', async (t) => {
    const { home, cabin, stick } = await makeScene(t, '--plain');
    const bundle = bundleOn(stick);
    rewriteManifest(bundle, (text) => text.replace(/("from":\{"host":\d+,"name":")home/, '$1bank'), home);
    assert.match(await cabin.mrepl('import', stick, '--dry-run'), /from home/);
    await cabin.mrepl('peers', 'rename', 'home', 'house');
    assert.match(await cabin.mrepl('import', stick), /from house/);
    assert.match(await cabin.mrepl('log'), /from house/);
  });

  test('for another account: 77', async (t) => {
    const { directory, stick } = await makeScene(t, '--plain');
    const other = makeSite(directory, 'other');
    await other.mrepl('init', other.store, '--name', 'other', '--account', 'bob');
    assertRefused(await other.run('import', bundleOn(stick)), 77, 'alice');
    assert.equal(messagesOf(other), 0);
  });

  test('from a host with our own id: 77, and it says that a host was cloned', async (t) => {
    const { directory, home, stick } = await makeScene(t);
    const clone = makeSite(directory, 'clone', { uidList: true });
    spawnSync('cp', ['-aT', home.data, clone.data]);
    rmSync(clone.maildir, { recursive: true });
    spawnSync('cp', ['-aT', home.maildir, clone.maildir]);
    // The catalog names the store by its path; the clone is a machine of its own, with the same path.
    const aside = `${home.maildir}-aside`;
    renameSync(home.maildir, aside);
    renameSync(clone.maildir, home.maildir);
    home.put(letter('written by the clone'));
    await clone.mrepl('export', stick, '--full');
    rmSync(home.maildir, { recursive: true });
    renameSync(aside, home.maildir);
    home.put(letter('written by the original'));
    assertRefused(await home.run('import', stick), 77, /clone/);
  });

  test('several, one of them damaged: the good ones are used, 3', async (t) => {
    const { directory, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    third.put(letter('from the third host'));
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    flip(onlyBundleOf(stick, 'home'), 0.5);
    assertRefused(await cabin.run('import', stick), 3, 'home-000001.tar.zst');
    assert.equal(cabin.count('from the third host'), 1);
  });

  test('sealed to others: named by verify, which checks the rest; 77 where there is no rest', async (t) => {
    const { directory, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    const all = await third.run('verify', stick);
    assert.equal(all.status, 3, all.out + all.err);
    assert.match(all.err, /home-000001.*it is sealed, and not to this host/);
    assert.match(all.out, /third-000001.*intact/);
    assertRefused(await third.run('verify', onlyBundleOf(stick, 'home')), 77, 'not to this host');
    flip(onlyBundleOf(stick, 'third'), 0.5);
    assert.equal((await third.run('verify', stick)).status, 65);
  });

  test('several, one of them not to be read: the good ones are used, 3, and exports go on', async (t) => {
    const { directory, home, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    third.put(letter('from the third host'));
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    const closed = onlyBundleOf(stick, 'home');
    chmodSync(closed, 0);
    assertRefused(
      await unprivileged(cabin).run('import', stick),
      3,
      `${closed}: that is not permitted`,
      /^hint: Mend/m,
    );
    assert.equal(cabin.count('from the third host'), 1);
    assertRefused(await unprivileged(cabin).run('import', closed), 74, 'not permitted');
    const verified = await unprivileged(cabin).run('verify', stick);
    assertRefused(verified, 74, 'not permitted');
    assert.match(verified.out, /third-000001\.tar\.zst\.age: intact/);
    assert.match(await unprivileged(home).mrepl('export', stick), /exported home-000002/);
    chmodSync(closed, 0o600);
    await cabin.mrepl('import', stick);
    assert.equal(cabin.count('number'), 3);
  });

  test('companions that other systems leave beside a bundle are passed over', async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    const bundle = bundleOn(stick);
    writeFileSync(join(dirname(bundle), `._${basename(bundle)}`), 'Mac OS X');
    writeFileSync(join(dirname(bundle), '._home.card'), 'Mac OS X');
    for (const command of ['verify', 'sync', 'pair']) await cabin.mrepl(command, stick);
    await home.mrepl('sync', stick);
    assert.equal(cabin.count('number'), 3);
  });

  test('a good copy given as a file does as well as a directory', async (t) => {
    const { directory, home, cabin, stick } = await makeScene(t);
    const copy = join(directory, 'mail.tar.zst.age');
    copyFileSync(bundleOn(stick), copy);
    assert.match(await cabin.mrepl('inspect', copy), /INBOX/);
    assert.match(await cabin.mrepl('verify', copy, '--json'), /"ok":true/);
    await cabin.mrepl('import', copy);
    await cabin.mrepl('export', stick);
    await home.mrepl('import', stick);
    await assertAgreed([home, cabin]);
  });
});

describe('runs', () => {
  test('a run while another one goes on waits for it, or says so with 75', async (t) => {
    const { home, stick } = await makeScene(t);
    for (let number = 1; number <= 300; number++) home.put(letter(`more ${number}.`));
    const runs = [1, 2, 3, 4].map(() => home.start(['sync', stick]).ended);
    for (const { status, err } of await Promise.all(runs)) {
      assert.ok(status === 0 || status === 75, `${status}: ${err}`);
      if (status === 75) assert.match(err, /another run|is running|locked/);
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    test(`stopped by ${signal} at any moment, the next run finishes it`, async (t) => {
      const { home, cabin, stick } = await makeScene(t);
      for (let number = 1; number <= 150; number++) home.put(letter(`more ${number}.`, 'm'.repeat(500)));
      await home.mrepl('export', stick);
      const statuses = { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 } as const;
      for (const afterMs of [120, 180, 240, 300]) {
        const running = cabin.start(['import', stick]);
        const timer = setTimeout(() => running.kill(signal), afterMs);
        const { status, err } = await running.ended;
        clearTimeout(timer);
        assert.ok(status === 0 || status === statuses[signal], `${status}: ${err}`);
      }
      await cabin.mrepl('import', stick);
      assert.equal(cabin.count('more'), 150);
      await exchange([cabin, home], stick);
      await assertAgreed([home, cabin]);
      const spool = readdirSync(cabin.maildir, { recursive: true }).map(String);
      assert.deepEqual(
        spool.filter((name) => /\/tmp\/.|^tmp\/./.test(name)),
        [],
        'something was left in tmp',
      );
    });
  }

  test('an import that was stopped after the catalog was committed stands in the log', async (t) => {
    const { cabin, stick } = await makeScene(t);
    const place = join(cabin.data, 'mrepl', 'alice');
    const stopped = new AbortController();
    const session = await openSession({
      catalogPath: join(place, 'catalog.db'),
      keysPath: join(place, 'keys'),
      home: cabin.home,
      machineName: cabin.name,
      waitMs: 0,
      now: Date.now,
      listener: (event) => {
        if (event.kind === 'stage' && event.stage === 'apply')
          stopped.abort(new Failure('interrupted', 'stopped here'));
      },
      signal: stopped.signal,
    });
    const options = { dryRun: false, mailboxes: [], allowExpunge: false };
    await assert.rejects(importFrom(session, { directory: stick }, options), /stopped here/);
    await session.close();
    assert.equal(cabin.count('number'), 0);
    assert.match(await cabin.mrepl('import', stick), /nothing new to import/);
    assert.equal(cabin.count('number'), 3);
    assert.match(
      await cabin.mrepl('log'),
      /home-000001\.tar\.zst\.age from home: 3 new messages, 3 texts \(300 kB\)\n$/,
    );
  });

  test('a dry run changes nothing at all, and is what the import then does', async (t) => {
    const { cabin, stick } = await makeScene(t);
    cabin.put(letter('number 1.', incompressible(100_000, 1)));
    cabin.put(letter('only here'));
    mkdirSync(`${stick}-2`);
    await cabin.mrepl('export', `${stick}-2`); // gives the store a UIDVALIDITY, which is made of the time
    const snapshot = (): string =>
      spawnSync('bash', [
        '-c',
        `cd ${dirname(stick)} && find cabin/Maildir stick -type f -printf '%p %T@ %s\\n' | sort`,
      ]).stdout.toString();
    const before = snapshot();
    const planned = await cabin.json('import', stick, '--dry-run');
    const asked = await cabin.run('import', stick, '--dry-run', '--exit-code');
    assert.equal(asked.status, 2, asked.err);
    assert.equal(snapshot(), before);
    const done = await cabin.json('import', stick);
    const changes = (lines: typeof planned): string[] =>
      lines.filter(({ kind }) => kind === 'change').map((line) => JSON.stringify(line));
    assert.deepEqual(changes(planned), changes(done));
    assert.ok(changes(done).length >= 3);
    const again = await cabin.run('import', stick, '--dry-run', '--exit-code');
    assert.equal(again.status, 0, again.err);
  });

  test('quiet says nothing when all is well, and still says what is wrong', async (t) => {
    const { cabin, stick } = await makeScene(t);
    const quiet = await cabin.run('sync', stick, '--quiet');
    assert.deepEqual([quiet.status, quiet.out, quiet.err], [0, '', '']);
    flip(onlyBundleOf(stick, 'cabin'), 0.5);
    const missing = await cabin.run('import', join(stick, 'nothing'), '--quiet');
    assertRefused(missing, 66, 'nothing');
    assert.equal(missing.out, '');
  });
});

describe('hostile content', () => {
  test('names and subjects reach neither the terminal nor a path', async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    home.put('Subject: \x1b]0;owned\x07\x1b[2J\nMessage-ID: <../../../etc/x>\n\nbody\n', {
      base: '1600000000.M1P1.host,S=1,W=1',
    });
    home.put(letter('in a bad place'), { mailbox: 'a\x1b[31mred' });
    home.put(letter('upwards'), { mailbox: 'b&AAo-c' });
    const said: string[] = [];
    for (const args of [['export', stick, '--full'], ['status']]) {
      const { out, err } = await home.run(...args);
      said.push(out, err);
    }
    for (const args of [
      ['import', stick, '--dry-run', '--verbose'],
      ['import', stick, '--json'],
      ['status'],
      ['log'],
    ]) {
      const { out, err } = await cabin.run(...args);
      said.push(out, err);
    }
    for (const text of said) assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.equal(cabin.count('body'), 1);
  });
});

function flip(file: string, where: number): void {
  const bytes = readFileSync(file);
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * where));
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  chmodSync(file, 0o600);
  writeFileSync(file, bytes);
}

function zstd(file: string, content: Uint8Array): void {
  writeFileSync(file, zstdOf(content));
}

function zstdOf(content: Uint8Array): Buffer {
  const { stdout, status } = spawnSync('zstd', ['-q', '-c', `--stream-size=${content.length}`, '-'], {
    input: content,
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0);
  return stdout;
}

/** A bundle with another manifest, made by other tools: as by a program that we do not know. */
function rewriteManifest(bundle: string, change: (text: string) => string, { data }: Site): void {
  const { stdout: tar } = spawnSync('zstd', ['-dc', bundle], { maxBuffer: 1 << 30 });
  assert.match(tar.subarray(0, 100).toString('latin1'), /^bundle\.json\0/);
  const size = Number.parseInt(tar.subarray(124, 135).toString('latin1'), 8);
  const before = tar.subarray(512, 512 + size).toString('utf8');
  const after = change(before);
  assert.notEqual(after, before, `the manifest has no such field: ${before.slice(0, 300)}`);
  const content = Buffer.from(after);
  const header = Buffer.from(tar.subarray(0, 512));
  header.write(content.length.toString(8).padStart(11, '0'), 124, 'latin1');
  const sumEnd = header.toString('latin1', 154, 156); // writers differ in how they end the sum
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}${sumEnd}`, 148, 'latin1');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  const rest = tar.subarray(512 + Math.ceil(size / 512) * 512);
  assert.match(rest.subarray(0, 100).toString('latin1'), /^bundle\.sig\0/);
  const seed = /(?<=^# signing-seed: ).*/m.exec(readFileSync(join(data, 'mrepl', 'alice', 'keys'), 'utf8'));
  signDetached(signingKeyOf(Buffer.from(seed?.[0] ?? '', 'base64')), 'mrepl-bundle', content).copy(rest, 512);
  const end = rest.lastIndexOf('end.json\0');
  writeFileSync(
    bundle,
    Buffer.concat([
      zstdOf(Buffer.concat([header, content, padding, rest.subarray(0, end)])),
      zstdOf(rest.subarray(end)),
    ]),
  );
}

function isBundle(name: string): boolean {
  return /\.tar\.zst(?:\.age)?$/.test(name);
}

function onlyBundleOf(stick: string, host: string): string {
  const files = readdirSync(stick, { recursive: true }).map((name) => join(stick, String(name)));
  const [file, ...more] = files.filter((name) => name.includes(`/${host}-`) && isBundle(name));
  assert.ok(file !== undefined && more.length === 0);
  return file;
}
