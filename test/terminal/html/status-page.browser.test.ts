import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { statusPage } from '../../../src/terminal/html/status-page.js';
import type { LogRecord } from '../../../src/terminal/output/summarise-log-entry.js';
import { statusReport } from '../account-samples.js';
import { nowS, view } from '../run-samples.js';
import { violations } from './accessibility-violations.js';
import { type ColourScheme, pageInBrowser } from './headless-browser.js';

const hostile = '<img src=x onerror="alert(1)">';

/** An export and an import each day, the import bringing news that is some hours old. */
const records: readonly LogRecord[] = Array.from({ length: 30 }, (_, day): LogRecord[] => {
  const atS = nowS - (30 - day) * 86_400;
  const bundle = { fileName: `x-${day}.tar.zst`, from: hostile, outcome: 'taken', madeAtS: atS - day * 3600 };
  return [
    {
      atS,
      what: 'import',
      details: { source: '/media/usb', bundles: [bundle], texts: { arrived: day, bytes: day * 1000 } },
    },
    { atS: atS + 60, what: 'export', details: { target: '/media/usb', fileName: 'y', texts: 3, sizeBytes: 4000 } },
  ];
}).flat();

describe('the page of status', () => {
  const pageFile = pageInBrowser(() => statusPage(statusReport, records, view));

  for (const scheme of ['light', 'dark'] as const satisfies readonly ColourScheme[]) {
    test(`breaks no rule of accessibility that axe knows, in ${scheme}`, async () => {
      const { page } = await pageFile.open({ scheme });
      await page.locator('summary').first().click();
      assert.deepEqual(await violations(page), []);
    });
  }

  test('asks for nothing but itself, and shows the name of a host as text', async () => {
    const { page, requests, errors } = await pageFile.open();
    await page.waitForSelector('.days');
    assert.deepEqual(requests, [`file://${pageFile.file()}`]);
    assert.deepEqual(errors, []);
    assert.equal(await page.locator('main img').count(), 0);
    assert.equal(
      await page.getByRole('heading', { name: `How old the news of ${hostile} was when it came` }).count(),
      1,
    );
    assert.ok(!readFileSync(pageFile.file(), 'utf8').includes(hostile));
  });

  test('draws messages and bytes of each run, and how old the news of each peer was', async () => {
    const { page } = await pageFile.open();
    const bars = (index: number) => page.locator('.days').nth(index).locator('span');
    assert.deepEqual([await bars(0).count(), await bars(1).count(), await bars(2).count()], [60, 60, 30]);
    const height = (index: number) =>
      bars(0)
        .nth(index)
        .evaluate((bar) => bar.getBoundingClientRect().height);
    const [nothing, least, most] = [await height(0), await height(2), await height(58)];
    assert.ok(nothing === 0 && least > 0 && most > least * 4, `${nothing}, ${least}, ${most}`);
    await page.locator('summary').nth(2).click();
    assert.match((await page.locator('details').nth(2).locator('tbody tr').first().textContent()) ?? '', /29 h 0 min$/);
  });

  test('fits a narrow window', async () => {
    const { page } = await pageFile.open();
    await page.setViewportSize({ width: 360, height: 700 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  });
});
