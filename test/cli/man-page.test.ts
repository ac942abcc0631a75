import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Option } from 'commander';
import { programFor } from '../../src/cli/build-program.js';
import { exitStatus, statusOfFailure } from '../../src/cli/context/exit-status.js';
import { commonOptionList } from '../../src/cli/options/common-options.js';
import { typedKeys } from '../../src/config/typed-settings.js';
import type { FailureCode } from '../../src/failure.js';
import { outputKinds } from '../../src/terminal/json/schema/output-schema.js';
import { checkout } from '../fixture-maildir.js';
import { everyJsonObject } from '../terminal/json/every-json-object.js';

const file = join(checkout, 'man', 'mrepl.1');
const page = readFileSync(file, 'utf8')
  .replace(/\\f./g, '')
  .replaceAll('\\-', '-')
  .replaceAll('\\&', '')
  .replaceAll('\\(aq', "'");
const program = programFor(async () => undefined, {
  out: () => undefined,
  err: () => undefined,
  version: '1',
  columns: 80,
});

/** The text between a heading (`.SH` or `.SS`) and the next of its rank or above. */
function section(heading: string): string {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line === `.SH ${heading}` || line === `.SS ${heading}`);
  assert.ok(start >= 0, `no section ${heading}`);
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) =>
    lines[start]?.startsWith('.SS') ? /^\.S[HS] /.test(line) : /^\.SH /.test(line),
  );
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The tagged paragraphs (`.TP`) of a section: tag and text. */
function paragraphs(text: string): Map<string, string> {
  return new Map(
    text
      .split(/^\.TP\n/m)
      .slice(1)
      .map((paragraph) => {
        const [tag = '', ...body] = paragraph.split('\n');
        return [tag.replace(/^\.[A-Z]+ /, ''), body.join('\n')] as const;
      }),
  );
}

function optionsIn(text: string): string[] {
  return [...paragraphs(text).keys()].filter((tag) => tag.startsWith('-')).sort();
}

/** `-n, --lines <count>` as man pages write it: `-n, --lines COUNT`. */
function inManStyle({ flags }: Option): string {
  return flags.replace(/<(\w+)>/, (_, name: string) => name.toUpperCase());
}

test('every command has a section with its options, and no others', () => {
  for (const command of program.commands) {
    const [argument] = command.registeredArguments;
    const name =
      argument === undefined ? '' : ` ${(argument.name().split('|').at(-1) ?? '').replace('...', '').toUpperCase()}`;
    const options = command.options
      .filter(({ hidden }) => !hidden)
      .map(inManStyle)
      .sort();
    const heading = [`mrepl ${command.name()}${name}`, `mrepl ${command.name()} DIR`].find((candidate) =>
      page.includes(`\n.SS ${candidate}\n`),
    );
    assert.ok(heading !== undefined, `mrepl ${command.name()} has no section`);
    assert.deepEqual(optionsIn(section(heading)), options, heading);
  }
  const sections = [...page.matchAll(/^\.SS mrepl (\w+)/gm)].map((match) => match[1]);
  assert.deepEqual(sections.sort(), program.commands.map((command) => command.name()).sort());
});

test('the common options are all there', () => {
  const expected = [...commonOptionList().map(inManStyle), '-V, --version', '-h, --help'].sort();
  assert.deepEqual(optionsIn(section('COMMON OPTIONS')), expected);
});

test('the exit statuses are those of the program', () => {
  const codes: Readonly<Record<FailureCode, true>> = {
    usage: true,
    config: true,
    'bundle-damaged': true,
    'bundle-not-understood': true,
    'bundle-not-for-us': true,
    untrusted: true,
    unpaired: true,
    revoked: true,
    identity: true,
    'store-absent': true,
    'store-damaged': true,
    'not-taken': true,
    'medium-absent': true,
    'medium-lost': true,
    'medium-full': true,
    'cannot-create': true,
    io: true,
    locked: true,
    guard: true,
    interrupted: true,
    internal: true,
  };
  const statuses = new Set<number>([
    ...Object.values(exitStatus),
    ...(Object.keys(codes) as FailureCode[]).map((code) => statusOfFailure(code)),
    statusOfFailure('interrupted', 'SIGTERM'),
  ]);
  assert.deepEqual([...paragraphs(section('EXIT STATUS')).keys()], [...statuses].sort((a, b) => a - b).map(String));
});

