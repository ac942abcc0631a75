import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import stringWidth from 'string-width';
import { programFor } from '../../src/cli/build-program.js';
import { advice, Failure, typed } from '../../src/failure.js';
import { layOut } from '../../src/terminal/format/lay-out-report.js';
import type { Block } from '../../src/terminal/format/line-or-table.js';
import { plainPalette } from '../../src/terminal/format/styled-line.js';
import { commands } from '../../src/terminal/format/typed-commands.js';
import type { Report } from '../../src/terminal/output/output-interface.js';
import { reportBlocks } from '../../src/terminal/text/dispatch-report-to-text.js';
import { failureBlocks } from '../../src/terminal/text/failure-text.js';
import * as accountSamples from './account-samples.js';
import * as samples from './run-samples.js';

// A terminal of 60 columns shows everything without breaking a word: what does not fit is broken before it gets there.

const columns = 60;

/** Helps of all commands, with those below others. */
function helpsAt(width: number): Map<string, string> {
  let printed = '';
  const write = (text: string): void => {
    printed += text;
  };
  const program = programFor(async () => undefined, { out: write, err: write, version: '1', columns: width });
  const helps = new Map<string, string>();
  const visit = (command: Command, name: string): void => {
    printed = '';
    command.outputHelp();
    helps.set(name, printed);
    for (const below of command.commands) visit(below, `${name} ${below.name()}`);
  };
  visit(program, 'mrepl');
  return helps;
}

/** What is said, however it is broken into lines and in whatever order remarks and commands stand. */
function wordsOf(text: string): string[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '\\' && word !== '#')
    .sort();
}

/** A line that is too wide holds nothing but one word that is. */
function tooWide(text: string, width = columns): string[] {
  return text.split('\n').filter((line) => stringWidth(line) > width && /\S\s+\S/.test(line));
}

test('the help of every command fits, and says the same as on a wide terminal', () => {
  const wide = helpsAt(100);
  for (const [name, help] of helpsAt(columns)) {
    assert.deepEqual(tooWide(help), [], name);
    assert.deepEqual(wordsOf(help), wordsOf(wide.get(name) ?? ''), name);
  }
});

const reports: Readonly<Record<string, Report>> = {
  init: accountSamples.initReport,
  import: { ...samples.importReport, dryRun: false },
  'import --dry-run': samples.importReport,
  export: samples.exportReport,
  'export --dry-run': { ...samples.exportReport, dryRun: true },
  pair: accountSamples.pairReport,
  peers: accountSamples.peersReport,
  restore: samples.restoreReport,
  forget: samples.forgetReport,
  status: accountSamples.statusReport,
  doctor: accountSamples.doctorReport,
  inspect: accountSamples.inspectReport,
  verify: { ...accountSamples.verifyReport, ok: false, findings: [new Failure('bundle-damaged', 'it is cut off')] },
  rejoin: accountSamples.rejoinReport,
  account: accountSamples.accountReport,
  log: {
    kind: 'log',
    records: [
      {
        atS: samples.nowS,
        what: 'import',
        details: {
          source: '/media/usb',
          bundles: [{ fileName: 'cabin-000017.tar.zst.age', from: 'cabin', outcome: 'incomplete' }],
          mailboxes: [{ mailbox: 'INBOX', decisions: { new: 12, expunged: 3, flags: 4 } }],
          texts: { arrived: 12, bytes: 123456 },
        },
      },
    ],
  },
};

for (const [name, report] of Object.entries(reports)) {
  test(`the report of ${name} fits`, async () => {
    for (const verbose of [false, true]) {
      const blocks = reportBlocks(report, { ...samples.view, columns, verbose });
      assert.deepEqual(tooWide(await layOut(blocks, plainPalette, columns)), []);
    }
  });
}

const hint = advice`Of the store that it is now, whoever moved it: ${typed('mrepl', 'relocate', 'maildir:/srv/my mail/alice:LAYOUT=fs')} If it was never here, ask whoever has it, and look for it on the other disk.`;

test('a command in a hint stands on a line of its own, its words quoted, broken where a shell takes it', async () => {
  const blocks = failureBlocks(new Failure('store-absent', 'there is no such store', { hint }), false);
  assert.equal(
    await layOut(blocks, plainPalette, 50),
    [
      'mrepl: there is no such store',
      'hint: Of the store that it is now, whoever moved',
      '  it:',
      '  mrepl relocate \\',
      "      'maildir:/srv/my mail/alice:LAYOUT=fs'",
      'If it was never here, ask whoever has it, and look',
      '  for it on the other disk.',
      '',
    ].join('\n'),
  );
});

test('programs get the command within the hint', () => {
  const { hint: told } = new Failure('store-absent', 'there is no such store', { hint });
  assert.match(told ?? '', /moved it:\n {2}mrepl relocate 'maildir:\/srv\/my mail\/alice:LAYOUT=fs'\nIf it/);
});

test('a name in a hint makes no command', async () => {
  const name = 'x\n  rm -rf ~\n';
  const blocks = failureBlocks(
    new Failure('io', 'reading', { hint: advice`Remove ${name}: ${typed('ls', name)}` }),
    false,
  );
  assert.equal(
    await layOut(blocks, plainPalette, 60),
    "mrepl: reading\nhint: Remove x\\x0a  rm -rf ~\\x0a:\n  ls 'x\\x0a  rm -rf ~\\x0a'\n",
  );
});

test('remarks stand behind commands where there is room, else before them', async () => {
  const blocks: Block[] = [
    commands(['mrepl pair DIR', 'here, there, and here once more'], ['mrepl sync DIR', 'from then on']),
  ];
  assert.equal(
    await layOut(blocks, plainPalette, 60),
    '  mrepl pair DIR   # here, there, and here once more\n  mrepl sync DIR   # from then on\n',
  );
  assert.equal(
    await layOut(blocks, plainPalette, 30),
    '  # here, there, and here once\n  #   more\n  mrepl pair DIR\n  # from then on\n  mrepl sync DIR\n',
  );
});

test('a table that cannot be made narrow enough becomes paragraphs', async () => {
  const table = {
    columns: [{ title: 'PEER', gives: true }, { title: 'FINGERPRINT' }, { title: 'VOUCHES FOR' }],
    rows: [['cabin', '7g3k-2m9x-pd4q-h8vw-0c5r-t6zb', '']],
    widthMax: 40,
  };
  assert.equal(await layOut([table], plainPalette, 40), 'cabin\n  fingerprint\n    7g3k-2m9x-pd4q-h8vw-0c5r-t6zb\n');
});

test('of columns that give way the widest is cut, in the middle', async () => {
  const table = {
    columns: [
      { title: 'MAILBOX', gives: true },
      { title: 'SUBJECT', gives: true },
    ],
    rows: [['Lists/日本語/sailing/2026', 'Ferry times have changed again']],
    widthMax: 40,
  };
  assert.equal(
    await layOut([table], plainPalette, 40),
    'MAILBOX              SUBJECT\nLists/日...ing/2026  Ferry ti...ed again\n',
  );
});
