import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { fixtures, plantMaildir } from './fixture-maildir.js';
import { type Host, makeHost } from './host.js';
import { viewMaildir } from './maildir-view.js';

// `npm run demo`: the main job end to end on two throw-away hosts. What it shows is what mrepl really printed; it fails where the two
// do not hold the same in the end.

const directory = mkdtempSync(join(tmpdir(), 'mrepl-demo-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => process.exit(status));

const [home, cabin] = (['home', 'cabin'] as const).map((name) =>
  makeHost({ name, home: join(directory, name), store: 'maildir:Maildir', runs: 'own process' }),
) as [Host, Host];
mkdirSync(join(directory, 'stick'));
const stick = '../stick';
const maildirs = { home: join(home.home, 'Maildir'), cabin: join(cabin.home, 'Maildir') };

say(`Two hosts that are never online together, in ${directory}:
"home" has mail that a Dovecot looks after, "cabin" a plain Maildir. Three messages are
on both already, under other file names. Between them travels a directory, "stick".`);
plantMaildir('dovecot-maildir', maildirs.home);
plantMaildir('plain-maildir', maildirs.cabin);
writeFileSync(join(maildirs.cabin, 'subscriptions'), '');

say('Once per host, here and there:');
await show(home, 'init', home.store, '--name', home.name);
await show(cabin, 'init', cabin.store, '--name', cabin.name);

say('Each leaves its identity card on the stick, and takes up that of the other (--yes: without asking):');
for (const host of [home, cabin, home]) await show(host, 'pair', stick, '--yes');

say('What home has goes on the stick, sealed so that only the cabin can read it:');
await show(home, 'export', stick);

say('At the cabin. What would happen?');
await show(cabin, 'import', stick, '--dry-run');

say('Do it, and leave what only the cabin has on the stick:');
await show(cabin, 'sync', stick);

say('Back at home:');
await show(home, 'sync', stick);

say(`Now both change something on their own.
  home:  a message arrives; the one about the ferry is marked as important; one is expunged
  cabin: the one about the ferry moves to Archive; a draft is written; another message is read`);
arrive(maildirs.home, 'list-digest.eml', '1710490000.M1P1.home');
changeFlags(maildirs.home, 'Subject: Ferry on Thursday', (flags) => flags.add('F'));
unlinkSync(find(maildirs.home, 'Subject: Gruesse'));
const ferry = find(maildirs.cabin, 'Subject: Ferry on Thursday');
renameSync(ferry, ferry.replace('/cur/', '/.Archive/cur/'));
arrive(join(maildirs.cabin, '.Drafts'), 'headers-only.eml', '1710491000.R9.cabin');
changeFlags(maildirs.cabin, 'Readings of February', (flags) => flags.add('R'));

say('The stick goes to the cabin, home, and to the cabin once more:');
await show(home, 'export', stick);
await show(cabin, 'sync', stick);
await show(home, 'sync', stick);
await show(cabin, 'import', stick);

say('What does home know of the cabin now?');
await show(home, 'status');

const [atHome, atCabin] = [contents(maildirs.home), contents(maildirs.cabin)];
const [uidsAtHome, uidsAtCabin] = [await uidsOf(home), await uidsOf(cabin)];
say(`So both hold the same mail, with the same flags, dates and UIDs. (Keywords such as "Work" are in the
cabin's catalog: a Maildir that no Dovecot looks after has no place for them.)`);
for (const [mailbox, messages] of Object.entries(atHome)) {
  say(
    `  ${mailbox.padEnd(24)} ${String(messages.length).padStart(2)} messages, ${uidsAtHome[mailbox] ?? 'no UIDs yet'}`,
    '',
  );
}
if (!isDeepStrictEqual(atHome, atCabin)) fail('the mail on the two hosts differs', { atHome, atCabin });
if (!isDeepStrictEqual(uidsAtHome, uidsAtCabin)) fail('the UIDs on the two hosts differ', { uidsAtHome, uidsAtCabin });

say(`The demonstration is over and its hosts are removed. With mail of your own:

  npm pack && npm install -g mrepl-*.tgz      # the command, and its man pages
  mrepl init maildir:~/Maildir                # changes nothing in your mail
  mrepl pair /media/usb                       # here, on the other host, and here once more
  mrepl sync /media/usb                       # from then on, on either`);

function say(text: string, before = '\n'): void {
  process.stdout.write(`${before}${text}\n`);
}

async function show(host: Host, ...args: string[]): Promise<void> {
  const { status, out, err } = await host.run(...args);
  process.stdout.write(`\n${host.name}$ mrepl ${args.join(' ')}\n${indented(out)}${indented(err)}`);
  if (status !== 0) fail(`mrepl ${args[0]} on ${host.name} ended with status ${status}`, {});
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function fail(what: string, details: object): never {
  process.stderr.write(`\nThe demonstration failed: ${what}\n${JSON.stringify(details, null, 2)}\n`);
  process.exit(1);
}

/** What a reader of either Maildir sees: texts, flags (not keywords) and dates, by mailbox; mailboxes without mail do not count. */
function contents(maildir: string): Record<string, string[]> {
  const filled = Object.entries(viewMaildir(maildir)).filter(([, { messages }]) => messages.length > 0);
  return Object.fromEntries(
    filled.map(([name, { messages }]) => [
      name,
      messages
        .map(({ text, flags, receivedS }) => `${text} ${receivedS} ${flags.filter(isFlagOfMaildir).join('')}`)
        .sort(),
    ]),
  );
}

/** UIDVALIDITY and UIDNEXT of each mailbox with mail, as mrepl keeps them. */
async function uidsOf(host: Host): Promise<Record<string, string>> {
  const lines = (await host.json('status')).filter(({ kind, messages }) => kind === 'mailbox' && messages !== 0);
  return Object.fromEntries(
    lines.map(({ mailbox, uidValidity, uidNext }) => [
      String(mailbox).replaceAll('/', '.').replace('Grüße', 'Gr&APwA3w-e'),
      `UIDVALIDITY ${uidValidity}, UIDNEXT ${uidNext}`,
    ]),
  );
}

function isFlagOfMaildir(flag: string): boolean {
  return /^[A-Z]$/.test(flag);
}

function arrive(folder: string, message: string, name: string): void {
  const file = join(folder, 'tmp', name);
  writeFileSync(file, readFileSync(join(fixtures, 'messages', message)));
  renameSync(file, join(folder, 'new', name));
}

function find(maildir: string, header: string): string {
  const file = readdirSync(join(maildir, 'cur'))
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(maildir, 'cur', name))
    .find((path) => readFileSync(path, 'latin1').includes(header));
  return file ?? fail(`there is no message with "${header}" in ${maildir}`, readdirSync(join(maildir, 'cur')));
}

function changeFlags(maildir: string, header: string, change: (flags: Set<string>) => unknown): void {
  const file = find(maildir, header);
  const [base = '', letters = ''] = file.split(':2,');
  const flags = new Set(letters);
  change(flags);
  renameSync(file, `${base}:2,${[...flags].sort().join('')}`);
}
