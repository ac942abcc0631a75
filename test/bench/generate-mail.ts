import { type Random, seededRandom } from './random.js';
import { prose, vocabulary } from './words.js';

/** A message as a real mailbox might hold it, made from nothing but a seed. */
export type GeneratedMail = {
  readonly text: Buffer;
  readonly receivedS: number;
  readonly mailbox: string;
  /** Maildir flag letters in ASCII order, without keywords. */
  readonly flags: string;
  readonly keywords: readonly string[];
  /** Not yet looked at by any client. */
  readonly isNew: boolean;
};

// Chosen so that 20,000 messages are about 400 MB, two thirds of it attachments, which is what mailboxes of people who get
// documents by mail look like.
const textMedianBytes = 2500;
const textSigma = 0.9;
const attachmentShare = 0.064;
const attachmentMedianBytes = 90_000;
const attachmentSigma = 1.0;
/** Raw bytes of an attachment, at most. */
const attachmentBytesMax = 3 << 20;
const htmlShare = 0.3;
const crlfShare = 0.03;

const firstDayS = Date.UTC(2018, 0, 1) / 1000;
const lastDayS = Date.UTC(2024, 5, 30) / 1000;

const mailboxes = [
  ...Array<string>(8).fill('INBOX'),
  ...Array<string>(3).fill('Sent'),
  ...['Archive/2018', 'Archive/2019', 'Archive/2020', 'Archive/2021', 'Archive/2022', 'Archive/2022'],
  ...['Lists/dovecot', 'Lists/debian-user', 'Lists/debian-user', 'Lists/sailing'],
  ...['Drafts', 'Trash', 'Familie/Grüße'],
];

export const generatedMailboxes: readonly string[] = [...new Set(mailboxes)];
export const generatedKeywords = ['$NotJunk', '$Forwarded', '$Label1', '$Label3', 'Work', 'Later', 'Steuer'] as const;

type Thread = {
  readonly id: string;
  readonly subject: string;
  readonly mailbox: string;
  readonly body: string;
  depth: number;
};

/** An endless supply of mail, in the order of arrival if `count` of it are taken. */
export function* generateMail({ seed, count }: { seed: number | string; count: number }): Generator<GeneratedMail> {
  const random = seededRandom(seed);
  const words = vocabulary(random);
  const people = Array.from({ length: 300 }, () => person(random, words));
  const threads: Thread[] = [];
  for (let index = 0; index < count; index++) {
    const receivedS = Math.floor(firstDayS + ((lastDayS - firstDayS) * (index + random.unit())) / count);
    const parent = threads.length > 0 && random.chance(0.5) ? random.pick(threads) : null;
    const from = random.pickZipf(people);
    const id = `${random.bytes(9).toString('hex')}@${from.domain}`;
    const own = prose(random, words, Math.min(random.logNormal(textMedianBytes, textSigma), 400_000));
    const subject = parent?.subject ?? title(random, words);
    const mailbox = parent?.mailbox ?? random.pick(mailboxes);
    const body = parent === null ? own : `${quoted(parent.body)}\n${own}`;
    const depth = parent === null ? 0 : parent.depth + 1;
    const header = headerOf(random, { id, subject, mailbox, parent, from, to: random.pick(people), receivedS });
    const text = `${header}${bodyOf(random, words, body)}`;
    if (depth < 6) threads.push({ id, subject, mailbox, body: own.slice(0, 1500), depth });
    if (threads.length > 200) threads.splice(random.integer(0, 99), 1);
    const seen = random.chance(0.88);
    yield {
      text: Buffer.from(random.chance(crlfShare) ? text.replaceAll('\n', '\r\n') : text, 'utf8'),
      receivedS,
      mailbox,
      flags: seen ? flagsOf(random, mailbox) : '',
      keywords: seen && random.chance(0.25) ? [random.pickZipf(generatedKeywords)] : [],
      isNew: !seen && random.chance(0.1),
    };
  }
}

type Person = { readonly name: string; readonly address: string; readonly domain: string };

