import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSite, type Site } from './end-to-end/site.js';
import { checkout } from './fixture-maildir.js';
import { mreplProgram, pairAll } from './host.js';
import { terminalAsSvg } from './terminal-as-svg.js';

// `npm run screenshots`: the pictures of the README, in fixtures/screenshots. Each is what mrepl printed in a terminal of 80 columns, in a
// scene that is played here from its beginning.

const columns = 80;
const directory = mkdtempSync(join(tmpdir(), 'alice-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const pictures = join(checkout, 'fixtures/screenshots');
mkdirSync(pictures, { recursive: true });
mkdirSync(join(directory, 'usb'));

const home = makeSite(directory, 'home');
const cabin = makeSite(directory, 'cabin');
for (const [subject, from] of [
  ['Minutes of Tuesday', 'Ruth Adler <ruth@example.org>'],
  ['Invoice 2041', 'Accounts <accounts@example.org>'],
  ['Boat for the weekend', 'Jonas Berg <jonas@example.org>'],
  ['Newsletter No. 12', 'News <news@example.org>'],
  ['Photos from the lake', 'Mira Lund <mira@example.org>'],
] as const) {
  home.put(mail(subject, from), { flags: 'S' });
}
for (const number of [1, 2, 3])
  home.put(mail(`Survey, part ${number}`, 'Office <office@example.org>'), { mailbox: 'Work' });
for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
await pairAll([home, cabin]);
for (const site of [home, cabin, home]) await site.mrepl('sync', join(directory, 'usb'));

home.mark('Boat for the weekend', { add: 'F' });
home.expunge('Newsletter No. 12');
home.move('Invoice 2041', 'INBOX', 'Work');
home.deliver(mail('Ferry times from May', 'Jonas Berg <jonas@example.org>'));
cabin.mark('Newsletter No. 12', { add: 'R' });
cabin.deliver(mail('Smoke in the chimney?', 'Mira Lund <mira@example.org>'));
await home.mrepl('export', join(directory, 'usb'));

picture('dry-run', cabin, 'import', 'usb', '--dry-run');
picture('sync', cabin, 'sync', 'usb');
picture('status', cabin, 'status');

function mail(subject: string, from: string): string {
  const id = subject.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `From: ${from}\nTo: alice@example.org\nSubject: ${subject}\nMessage-ID: <${id}@example.org>\nDate: Mon, 4 May 2026 09:00:00 +0200\n\n${subject}.\n`;
}

/** Runs a command in a terminal, and draws what it printed. */
function picture(name: string, { env }: Site, ...args: string[]): void {
  const command = [...mreplProgram, ...args].map((word) => `'${word}'`).join(' ');
  const { NO_COLOR: _, ...rest } = env;
  const printed = execFileSync('script', ['-qec', `stty cols ${columns} rows 50; ${command}`, '/dev/null'], {
    cwd: directory,
    env: { ...rest, TERM: 'xterm-256color' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writeFileSync(join(pictures, `${name}.svg`), terminalAsSvg(`$ mrepl ${args.join(' ')}\n${printed}`, columns));
}
