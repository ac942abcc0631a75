import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { layOut } from '../../src/terminal/format/lay-out-report.js';
import { colourPalette, line, plainPalette, strong } from '../../src/terminal/format/styled-line.js';
import { jsonOutput } from '../../src/terminal/json/json-output.js';
import type { Output } from '../../src/terminal/output/output-interface.js';
import { hostNames } from '../../src/terminal/output/view-options-and-names.js';
import { progressText } from '../../src/terminal/streams/progress-text.js';
import { silentProgress } from '../../src/terminal/streams/silent-progress.js';
import { capabilities, columnsElsewhere } from '../../src/terminal/streams/terminal-capabilities.js';
import { textOutput } from '../../src/terminal/text/text-output.js';
import { verifyReport } from './account-samples.js';
import { exportReport, idleImport, importReport, nowS } from './run-samples.js';

const names = { hostName: hostNames([]), uidOf: () => null };

type Wishes = Partial<Parameters<typeof textOutput>[0]> & { readonly json?: boolean };

function recorder({ json = false, ...wishes }: Wishes = {}): { output: Output; out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  const request = {
    out: (text: string) => void (text !== '' && out.push(text)),
    err: (text: string) => void (text !== '' && err.push(text)),
    outPalette: plainPalette,
    errPalette: plainPalette,
    columns: 80,
    outWrap: null,
    errWrap: null,
    interactive: false,
    ask: async () => null,
    askSecret: async () => null,
    progress: silentProgress,
    nowS: () => nowS,
    command: [],
    quiet: false,
    verbose: false,
    ...wishes,
  };
  return { output: json ? jsonOutput(request) : textOutput(request), out, err };
}

test('the report goes to standard output, what went wrong to standard error', async () => {
  const { output, out, err } = recorder();
  await output.report({ ...importReport, dryRun: false }, names);
  assert.equal(out.length, 1);
  assert.match(out[0] ?? '', /^\/media\/usb: imported [^\n]*\n\nFrom home, /);
  assert.deepEqual(err, [
    'mrepl: reading ship-000007.tar.zst: it is cut off after 12 bytes; it was not used\n' +
      'hint: Copy it again, or let ship export anew\n',
  ]);
});

test('--quiet says nothing when all is well, and still what went wrong', async () => {
  const well = recorder({ quiet: true });
  await well.output.report(idleImport, names);
  await well.output.report(exportReport, names);
  await well.output.report(verifyReport, names);
  assert.deepEqual([...well.out, ...well.err], []);
  const ill = recorder({ quiet: true });
  await ill.output.report({ ...importReport, dryRun: false }, names);
  await ill.output.report({ ...verifyReport, ok: false, findings: [new Failure('bundle-damaged', 'cut off')] }, names);
  assert.deepEqual(ill.out, []);
  assert.equal(ill.err.length, 2);
  assert.equal(ill.err[1], 'mrepl: home-000042.tar.zst: cut off\n');
});

test('with --json everything is a line on standard output, errors too', async () => {
  const { output, out, err } = recorder({ json: true });
  await output.report({ ...importReport, dryRun: false }, names);
  await output.failure(new Failure('locked', 'opening the account', { hint: 'wait' }), 75);
  assert.deepEqual(err, []);
  const kinds = out
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).kind);
  assert.deepEqual(kinds.slice(-2), ['import', 'error']);
  assert.deepEqual(JSON.parse(out.at(-1) ?? ''), {
    schema: 1,
    kind: 'error',
    code: 'locked',
    message: 'opening the account',
    hint: 'wait',
    status: 75,
  });
});

test('failures have a sentence and a hint, causes only with --verbose', async () => {
  const failure = new Failure('io', 'writing /media/usb/x: input/output error; nothing was changed', {
    hint: 'is the stick still there?',
    cause: new Error('EIO'),
  });
  const short = recorder();
  await short.output.failure(failure, 74);
  assert.equal(
    short.err.join(''),
    'mrepl: writing /media/usb/x: input/output error; nothing was changed\nhint: is the stick still there?\n',
  );
  const long = recorder({ verbose: true });
  await long.output.failure(failure, 74);
  assert.match(long.err.join(''), /\n {2}cause: Error: EIO\n$/);
  const bug = recorder();
  await bug.output.failure(new Failure('internal', 'internal error: x'), 1);
  assert.match(bug.err.join(''), /^mrepl: internal error: x\nhint: This is a fault in mrepl/);
});