function person(random: Random, words: readonly string[]): Person {
  const [first, last] = [random.pick(words), random.pick(words)].map(
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
  const domain = `mail${random.integer(1, 40)}.example.${random.pick(['org', 'com', 'net'])}`;
  const plain = `${first}.${last}`.toLowerCase().replace(/[^a-z.]/g, 'x');
  return { name: `${first} ${last}`, address: `${plain}@${domain}`, domain };
}

function title(random: Random, words: readonly string[]): string {
  const text = Array.from({ length: random.integer(2, 7) }, () => random.pickZipf(words)).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function encodedWord(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function headerOf(
  random: Random,
  mail: {
    id: string;
    subject: string;
    mailbox: string;
    parent: Thread | null;
    from: Person;
    to: Person;
    receivedS: number;
  },
): string {
  const { id, subject, parent, from, to, receivedS } = mail;
  const date = new Date(receivedS * 1000).toUTCString().replace('GMT', '+0000');
  const hops = Array.from(
    { length: random.integer(1, 4) },
    (_, hop) =>
      `Received: from relay${random.integer(1, 9)}.${from.domain} (relay.${from.domain} [192.0.2.${random.integer(1, 254)}])\n` +
      `\tby mx${hop}.example.org (Postfix) with ESMTPS id ${random.bytes(6).toString('hex').toUpperCase()}\n` +
      `\tfor <${to.address}>; ${date}\n`,
  );
  const list = /^Lists\/(.*)/.exec(mail.mailbox)?.[1];
  return [
    `Return-Path: <${from.address}>\n`,
    ...hops,
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${from.domain}; s=key1;\n`,
    `\th=from:to:subject:date:message-id; bh=${random.bytes(32).toString('base64')};\n`,
    `\tb=${folded(random.bytes(192).toString('base64'), 68, '\n\t ')}\n`,
    `From: ${encodedWord(from.name)} <${from.address}>\n`,
    `To: ${encodedWord(to.name)} <${to.address}>\n`,
    `Subject: ${encodedWord(parent === null ? subject : `Re: ${subject}`)}\n`,
    `Date: ${date}\n`,
    `Message-ID: <${id}>\n`,
    parent === null ? '' : `In-Reply-To: <${parent.id}>\nReferences: <${parent.id}>\n`,
    list === undefined ? '' : `List-Id: <${list}.example.org>\nPrecedence: list\n`,
    'MIME-Version: 1.0\n',
  ].join('');
}

function bodyOf(random: Random, words: readonly string[], body: string): string {
  const plain = `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${body}`;
  const withHtml = random.chance(htmlShare) ? alternative(random, plain, body) : plain;
  if (!random.chance(attachmentShare)) return withHtml;
  const boundary = `=_${random.bytes(12).toString('hex')}`;
  const size = Math.min(random.logNormal(attachmentMedianBytes, attachmentSigma), attachmentBytesMax);
  const type = random.pick(['application/pdf', 'image/jpeg', 'image/jpeg', 'application/zip']);
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\n\n`,
    `--${boundary}\n${withHtml}\n--${boundary}\n`,
    `Content-Type: ${type}; name="${title(random, words).replace(/[^a-zA-Z]/g, '_')}"\n`,
    'Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n',
    base64Lines(random.bytes(Math.floor(size))),
    `--${boundary}--\n`,
  ].join('');
}

function alternative(random: Random, plain: string, body: string): string {
  const boundary = `=_${random.bytes(12).toString('hex')}`;
  const html = body
    .split('\n\n')
    .map((paragraph) => `<p style="margin: 0 0 1em 0; font-family: sans-serif">${paragraph}</p>`);
  return [
    `Content-Type: multipart/alternative; boundary="${boundary}"\n\n--${boundary}\n${plain}\n--${boundary}\n`,
    'Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n',
    `<html><head><title></title></head><body>\n${html.join('\n')}\n</body></html>\n--${boundary}--\n`,
  ].join('');
}

function flagsOf(random: Random, mailbox: string): string {
  return [
    mailbox === 'Drafts' ? 'D' : '',
    random.chance(0.05) ? 'F' : '',
    random.chance(0.03) ? 'P' : '',
    random.chance(0.2) ? 'R' : '',
    'S',
    mailbox === 'Trash' && random.chance(0.3) ? 'T' : '',
  ].join('');
}

const base64LineBytes = 57; // 76 characters, as MIME wants

function base64Lines(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += base64LineBytes) {
    lines.push(bytes.toString('base64', at, Math.min(at + base64LineBytes, bytes.length)));
  }
  lines.push('');
  return lines.join('\n');
}

function folded(text: string, width: number, separator: string): string {
  return text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(separator) ?? '';
}
