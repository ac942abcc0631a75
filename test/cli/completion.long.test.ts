import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkout } from '../fixture-maildir.js';
import { makeHost, mreplProgram, pairAll } from '../host.js';

const top = mkdtempSync(join(tmpdir(), 'mrepl-completion-'));
const hosts = ['home', 'cabin'].map((name) => {
  const home = join(top, name);
  return makeHost({ name, home, store: `maildir:${join(home, 'Maildir')}` });
});
const [home] = hosts;
const bin = join(top, 'bin');
const stick = join(top, 'stick');
const work = join(top, 'work');
const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

after(() => rmSync(top, { recursive: true }));
before(async () => {
  for (const directory of [bin, stick, work, join(work, 'deep'), join(top, 'home', '.config', 'mrepl')]) {
    mkdirSync(directory, { recursive: true });
  }
  writeFileSync(join(work, 'some.file'), '');
  writeFileSync(join(bin, 'mrepl'), `#!/bin/sh\nexec ${mreplProgram.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(join(bin, 'mrepl'), 0o755);
  for (const host of hosts) {
    makeMaildir(join(host.home, 'Maildir'));
    for (const name of ['Lists', 'My Mail', 'a:b']) makeMaildir(join(host.home, 'Maildir', `.${name}`));
    await host.mrepl('init', host.store, '--name', host.name);
  }
  await pairAll(hosts);
  await home?.mrepl('export', stick);
  await home?.mrepl('init', `maildir:${join(top, 'home', 'Maildir')}`, '--name', 'home', '--account', 'second');
  writeFileSync(join(top, 'home', '.config', 'mrepl', 'config.json'), JSON.stringify({ directories: [stick] }));
  for (const shell of shells)
    writeFileSync(join(top, `script.${shell}`), (await home?.mrepl('completion', shell)) ?? '');
});

/** How a test asks a shell for the completions of a line, which ends where the cursor is; one is printed a line. */
const askers: Readonly<Record<Shell, (line: string) => readonly string[]>> = {
  bash: (line) => [
    '--norc',
    '--noprofile',
    '-c',
    // bash itself takes a line apart at blanks, at "=" and at ":".
    `. "$TOP/script.bash"; complete -p mrepl >/dev/null || exit 9; line=\${1//=/ = }; read -ra COMP_WORDS <<<"\${line//:/ : }"
     COMP_WORDBREAKS=$' \\t\\n=:'; [[ $1 == *[\\ =] && $1 != *= ]] && COMP_WORDS+=("")
     COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _mrepl; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'bash',
    line,
  ],
  // A terminal of its own, in which a list of all completions is shown at the first tab.
  zsh: (line) => [
    '-f',
    '-c',
    `zmodload zsh/zpty
     zpty shell zsh -f -i
     zpty -w shell 'PS1=; stty -echo columns 60 rows 500; autoload -U compinit; compinit -u -d $TOP/zsh.dump; . $TOP/script.zsh
       compadd() { local -a hits; builtin compadd -O hits "$@"; (( $#hits )) && print -l -- $hits >>$TOP/zsh.out; builtin compadd "$@" }
       finish() { zle list-choices; exit }; zle -N finish; bindkey "^I" finish; print rea''dy'
     zpty -r -m shell seen '*ready*'
     : >$TOP/zsh.out
     zpty -w -n shell "$1"$'\\t'
     zpty -r -m shell seen '*never*'
     cat $TOP/zsh.out`,
    'zsh',
    line,
  ],
  fish: (line) => ['--no-config', '-c', `source $TOP/script.fish; complete -C ${JSON.stringify(line)}`],
};

function makeMaildir(path: string): void {
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
}

function completions(shell: Shell, line: string): string[] {
  const env = { ...home?.env, PATH: `${bin}:${process.env.PATH}`, TOP: top, TERM: 'xterm' };
  const out = execFileSync(shell, askers[shell](line), { cwd: work, env, encoding: 'utf8', timeout: 60_000 });
  return [...new Set(out.split('\n').map((each) => (each.split('\t')[0] ?? '').replace(/^--account=/, '')))]
    .filter((each) => each !== '')
    .sort();
}

const lines: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ['mrepl sy', ['sync']],
  ['mrepl peers re', ['rename', 'revoke']],
  ['mrepl sync --te', ['--texts']],
  ['mrepl --account alice sync --texts ', ['always', 'never', 'unseen']],
  ['mrepl peers limit cabin ', ['append', 'full', 'read']],
  ['mrepl help tr', ['trust']],
  ['mrepl completion ', ['bash', 'fish', 'zsh']],
  ['mrepl peers rename ', []],
  ['mrepl status --account ', ['alice', 'second']],
  ['mrepl status --account=al', ['alice']],
  ['mrepl --account alice peers revoke ', ['cabin']],
  ['mrepl peers revoke --account=alice ', ['cabin']],
  ['mrepl --account alice sync --mailbox Li', ['Lists']],
  ['mrepl --account alice sync --mailbox M', ['My Mail']],
  ['mrepl inspect so', ['some.file']],
  ['mrepl init maildir:~/Maildir --na', ['--name']],
];

for (const shell of shells) {
  test(`${shell} completes commands, options, choices and names`, () => {
    for (const [line, expected] of lines) assert.deepEqual(completions(shell, line), expected, line);
  });
}

test('bash completes what stands behind a colon, which it takes for a word of its own', () => {
  assert.deepEqual(completions('bash', 'mrepl --account alice sync --mailbox a'), ['a:b']);
  assert.deepEqual(completions('bash', 'mrepl --account alice sync --mailbox a:'), ['b']);
});

test('bundles on the sticks of the configuration are names, too, and none where the stick is elsewhere', async () => {
  const folder = join(stick, 'mrepl', 'alice');
  const bundles = readdirSync(folder).filter((name) => /-\d+\./.test(name));
  assert.equal(bundles.length, 1);
  assert.equal(await home?.mrepl('completion', 'names', 'bundles'), `${join(folder, bundles[0] ?? '')}\n`);
  const [, cabin] = hosts;
  assert.equal(await cabin?.mrepl('completion', 'names', 'bundles'), '');
});

test('bundles whose expunges can be undone are names for restore, by their file names', async () => {
  const [, cabin] = hosts;
  const message = join(top, 'home', 'Maildir', 'cur', '1.a.b:2,S');
  writeFileSync(message, 'Subject: soon gone\n\nText.\n');
  await home?.mrepl('export', stick, '--account', 'alice');
  await cabin?.mrepl('import', stick);
  rmSync(message);
  await home?.mrepl('export', stick, '--account', 'alice', '--allow-expunge');
  await cabin?.mrepl('import', stick, '--allow-expunge');
  assert.match((await cabin?.mrepl('completion', 'names', 'bundles-to-restore')) ?? '', /^home-\d+[\w.]*\n$/);
  const script = (await home?.mrepl('completion', 'bash')) ?? '';
  assert.match(script, /'restore:--bundle'\) printf '%s\\n' 'names bundles-to-restore'/);
});

test('the command that lists names is not shown', async () => {
  assert.doesNotMatch((await home?.mrepl('completion', '--help')) ?? '', /names/);
  for (const shell of shells) assert.ok(!completions(shell, 'mrepl completion ').includes('names'));
});

test('a topic that has a manual page says where it is, where there is no terminal', async () => {
  for (const [topic, page] of [
    ['trust', 'mrepl-trust.7'],
    ['mrepl-sync', 'mrepl-sync.7'],
  ] as const) {
    const path = join(checkout, 'man', page);
    assert.equal(await home?.mrepl('help', topic), `The manual page is ${path}. To read it:\n  man ${path}\n`);
  }
});
