import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mreplProgram } from '../host.js';
import { letter, makeSite, scratch } from './site.js';

// Only root can be led astray like this, and only root can make these files: run by anybody else the tests say that the same run goes through.

const isRoot = process.getuid?.() === 0;
/** Of Debian, and of most others: `nobody`, who owns no file. */
const other = 65534;

function give(path: string): void {
  if (isRoot) for (const each of [path, ...below(path)]) chownSync(each, other, other);
}

function below(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name));
}

test('root is refused in the store of another user, before anything is opened, with what to do', async (t) => {
  const directory = scratch(t);
  const site = makeSite(directory, 'home');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  site.put(letter('first'));
  give(site.maildir);
  const init = await site.run('init', site.store);
  if (!isRoot) return assert.equal(init.status, 0);
  assert.equal(init.status, 78);
  assert.match(init.err, /belongs to nobody, and root does not work in the mail of another user; nothing was opened/);
  assert.match(init.err, /runuser -u nobody -- mrepl \.\.\. \(in a systemd unit: User=nobody\)/);
  assert.doesNotMatch(init.err, /catalog/);
  assert.equal(existsSync(site.data), false);
  chownSync(site.maildir, 0, 0);
  const inner = await site.run('init', site.store);
  assert.equal(inner.status, 78, 'also where only what is in it is theirs');
});

test('root with a catalog of another user`s store hears how it is given to that user, and that works', async (t) => {
  if (!isRoot) return assert.ok(other !== process.getuid?.());
  const directory = scratch(t);
  const site = makeSite(directory, 'home');
  const stick = join(directory, 'stick');
  mkdirSync(stick, { mode: 0o777 });
  site.put(letter('first'));
  await site.mrepl('init', site.store);
  give(site.maildir);
  for (const args of [['sync', stick], ['import', stick], ['doctor']]) {
    const { status, out, err } = await site.run(...args);
    assert.notEqual(status, 0, `${args}: ${out}`);
    assert.match(out + err, /root does not work in the mail of another user/);
  }
  const { err } = await site.run('export', stick);
  const account = join(site.data, 'mrepl', 'alice');
  assert.match(
    err,
    new RegExp(`mv ${account} \\S+/.local/share/mrepl/ && chown -R nobody: \\S+/.local/share/mrepl/alice`),
  );
  // What the sentence says, but into a home that this test may use.
  const home = join(directory, 'theirs');
  const data = join(home, '.local', 'share');
  mkdirSync(join(data, 'mrepl'), { recursive: true, mode: 0o700 });
  renameSync(account, join(data, 'mrepl', 'alice'));
  for (const path of [home, stick]) give(path);
  chownSync(directory, other, other);
  const as = ['setpriv', `--reuid=${other}`, `--regid=${other}`, '--clear-groups', '--', ...mreplProgram];
  const theirs = makeSite(directory, 'home', { program: ['env', `XDG_DATA_HOME=${data}`, ...as] });
  give(site.home);
  assert.match(await theirs.mrepl('export', stick, '--plain'), /exported/);
});
