import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogRecord } from '../../src/terminal/output/summarise-log-entry.js';
import { text } from './report-text.js';
import { nowS } from './run-samples.js';

const hourS = 3600;

function taken(agoS: number, texts: number, bytes: number, lagS: number): LogRecord {
  const atS = nowS - agoS;
  const bundles = [{ fileName: 'cabin-000001.tar.zst', from: 'cabin', outcome: 'taken', madeAtS: atS - lagS }];
  return { atS, what: 'import', details: { source: '/media/usb', bundles, texts: { arrived: texts, bytes } } };
}

const records: readonly LogRecord[] = [
  taken(9 * hourS, 200, 4_000_000, 48 * hourS),
  {
    atS: nowS - 8 * hourS,
    what: 'export',
    details: { target: '/media/usb', fileName: 'home-000007.tar.zst', texts: 100, sizeBytes: 1000 },
  },
  { atS: nowS - 7 * hourS, what: 'scan', details: {} },
  taken(hourS, 0, 0, 6 * hourS),
];

test('the plot has a bar for messages and one for bytes of each run, and the lag of each peer', async () => {
  assert.equal(
    await text({ kind: 'log', records, isDrawn: true }),
    `\
Messages and bytes of each run
2026-11-24 03:00  in   █████████    200  █████████  4.0 MB
2026-11-24 04:00  out  ████▌        100  ▌          1.0 kB
2026-11-24 11:00  in                  0                  -

How old the news of each peer was when it came
cabin  █▂  6 h 0 min at last, 48 h 0 min at the most, 2 bundles`,
  );
});

test('lines of the plot fit 60 columns, and of no exchange nothing is drawn', async () => {
  const lines = (await text({ kind: 'log', records, isDrawn: true })).split('\n');
  assert.ok(lines.slice(0, 4).every((line) => line.length <= 60));
  assert.equal(await text({ kind: 'log', records: [], isDrawn: true }), 'Nothing was exchanged in that time.');
});