test('many troubles are counted after the first ten, equal hints told once', async () => {
  const troubles = Array.from({ length: 25 }, (_, index) => ({
    subject: `${index}.eml`,
    failure: new Failure('store-damaged', 'it cannot be read', { hint: 'mend the permissions' }),
  }));
  const { output, err } = recorder();
  await output.report({ ...exportReport, troubles }, names);
  const lines = err.join('').trimEnd().split('\n');
  assert.equal(lines.length, 12);
  assert.equal(lines[0], 'mrepl: 0.eml: it cannot be read');
  assert.equal(lines[10], 'mrepl: and 15 more of this kind (--verbose shows all)');
  assert.equal(lines[11], 'hint: mend the permissions');
});

test('of several troubles each has its hint behind it', async () => {
  const trouble = (subject: string, hint: string) => ({ subject, failure: new Failure('io', 'no', { hint }) });
  const { output, err } = recorder();
  await output.report({ ...exportReport, troubles: [trouble('a', 'A'), trouble('b', 'A'), trouble('c', 'B')] }, names);
  assert.equal(err.join(''), 'mrepl: a: no\nmrepl: b: no\nhint: A\nmrepl: c: no\nhint: B\n');
});

test('people at a terminal are told what comes next, scripts are not', async () => {
  const person = recorder({ interactive: true });
  await person.output.report(exportReport, names);
  await person.output.report({ ...exportReport, target: '-' }, names);
  await person.output.report(importReport, names);
  assert.match(person.out[1] ?? '', /unmount that before you pull it out/);
  assert.equal(person.out.length, 4);
  await person.output.report({ ...idleImport, dryRun: true }, names);
  await person.output.report({ ...exportReport, dryRun: true, bundles: [], removed: [] }, names);
  assert.doesNotMatch(person.out.slice(4).join(''), /To do it/, 'something is announced where nothing will be done');
});

test('on a terminal lines are broken between words, elsewhere never', async () => {
  const narrow = recorder({ outWrap: 60, errWrap: 60 });
  const calm = {
    ...importReport,
    dryRun: false,
    withheld: [],
    mailboxes: importReport.mailboxes.slice(1, 2),
    trashed: 0,
  };
  await narrow.output.report(calm, names);
  const [first = '', ...rest] = narrow.out.join('').trimEnd().split('\n');
  assert.equal(first, '/media/usb: imported 1 bundle from home: 1 mailbox created;');
  assert.ok(rest.length > 0 && rest.every((line) => line.length <= 60 && /^ {2}\S/.test(line)), rest.join('\n'));
  assert.equal(
    narrow.err.join(''),
    'mrepl: reading ship-000007.tar.zst: it is cut off after 12\n  bytes; it was not used\n' +
      'hint: Copy it again, or let ship export anew\n',
  );
  const piped = recorder();
  await piped.output.report(calm, names);
  assert.equal([first, ...rest.map((line) => line.trim())].join(' '), piped.out.join('').trimEnd());
});

test('a word wider than the terminal is left to it; wide characters take two columns; what stands in goes on further in', async () => {
  const broken = await layOut(
    [
      line('a ', strong('bb ccc'), 'ddd e'),
      line('abcdefghijkl m'),
      line('日本 日本 日本'),
      line('  stands in and long'),
    ],
    (text, emphasis) => `<${emphasis}:${text}>`,
    10,
  );
  assert.equal(
    broken,
    'a <strong:bb>\n  <strong:ccc>ddd e\nabcdefghijkl\n  m\n日本 日本\n  日本\n  stands\n    in and\n    long\n',
  );
});

