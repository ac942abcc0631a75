import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoment } from '../../../src/cli/options/parse-time.js';

process.env.TZ = 'UTC';
const nowS = Date.UTC(2026, 10, 24, 12, 0) / 1000;

test('times are days, minutes of a day, or so long ago', () => {
  for (const [given, meant] of [
    ['2026-11-20', '2026-11-20T00:00:00Z'],
    ['2026-11-20 14:30', '2026-11-20T14:30:00Z'],
    ['2026-11-20T14:30:05', '2026-11-20T14:30:05Z'],
    ['30min', '2026-11-24T11:30:00Z'],
    ['6h', '2026-11-24T06:00:00Z'],
    ['3d', '2026-11-21T12:00:00Z'],
    ['2w', '2026-11-10T12:00:00Z'],
  ] as const) {
    assert.equal(parseMoment(given, { option: '--since', nowS }), Date.parse(meant) / 1000, given);
  }
});

test('anything else is refused', () => {
  for (const given of [
    '',
    'yesterday',
    '3',
    '3m',
    '-3d',
    '2026-02-30',
    '2026-13-01',
    '2026-11-20 24:00',
    '20-11-2026',
    '9999999d',
  ]) {
    assert.throws(
      () => parseMoment(given, { option: '--since', nowS }),
      { code: 'usage', message: /option --since/ },
      given,
    );
  }
});
