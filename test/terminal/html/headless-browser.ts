import { type Browser, chromium, type Page } from 'playwright-core';

// Debian's Chromium, without a window. It starts no server, but takes seconds: `npm run test:servers` has what uses it.

export type ColourScheme = 'light' | 'dark';

/** Starts Chromium once for the tests of a file. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
}

/** Opens a page file as a reader would, and notes what it asks for and what goes wrong in it. */
export async function openPage(
  browser: Browser,
  path: string,
  { width = 1100, height = 900, scheme = 'light' as ColourScheme } = {},
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
