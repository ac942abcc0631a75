import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Host, makeHost } from '../host.js';

/** A host without an account, whose configuration file says `toml`. */
function hostWith(t: TestContext, toml: string, env: Readonly<Record<string, string>> = {}): Host {
  const home = mkdtempSync(join(tmpdir(), 'mrepl-settings-'));
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, '.config', 'mrepl'), { recursive: true });
  writeFileSync(join(home, '.config', 'mrepl', 'config.toml'), toml);
  return makeHost({ name: 'home', home, store: `maildir:${home}/Maildir`, env });
}

/** The value and the origin of each setting, by its name. */
async function shown(
  host: Host,
  ...args: readonly string[]
): Promise<Map<string, readonly [unknown, unknown, unknown]>> {
  const lines = (await host.json('config', ...args)).filter(({ kind }) => kind === 'setting');
  return new Map(
    lines.map(({ command, key, value, from, origin }) => [
      command === null ? String(key) : `${String(command)}.${String(key)}`,
      [value, from, origin],
    ]),
  );
}

test('config shows each setting, its value, and where it came from', async (t) => {
  const host = hostWith(t, 'account = "alice"\nmax-size = "2G"\n[sync]\nmax-size = "700M"\n[doctor]\ndeep = true\n', {
    MREPL_DELETE_MAX: '5%',
  });
  const settings = await shown(host, '--account', 'work');
  assert.deepEqual(settings.get('account'), ['work', 'option', '--account']);
  assert.deepEqual(settings.get('max-size'), ['2G', 'file', 'max-size']);
  assert.deepEqual(settings.get('sync.max-size'), ['700M', 'file', 'sync.max-size']);
  assert.deepEqual(settings.get('doctor.deep'), [true, 'file', 'doctor.deep']);
  assert.deepEqual(settings.get('delete-max'), ['5%', 'environment', 'MREPL_DELETE_MAX']);
  assert.deepEqual(settings.get('texts'), ['unseen', 'default', null]);
  assert.deepEqual(settings.get('doveadm'), [['doveadm'], 'default', null]);
  const text = await host.mrepl('config');
  assert.match(text, /^settings of \/.*\/\.config\/mrepl\/config\.toml$/m);
  assert.match(text, /^SETTING +VALUE +FROM$/m);
  assert.match(text, /^delete-max +5% +MREPL_DELETE_MAX$/m);
  assert.match(text, /^sync\.max-size +700M +the file$/m);
  assert.doesNotMatch(text, /restore\.all/);
  assert.match(await host.mrepl('config', '--verbose'), /^restore\.all +false +built in$/m);
});

test('an option that is set holds as if it had been typed, and what is typed wins', async (t) => {
  const host = hostWith(t, 'quiet = true\njson = true\n[log]\nlines = 0\n');
  assert.match(await host.mrepl('config'), /^\{"schema":1,"kind":"setting","command":null,"key":"account"/);
  assert.match(await host.mrepl('config', '--no-json'), /^settings of /);
  const { status, err } = await host.run('log');
  assert.equal(status, 78);
  assert.match(err, /"log\.lines" in .*config\.toml cannot be "0": It must be a whole number above 0\./);
});

test('quiet at the top of the file silences runs, and no command that only shows something', async (t) => {
  const host = hostWith(t, 'quiet = true\n[log]\nquiet = true\n');
  assert.equal(await host.mrepl('init', host.store, '--yes'), '');
  assert.match(await host.mrepl('status'), /^account alice/);
  assert.equal(await host.mrepl('status', '--quiet'), '');
  assert.equal(await host.mrepl('log'), '');
  const { status, out } = await host.run('sync', '--json', join(host.home, 'nowhere'));
  assert.equal(status, 66);
  assert.match(out, /^\{"schema":1,"kind":"sync",.*"failure":\{"code":"medium-absent"/);
});

test('a setting that nobody knows is told with the right one, and a file that cannot be read names the line', async (t) => {
  const host = hostWith(t, 'delet-max = 5\n');
  assert.match((await host.run('config')).err, /"delet-max" is no setting .*: did you mean "delete-max"\?/);
  const broken = hostWith(t, 'account = alice\n');
  const { status, err } = await broken.run('config');
  assert.equal(status, 78);
  assert.match(err, /config\.toml is not TOML: line 1, column 11/);
  assert.equal((await broken.run('help', 'sync')).status, 0, 'help needs no configuration');
});

test('doctor names a safeguard that the file lifts for good', async (t) => {
  const host = hostWith(t, 'allow-expunge = true\n');
  const { out } = await host.run('doctor');
  assert.match(out, /"allow-expunge" is set for every run: nothing stops a run that expunges most of the mail/);
});
