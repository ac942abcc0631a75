import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { violations } from './accessibility-violations.js';
import { type ColourScheme, pageInBrowser } from './headless-browser.js';
import { hostileSubjects, largePage } from './large-page.js';

describe('a page', () => {
  const pageFile = pageInBrowser(() => largePage(500));

  for (const scheme of ['light', 'dark'] as const satisfies readonly ColourScheme[]) {
    test(`breaks no rule of accessibility that axe knows, in ${scheme}`, async () => {
      const { page } = await pageFile.open({ scheme });
      assert.deepEqual(await violations(page), []);
    });
  }

  test('asks for nothing but itself, and executes nothing of a mail', async () => {
    const { page, requests, errors } = await pageFile.open();
    await page.waitForSelector('.rows .row');
    assert.deepEqual(requests, [`file://${pageFile.file()}`]);
    assert.deepEqual(errors, []);
    assert.match(await page.title(), /^mrepl import/);
    assert.equal(await page.locator('main img, main script, main style, main b b').count(), 0);
    const shown = (await page.locator('.rows .row').first().textContent()) ?? '';
    assert.ok(shown.includes('<img src=x onerror="alert(1)">'), shown);
    assert.ok(
      !readFileSync(pageFile.file(), 'utf8').includes(hostileSubjects[1] ?? ''),
      'markup of a mail is in the page',
    );
  });

  test('is used by keyboard alone: filter, table and back', async () => {
    const { page } = await pageFile.open();
    await page.keyboard.press('/');
    await page.keyboard.type('letter number 49');
    assert.match((await page.locator('[role=status]').textContent()) ?? '', /^\d+ of 500 messages$/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.locator('.row.active').getAttribute('aria-rowindex'), '3');
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'INPUT');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('[role=status]').textContent(), '500 of 500 messages');
  });

  test('a tile filters the messages, and a title sorts them', async () => {
    const { page } = await pageFile.open();
    await page.locator('button.tile.comes').click();
    assert.equal(await page.locator('[role=status]').textContent(), '100 of 500 messages');
    assert.equal(await page.locator('button.tile.comes').getAttribute('aria-pressed'), 'true');
    await page.getByRole('button', { name: 'Size' }).click();
    await page.getByRole('button', { name: 'Size' }).click();
    assert.equal(await page.locator('[aria-sort]').getAttribute('aria-sort'), 'descending');
  });

  test('bars are as long as messages are many, or as they are large; trouble is one click away', async () => {
    const { page } = await pageFile.open();
    const first = page.locator('.bars tbody tr').first();
    const byMessages = await first.textContent();
    await page.getByRole('button', { name: 'bytes' }).click();
    assert.equal(await page.getByRole('button', { name: 'bytes' }).getAttribute('aria-pressed'), 'true');
    assert.match((await first.textContent()) ?? '', / bytes/);
    assert.notEqual(await first.textContent(), byMessages);
    await page.locator('a.tile[href="#trouble"]').click();
    assert.ok(await page.locator('#trouble').isVisible());
    assert.match(
      (await page.locator('main').textContent()) ?? '',
      /Waited for2 texts not here yet; .*: 2 texts from cabin/,
    );
  });

  test('fits a window of half its width, as at 200% zoom, and a telephone', async () => {
    for (const width of [640, 360]) {
      const { page } = await pageFile.open({ width });
      const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(wide, 0, `${width} columns`);
    }
  });

  test('opens with fifty thousand messages, and makes rows only for those in view', async () => {
    const large = join(dirname(pageFile.file()), 'large.html');
    writeFileSync(large, largePage(50_000));
    const { page, errors } = await pageFile.open({}, large);
    await page.waitForSelector('.rows .row');
    await page.locator('.scroll').press('End');
    assert.equal(await page.locator('.row.active').getAttribute('aria-rowindex'), '50001');
    assert.ok((await page.locator('.rows .row').count()) < 100);
    assert.deepEqual(errors, []);
  });

  test('is printed without the list of messages on two pages', async () => {
    const { page } = await pageFile.open();
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert.ok(pages > 0 && pages <= 2, `${pages} pages`);
  });
});
