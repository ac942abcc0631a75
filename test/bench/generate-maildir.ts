import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wireSize } from '../../src/mail/text/canonical-text.js';
import { type GeneratedMail, generatedKeywords, generatedMailboxes, generateMail } from './generate-mail.js';

export type Generated = { readonly messages: number; readonly bytes: number };

type Folder = { readonly path: string; readonly records: string[]; readonly keywords: string[]; readonly seed: string };

/**
 * Writes a Maildir++ full of generated mail, the same for the same seed. With `dovecot` it has the UID lists and keyword lists that
 * Dovecot would have written; without, keywords are left out, as nothing says what their letters mean. `mailboxes`: so many, of
 * equal size, in place of those of the generated mail.
 */
export function generateMaildir(
  directory: string,
  options: {
    readonly seed: number | string;
    readonly messages: number;
    readonly dovecot: boolean;
    readonly mailboxes?: number;
  },
): Generated {
  const { mailboxes } = options;
  const names =
    mailboxes === undefined
      ? generatedMailboxes
      : Array.from({ length: mailboxes }, (_, n) => (n === 0 ? 'INBOX' : `Box/${n}`));
  const folders = new Map(names.map((name, index) => [name, makeFolder(directory, name, index)]));
  let bytes = 0;
  let number = 0;
  for (const mail of generateMail({ seed: options.seed, count: options.messages })) {
    const folder = folders.get(mailboxes === undefined ? mail.mailbox : (names[number % names.length] ?? ''));
    if (folder === undefined) throw new Error(`no folder for ${mail.mailbox}`);
    number++;
    const base = `${mail.receivedS}.M${number}P1.bench,S=${mail.text.length},W=${wireSize(mail.text)}`;
    const name = mail.isNew ? base : `${base}:2,${mail.flags}${options.dovecot ? letters(folder, mail) : ''}`;
    const file = join(folder.path, mail.isNew ? 'new' : 'cur', name);
    writeFileSync(file, mail.text, { mode: 0o600 });
    utimesSync(file, mail.receivedS, mail.receivedS);
    if (!mail.isNew) folder.records.push(name);
    bytes += mail.text.length;
  }
  if (options.dovecot) {
    for (const folder of folders.values()) writeDovecotFiles(folder);
    writeFileSync(join(directory, 'subscriptions'), `V\t2\n\n${names.map(storedName).join('\n')}\n`);
  }
  return { messages: number, bytes };
}

function makeFolder(directory: string, name: string, index: number): Folder {
  const path = name === 'INBOX' ? directory : join(directory, `.${storedName(name).replaceAll('\t', '.')}`);
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
  if (name !== 'INBOX') writeFileSync(join(path, 'maildirfolder'), '');
  return { path, records: [], keywords: [], seed: String(index + 1).padStart(32, '0') };
}

/** As in the file `subscriptions`: the parts in modified UTF-7 (the one that needs it is spelled out), joined by tabs. */
function storedName(name: string): string {
  return name.replaceAll('/', '\t').replace('Grüße', 'Gr&APwA3w-e');
}

function letters(folder: Folder, mail: GeneratedMail): string {
  const found = mail.keywords.map((keyword) => {
    if (!folder.keywords.includes(keyword)) folder.keywords.push(keyword);
    return String.fromCharCode(97 + folder.keywords.indexOf(keyword));
  });
  return found.sort().join('');
}

function writeDovecotFiles({ path, records, keywords, seed }: Folder): void {
  const list = records.map((name, index) => `${index + 1} :${name}\n`);
  writeFileSync(join(path, 'dovecot-uidlist'), `3 V1514764800 N${records.length + 1} G${seed}\n${list.join('')}`);
  if (keywords.length > generatedKeywords.length) throw new Error('more keywords than there are');
  if (keywords.length > 0) {
    writeFileSync(join(path, 'dovecot-keywords'), keywords.map((keyword, index) => `${index} ${keyword}\n`).join(''));
  }
}