test('what a terminal can take', async () => {
  const tty = { isTTY: true, columns: 100 };
  const pipe = {};
  const plain = { colour: null, json: false, quiet: false };
  const env = { TERM: 'xterm' };
  assert.deepEqual(capabilities({ stdout: tty, stderr: tty }, env, plain), {
    outColours: true,
    errColours: true,
    spinner: true,
    columns: 100,
    outWrap: 100,
    errWrap: 100,
    interactive: true,
  });
  const fancy = (streams: object, variables: object, wishes: object): unknown[] => {
    const can = capabilities(
      { stdout: tty, stderr: tty, ...streams },
      { ...env, ...variables },
      { ...plain, ...wishes },
    );
    return [can.outColours, can.errColours, can.spinner];
  };
  assert.deepEqual(fancy({ stdout: pipe }, {}, {}), [false, true, true]);
  assert.deepEqual(fancy({ stderr: pipe }, {}, {}), [true, false, false]);
  assert.deepEqual(fancy({ stderr: { isTTY: true, columns: 0 } }, {}, {}), [true, true, false]);
  assert.deepEqual(fancy({}, { TERM: 'dumb' }, {}), [false, false, false]);
  assert.deepEqual(fancy({}, { CI: 'true' }, {}), [false, false, false]);
  assert.deepEqual(fancy({}, { NO_COLOR: '1' }, {}), [false, false, true]);
  assert.deepEqual(fancy({}, { NO_COLOR: '' }, {}), [true, true, true]);
  assert.deepEqual(fancy({}, {}, { colour: false }), [false, false, true]);
  const asked = fancy({ stdout: pipe, stderr: pipe }, { NO_COLOR: '1', TERM: 'dumb' }, { colour: true });
  assert.deepEqual(asked, [true, true, false]);
  assert.deepEqual(fancy({}, {}, { colour: true, json: true }), [false, false, false]);
  assert.deepEqual(fancy({}, {}, { json: true }), [false, false, false]);
  assert.deepEqual(fancy({}, {}, { quiet: true }), [true, true, false]);
  assert.equal(capabilities({ stdout: pipe, stderr: pipe }, env, plain).columns, columnsElsewhere);
  assert.equal(
    capabilities({ stdout: { isTTY: true, columns: 0 }, stderr: pipe }, env, plain).columns,
    columnsElsewhere,
  );
});

test('colours, where they are wanted', async () => {
  const palette = await colourPalette();
  const { output, err } = recorder({ errPalette: palette });
  await output.failure(new Failure('io', 'x'), 74);
  assert.deepEqual(err, ['\u001b[31mmrepl: \u001b[39mx\n']);
});

test('progress says what is done, how far it is, and how long it may take', async () => {
  const stage = { kind: 'stage', stage: 'write', subject: 'home-000042.tar.zst' } as const;
  const advance = {
    kind: 'progress',
    doneBytes: 99e6,
    totalBytes: 396e6,
    doneMessages: 5000,
    totalMessages: 20_000,
  } as const;
  assert.equal(progressText(null, null, { elapsedS: 3, columns: 200 }), 'working');
  assert.equal(progressText(stage, null, { elapsedS: 3, columns: 200 }), 'writing home-000042.tar.zst');
  assert.equal(
    progressText(stage, advance, { elapsedS: 5, columns: 200 }),
    'writing home-000042.tar.zst: 99 MB of 396 MB, 5000 of 20,000 messages, 15 s left',
  );
  assert.equal(
    progressText(stage, advance, { elapsedS: 1, columns: 200 }),
    'writing home-000042.tar.zst: 99 MB of 396 MB, 5000 of 20,000 messages',
  );
  assert.equal(
    progressText(stage, { ...advance, totalBytes: 0, totalMessages: 0 }, { elapsedS: 5, columns: 200 }),
    'writing home-000042.tar.zst: 99 MB, 5000 messages',
  );
});

test('progress fits any width: what is worked on is cut before numbers go', () => {
  const stage = { kind: 'stage', stage: 'write', subject: 'home-000042.tar.zst.age' } as const;
  const counts = { doneBytes: 34e6, totalBytes: 396e6, doneMessages: 1734, totalMessages: 20_000 };
  const at = (columns: number): string =>
    progressText(stage, { kind: 'progress', ...counts }, { elapsedS: 5, columns });
  assert.equal(at(76), 'writing ho...ar.zst.age: 34 MB of 396 MB, 1734 of 20,000 messages, 53 s left');
  assert.equal(at(56), 'writing home-....tar.zst.age: 34 MB of 396 MB, 53 s left');
  assert.equal(at(36), 'writing hom...tar.zst.age: 53 s left');
  for (let columns = 1; columns < 100; columns++) assert.ok(at(columns).length <= columns, `${columns}`);
});
