import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { colourPalette, plainPalette } from '../../src/terminal/format/styled-line.js';
import { jsonOutput } from '../../src/terminal/json/json-output.js';
import type { Report } from '../../src/terminal/output/output-interface.js';
import { hostNames } from '../../src/terminal/output/view-options-and-names.js';
import { silentProgress } from '../../src/terminal/streams/silent-progress.js';
import { textOutput } from '../../src/terminal/text/text-output.js';
import { initReport, inspectReport, pairReport, peersReport, statusReport, verifyReport } from './account-samples.js';
import { exportReport, forgetReport, importReport, nowS, restoreReport } from './run-samples.js';

/** Clears the screen, forges a line, writes backwards, hides a joiner, and is wide. */
const hostile = '\u001b[2J\u009b31mINBOX\nmrepl: done\r\u202etxt.exe\u200b\u0007日本\ud800';

const reports: readonly Report[] = [
  initReport,
  importReport,
  { ...importReport, dryRun: false },
  exportReport,
  { ...exportReport, dryRun: true },
  {
    kind: 'sync',
    target: '/x',
    otherAccounts: ['bob'],
    import: importReport,
    export: exportReport,
    failure: new Failure('io', 'x'),
  },
  pairReport,
  peersReport,
  restoreReport,
  { ...restoreReport, isListing: false, dryRun: true },
  forgetReport,
  { ...forgetReport, isListing: false, dryRun: true },
  statusReport,
  inspectReport,
  { ...verifyReport, ok: false, findings: [new Failure('bundle-damaged', 'x', { hint: 'y' })] },
  {
    kind: 'log',
    records: [
      { atS: nowS, what: 'import', details: { source: 'x', bundles: [{ fileName: 'x', from: 'y', outcome: 'z' }] } },
    ],
  },
];

/** The report with every name and message in it replaced: enumerated words stay. */
function poisoned<T>(value: T): T {
  const kept = new Set(['kind', 'step', 'outcome', 'right', 'why', 'hostId', 'code', 'host', 'by', 'winner', 'loser']);
  const walk = (item: unknown, key: string): unknown => {
    if (item instanceof Failure) return new Failure(item.code, hostile, { hint: hostile });
    if (typeof item === 'string') return kept.has(key) ? item : hostile;
    if (Array.isArray(item)) return item.map((element) => walk(element, key));
    if (item instanceof Map || typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([name, element]) => [name, walk(element, name)]));
  };
  return walk(value, '') as T;
}

async function everything(
  report: Report,
  wishes: { json?: boolean; colours?: boolean; verbose?: boolean },
): Promise<string> {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  const palette = wishes.colours === true ? await colourPalette() : plainPalette;
  const request = {
    out: write,
    err: write,
    outPalette: palette,
    errPalette: palette,
    columns: 80,
    outWrap: 60,
    errWrap: 60,
    interactive: true,
    ask: async () => null,
    askSecret: async () => null,
    progress: silentProgress,
    nowS: () => nowS,
    command: [],
    quiet: false,
    verbose: wishes.verbose ?? false,
  };
  const output = wishes.json === true ? jsonOutput(request) : textOutput(request);
  await output.report(report, { hostName: hostNames([['a1'.repeat(16), hostile]]), uidOf: () => 1 });
  await output.failure(new Failure('internal', hostile, { hint: hostile, cause: new Error(hostile) }), 1);
  return written.join('');
}

for (const report of reports) {
  test(`names from elsewhere reach the terminal harmless: ${report.kind}`, async () => {
    for (const verbose of [false, true]) {
      const text = await everything(poisoned(report), { verbose });
      assert.doesNotMatch(text, /[^\P{C}\n]/u);
      assert.doesNotMatch(text, /^mrepl: done/m, 'a forged line');
      assert.match(text, /\\x1b\[2J/);
      const coloured = await everything(poisoned(report), { verbose, colours: true });
      assert.doesNotMatch(coloured.replace(/\u001b\[\d+m/g, ''), /[^\P{C}\n]/u);
      assert.doesNotMatch(coloured, /\u001b\[2J|\u009b/);
    }
    const json = await everything(poisoned(report), { json: true });
    assert.doesNotMatch(json, /[^\P{C}\n]/u);
    for (const line of json.trimEnd().split('\n')) JSON.parse(line);
  });
}
