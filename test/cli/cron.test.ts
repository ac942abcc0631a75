import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeSite, type Site, scratch } from '../end-to-end/site.js';
import { makeHost, pairAll } from '../host.js';

/** Where a user's units are, for a host without XDG directories of its own. */
function unitsOf(site: Site): string {
  return join(site.home, '.config', 'systemd', 'user');
}

/** A host with the accounts named, and no systemd that would answer. */
async function hostWith(t: TestContext, ...accounts: readonly string[]): Promise<Site> {
  const site = makeSite(scratch(t), 'home');
  for (const account of accounts) await site.mrepl('init', site.store, '--name', 'home', '--account', account);
  return { ...site, ...makeHost({ ...site, env: { ...site.env, XDG_RUNTIME_DIR: site.home } }) };
}

/** The files that `mrepl help cron` shows, by the names it gives them. */
function shownUnits(help: string): Map<string, string> {
  const parts = help.split(/^(?:~\/\.config\/systemd\/user|\/etc\/systemd\/system)\/(\S+):\n\n/m).slice(1);
  const files = new Map<string, string>();
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const text = (parts[at + 1] ?? '').split(/\n\n(?=By hand:|Then, for each user|systemd, for several)/)[0] ?? '';
    files.set(parts[at] ?? '', `${text.trimEnd()}\n`);
  }
  return files;
}

test('systemd finds nothing wrong with the units that help cron shows', async (t) => {
  const host = await hostWith(t, 'alice', 'work');
  const files = shownUnits(await host.mrepl('help', 'cron'));
  assert.deepEqual(
    [...files.keys()],
    ['mrepl.service', 'mrepl.timer', 'mrepl.path', 'mrepl@.service', 'mrepl@.timer', 'mrepl@.path'],
  );
  assert.match(
    files.get('mrepl.service') ?? '',
    /^ExecStart=\S+ \S+ sync --all-accounts --quiet --if-present \/media/m,
  );
  assert.match(files.get('mrepl@.service') ?? '', /^User=%i$/m);
  const directory = join(host.home, 'units');
  mkdirSync(directory);
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
  for (const [scope, names] of [
    ['--user', ['mrepl.service', 'mrepl.timer', 'mrepl.path']],
    ['--system', ['mrepl@.service', 'mrepl@.timer', 'mrepl@.path']],
  ] as const) {
    const paths = names.map((name) => join(directory, name));
    const env = { ...process.env, XDG_RUNTIME_DIR: host.home, SYSTEMD_LOG_LEVEL: 'warning' };
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', scope, '--man=no', ...paths], {
      encoding: 'utf8',
      env,
    });
    // What it says of other units of this machine is not ours.
    assert.equal(
      stderr
        .split('\n')
        .filter((line) => line.includes('mrepl'))
        .join('\n'),
      '',
      scope,
    );
    assert.equal(status, 0, stderr);
  }
});

test('cron --install puts the units that it shows in place, says what is left to do, and --remove takes them away', async (t) => {
  const host = await hostWith(t, 'alice');
  const shown = shownUnits(await host.mrepl('cron'));
  mkdirSync(unitsOf(host), { recursive: true });
  writeFileSync(join(unitsOf(host), 'mrepl.timer'), '[Timer]\nOnCalendar=daily\n');
  const { status, out } = await host.run('help', 'cron', '--install');
  assert.equal(status, 3, 'systemd was not told');
  assert.match(out, /^installed in \S+\/systemd\/user: mrepl\.service, mrepl\.timer and mrepl\.path$/m);
  assert.match(out, /^what was there before is kept as mrepl\.timer\.old$/m);
  assert.match(
    out,
    /^systemd was not told: .+\. To tell it:\n +systemctl --user daemon-reload\n +systemctl --user enable/m,
  );
  assert.match(out, /^ +mrepl cron --remove +# undoes this$/m);
  for (const name of ['mrepl.service', 'mrepl.timer', 'mrepl.path']) {
    assert.equal(readFileSync(join(unitsOf(host), name), 'utf8'), shown.get(name), name);
  }
  assert.match(
    (await host.run('cron', '--remove')).out,
    /^removed from .*: mrepl\.service, mrepl\.timer and mrepl\.path$/m,
  );
  assert.deepEqual(readdirSync(unitsOf(host)), ['mrepl.timer.old']);
  assert.match(await host.mrepl('cron', '--remove'), /^nothing is there of mrepl in /m);
});

test('cron --install is refused where no account is set up, and leaves nothing', async (t) => {
  const host = await hostWith(t);
  assert.equal((await host.run('cron', '--install')).status, 78);
  assert.ok(!existsSync(unitsOf(host)));
});

test('sync --all-accounts goes on with the next account where one is in trouble', async (t) => {
  const host = await hostWith(t, 'alice', 'work');
  const stick = scratch(t);
  assert.equal((await host.run('sync', stick)).status, 64, 'which account is not said');
  const { status, err } = await host.run('sync', '--all-accounts', stick, '--plain', '--config', '/dev/null');
  assert.equal(status, 78, err);
  writeFileSync(join(host.data, 'mrepl', 'work', 'catalog.db'), 'no catalog\n');
  const partly = await host.run('sync', '--all-accounts', stick, '--plain');
  assert.equal(partly.status, 3);
  assert.match(partly.out, /exported home-000001/);
  assert.match(partly.err, /work\/catalog\.db/);
  assert.deepEqual(readdirSync(join(stick, 'mrepl')).sort(), ['README.txt', 'alice', 'medium.id']);
});

test('--exec runs after an import that changed something, and --notify tells when a stick is done', async (t) => {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  home.put('Subject: one\n\none\n');
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  await pairAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  await home.mrepl('sync', stick);
  const ran = join(directory, 'ran');
  const hooks = [
    '--exec',
    `mrepl_store=$HOME; echo "new mail in $mrepl_store" | tee -a ${ran}`,
    '--notify',
    `echo >>${ran}`,
  ];
  const said = await cabin.mrepl('sync', stick, ...hooks);
  assert.match(said, new RegExp(`^new mail in ${cabin.home}$`, 'm'));
  assert.equal(readFileSync(ran, 'utf8'), `stick: done\nnew mail in ${cabin.home}\n`);
  assert.equal(await cabin.mrepl('sync', stick, '--quiet', ...hooks), '');
  assert.equal(readFileSync(ran, 'utf8').split('\n').length, 3, 'nothing was new, and nothing runs or is told');
  const others = ['second', 'third'].map((name) => join(directory, name));
  for (const other of others) mkdirSync(other);
  const untold = await cabin.run('sync', ...others, '--quiet', '--notify', `f() { echo "$1" >> ${ran}; false; }; f`);
  assert.equal(untold.status, 3);
  assert.match(untold.err, /^mrepl: the command of --notify ended with status 1; the exchange itself was finished$/m);
  assert.match(readFileSync(ran, 'utf8'), /\nsecond: done\nthird: done\n$/);
  const failing = await cabin.run('sync', stick, '--exec', 'exit 9');
  assert.equal(failing.status, 0, 'nothing was imported');
  home.put('Subject: two\n\ntwo\n');
  await home.mrepl('sync', stick);
  const { status, err } = await cabin.run('import', stick, '--quiet', '--exec', 'echo of the index; exit 9');
  assert.equal(status, 3);
  assert.match(
    err,
    /^of the index\nmrepl: the command of --exec ended with status 9; the exchange itself was finished$/m,
  );
  assert.equal(cabin.count('Subject: two'), 1);
});