test('every kind of JSON line is described, with every key', () => {
  const described = paragraphs(section('JSON OUTPUT'));
  for (const { kind, ...keys } of everyJsonObject()) {
    const text = kind === 'change' ? changeText(String(keys.change)) : described.get(kind);
    assert.ok(text !== undefined, `${kind} is not described`);
    for (const key of Object.keys(keys)) {
      if (kind === 'change' && (key === 'mailbox' || key === 'change')) continue;
      assert.match(text, new RegExp(`\\b${key}\\b`), `${kind} ${String(keys.change ?? '')}: ${key} is not described`);
    }
  }

  assert.deepEqual([...outputKinds].filter((kind) => !described.has(kind) && kind !== 'revoked').sort(), []);

  function changeText(change: string): string | undefined {
    const [, text] = [...described].find(([tag]) => tag.split(/[", ]+/).includes(change)) ?? [];
    return text;
  }
});

test('the settings and variables that are read are described', () => {
  const read = [
    'config/load-config.ts',
    'config/config-paths.ts',
    'terminal/streams/terminal-capabilities.ts',
    'cli/main.ts',
  ]
    .map((path) => readFileSync(join(checkout, 'src', path), 'utf8'))
    .join('\n');
  const variables = new Set(
    [...read.matchAll(/\benv\.([A-Z_]+)|'(XDG_[A-Z_]+)'/g)].map((match) => match[1] ?? match[2]),
  );
  assert.ok(variables.size >= 8, 'the sources are not read right');
  for (const name of variables) assert.match(section('ENVIRONMENT'), new RegExp(`\\b${name}\\b`));
  for (const name of Object.values(typedKeys))
    assert.match(section('CONFIGURATION'), new RegExp(`^\\.B ${name}$`, 'm'));
});

const pages = readdirSync(join(checkout, 'man')).sort();

for (const name of pages) {
  test(`${name} is well formed`, () => {
    const path = join(checkout, 'man', name);
    const { status, stdout, stderr, error } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-K', 'utf8', path], {
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'groff is needed');
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`${name.split('.')[0]} +[‐-] `));
  });

  test(`${name} is as mandoc wants it`, () => {
    const path = join(checkout, 'man', name);
    const { status, stdout, stderr, error } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', path], {
      encoding: 'utf8',
    });
    assert.equal(error, undefined, 'mandoc is needed');
    assert.equal(stdout + stderr, '');
    assert.equal(status, 0);
  });

  test(`${name} is installed, and refers to all others at its end`, () => {
    const { man } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { man: string[] };
    assert.ok(man.includes(`man/${name}`));
    const text = readFileSync(join(checkout, 'man', name), 'utf8').replaceAll('\\-', '-');
    const end = text.slice(text.indexOf('\n.SH SEE ALSO\n'));
    for (const other of pages.filter((page) => page !== name)) {
      const [title, part] = other.split('.');
      assert.match(end, new RegExp(`^\\.BR ${title} \\(${part}\\)`, 'm'));
    }
  });
}

/** Messages as the pages show them: X, Y and ... stand for what varies. */
test('what mrepl-trust says a refusal reads like is what it reads like', () => {
  const sources = [
    'flow/import/authorise-sender',
    'flow/peers/equivocation/hosts-that-told-two-stories',
    'flow/peers/equivocation/clone-detection',
    'flow/identity/pair-hosts',
    'merge/join/join-news-of-all-bundles',
    'trust/age/decrypt',
    'trust/identity/identity-card',
    'bundle/read/open-bundle',
    'bundle/read/read-record-files',
    'bundle/read/read-texts',
  ];
  const code = sources.map((name) => readFileSync(join(checkout, 'src', `${name}.ts`), 'utf8')).join('\n');
  const trust = readFileSync(join(checkout, 'man', 'mrepl-trust.7'), 'utf8')
    .replace(/\\f./g, '')
    .replaceAll('\\-', '-');
  const said = [...trust.matchAll(/^\.(?:TP|TQ)\n\.BR? (.*)$/gm)]
    .flatMap(([, tag = '']) => tag.split('" ", " "'))
    .map((tag) => tag.replaceAll('"', ''))
    .filter((tag) => tag.includes(' '));
  assert.ok(said.length >= 14, said.join('\n'));
  for (const message of said) {
    const parts = message
      .split(/\b[XY]\b|\.\.\.|mailboxes\/0001\.jsonl/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    assert.match(code, new RegExp(parts.join('\\$\\{[^}]*\\}')), message);
  }
});
