import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { programFor } from '../../src/cli/build-program.js';
import { checkout } from '../fixture-maildir.js';
import { jsonLines, makeHost } from '../host.js';

const home = mkdtempSync(join(tmpdir(), 'mrepl-usage-'));
const host = makeHost({ name: 'home', home, store: 'maildir:none' });
after(() => rmSync(home, { recursive: true }));

const commands = ['init', 'export', 'import', 'sync', 'forget', 'status', 'inspect', 'verify', 'log', 'help'];

test('--version says what package.json says', async () => {
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  assert.deepEqual(await spoken('--version'), { status: 0, out: `${version}\n`, err: '' });
});

test('--help lists every command, and what to do first', async () => {
  const { status, out, err } = await spoken('--help');
  assert.equal(status, 0);
  assert.equal(err, '');
  for (const command of commands) assert.match(out, new RegExp(`^ {2}${command}\\b.* {2}\\w`, 'm'));
  assert.match(out, /First steps:\n {2}\$ mrepl init --name home/);
  assert.deepEqual(await spoken('help'), { status, out, err });
});

for (const command of commands) {
  test(`${command} --help has its options, the common ones, and an example`, async () => {
    const { status, out, err } = await spoken(command, '--help');
    assert.equal(status, 0);
    assert.equal(err, '');
    assert.match(out, new RegExp(`^Usage: mrepl ${command}\\b`));
    assert.match(out, /\n {2}--json /);
    assert.match(out, new RegExp(`\\nExamples:\\n( {2}\\$ .*\\n)*.*mrepl ${command}\\b`));
    assert.ok(
      out.split('\n').every((line) => line.length <= 110),
      'a line is too long',
    );
    assert.deepEqual(await spoken('help', command), { status, out, err });
  });
}

test('on a narrow terminal explanations are broken between words', () => {
  const program = programFor(async () => undefined, { out: () => {}, err: () => {}, version: '1', columns: 60 });
  for (const command of [program, ...program.commands]) {
    for (const line of command.helpInformation().split('\n').slice(1)) {
      assert.ok(line.length <= 60, `${command.name()}: ${line}`);
    }
  }
});

test('no command at all: where things stand, and what to do next', async () => {
  const { status, out, err } = await spoken();
  assert.equal(status, 0);
  assert.match(out, /^No account is set up on this host yet\. To begin:\n {2}mrepl init /);
  assert.equal(err, '');
});

const mistakes: readonly (readonly [args: readonly string[], message: string, hint: string])[] = [
  [['exprt', 'x'], "unknown command 'exprt'", 'Did you mean export?'],
  [['peers', 'revok', 'x'], "peers: unknown command 'revok'", 'Did you mean peers revoke?'],
  [['peers', 'zzz'], "peers: unknown command 'zzz'", 'See mrepl peers --help.'],
  [['peer'], "unknown command 'peer'", 'Did you mean peers?'],
  [['unpair', 'x'], "unknown command 'unpair'", 'Did you mean peers revoke?'],
  [['push'], "unknown command 'push'", 'Did you mean export?'],
  [['stat'], "unknown command 'stat'", 'Did you mean status?'],
  [['help', 'crn'], 'there is no help on "crn": neither a command nor a topic', 'Did you mean mrepl help cron?'],
  [
    ['peers', 'limit', 'x', 'apend'],
    "peers: command-argument value 'apend' is invalid for argument 'right'. Allowed choices are read, append, full.",
    'Did you mean append?',
  ],
  [['frobnicate'], "unknown command 'frobnicate'", 'See mrepl --help.'],
  [['export'], "export: missing required argument 'dir'", 'See mrepl export --help.'],
  [
    ['export', 'a', 'b'],
    "export: too many arguments for 'export'. Expected 1 argument but got 2.",
    'See mrepl export --help.',
  ],
  [['sync', '--dryrun', 'x'], "sync: unknown option '--dryrun'", 'Did you mean --dry-run?'],
  [
    ['export', '--texts', 'some', 'x'],
    "export: option '--texts <which>' argument 'some' is invalid. Allowed choices are always, unseen, never.",
    'See mrepl export --help.',
  ],
  [
    ['status', '-q', '-v'],
    "status: option '-q, --quiet' cannot be used with option '-v, --verbose'",
    'See mrepl status --help.',
  ],
  [
    ['log', '-n', '0'],
    "log: option '-n, --lines <count>' argument '0' is invalid. It must be a whole number above 0.",
    'See mrepl log --help.',
  ],
  [
    ['help', 'nothing'],
    'there is no help on "nothing": neither a command nor a topic',
    'See mrepl --help for the commands.',
  ],
  [['sync'], 'no directory to sync with was given', 'Name one, or set "directories" in the configuration file.'],
  [['init', 'x', '--account', ''], '--account needs the name of an account', ''],
];

for (const [args, message, hint] of mistakes) {
  test(`usage: mrepl ${args.join(' ')}`, async () => {
    const told = hint === '' ? '' : `hint: ${hint}\n`;
    assert.deepEqual(await spoken(...args), { status: 64, out: '', err: `mrepl: ${message}\n${told}` });
    const { status, out, err } = await spoken(...args, '--json');
    assert.equal(status, 64);
    assert.equal(err, '');
    assert.deepEqual(jsonLines(out), [
      { kind: 'error', code: 'usage', message, hint: hint === '' ? null : hint, status: 64 },
    ]);
  });
}

test('hints are sentences', () => {
  const sources = readdirSync(join(checkout, 'src'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'));
  let hints = 0;
  for (const name of sources) {
    const source = readFileSync(join(checkout, 'src', name), 'utf8');
    for (const [, beginning = ''] of source.matchAll(/\bhint(?::| =)\s+(?:[^'"`;}]*\?)?\s*['"`]([A-Za-z])/g)) {
      hints++;
      assert.match(beginning, /[A-Z]/, `${name}: a hint begins with "${beginning}"`);
    }
  }
  assert.ok(hints > 30, `only ${hints} hints were found`);
});

test('--exit-code belongs to a dry run', async () => {
  const { status, err } = await spoken('import', '--exit-code', 'x');
  assert.equal(status, 64);
  assert.match(err, /^mrepl: option --exit-code .* it needs --dry-run\n$/);
});

test('what was typed comes back harmless', async () => {
  const { status, err } = await spoken('\u001b[2J\u202e');
  assert.equal(status, 64);
  assert.equal(err, "mrepl: unknown command '\\x1b[2J\\u202e'\nhint: See mrepl --help.\n");
});

async function spoken(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const { status, out, err } = await host.run(...args);
  return { status, out, err };
}
