import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';

// Debian's Chromium, without a window. It starts no server, but takes seconds: `npm run test:servers` has what uses it.

export type ColourScheme = 'light' | 'dark';

/** The size of the window in CSS pixels, and its colours. */
type Look = { readonly width?: number; readonly height?: number; readonly scheme?: ColourScheme };

/** Starts Chromium once for the tests of a file. */
function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

/** To be called within a `describe`, for whose tests a browser runs, and this page lies in a file. */
export function pageInBrowser(html: () => string) {
  let browser: Browser | null = null;
  let directory = '';
  const file = (): string => join(directory, 'page.html');
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mrepl-page-'));
    writeFileSync(file(), html());
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    file,
    /** Opens this page, or the one in another file. */
    open(look: Look = {}, path = file()) {
      if (browser === null) throw new Error('the browser has not been started yet');
      return openPage(browser, path, look);
    },
  };
}

/** Opens a page file as a reader would, and notes what it asks for and what goes wrong in it. */
async function openPage(
  browser: Browser,
  path: string,
  { width = 1100, height = 900, scheme = 'light' }: Look,
): Promise<{ readonly page: Page; readonly requests: string[]; readonly errors: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  const page = await context.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => void requests.push(request.url()));
  page.on('pageerror', (error) => void errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`file://${path}`);
  await page.waitForSelector('h1');
  return { page, requests, errors };
}
