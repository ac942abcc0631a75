import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textHash, viewFolder } from '../maildir-view.js';
import { describeHarms, type Harm, needle, textOf } from './desync.js';
import type { Site } from './site.js';

// What a mail server keeps beside the mail, deleted or garbled while mail went on arriving on both hosts.

/** Where the UIDs have to be those that clients know, for the list can be made again from what is known. */
const restored = { ownUids: true };

function garbled(
  title: string,
  edit: (list: string, site: Site, mailbox: string) => string | null,
  { ownUids = false } = {},
): Harm {
  return {
    title,
    harm(site, mailbox) {
      const path = join(site.folder(mailbox), 'dovecot-uidlist');
      const after = edit(readFileSync(path, 'latin1'), site, mailbox);
      if (after === null) rmSync(path);
      else writeFileSync(path, after, 'latin1');
      site.deliver(textOf('four', mailbox), mailbox);
    },
    meanwhile: (site, mailbox) => site.deliver(textOf('five', mailbox), mailbox),
    left: { four: 1, five: 1 },
    check(site, mailbox) {
      const { uidValidity, messages } = viewFolder(site.folder(mailbox));
      if (uidValidity === null || !ownUids) return;
      assert.equal(uidValidity, 1650000000);
      assert.deepEqual(
        messages.slice(0, 3).map(({ uid }) => uid),
        [1, 2, 3],
      );
    },
  };
}

const recordOf = (list: string, number: number): string => list.split('\n')[number] ?? '';

describeHarms(
  'the UID list of a mailbox',
  [
    garbled('is deleted', () => null, restored),
    garbled('is empty', () => '', restored),
    garbled('is cut off within the header', (list) => list.slice(0, 9), restored),
    garbled('is cut off behind the header', (list) => list.slice(0, list.indexOf('\n') + 1)),
    garbled('is cut off within a record', (list) => list.slice(0, -12)),
    garbled('ends without a newline', (list) => list.slice(0, -1)),
    garbled('has a record of nonsense', (list) => list.replace(/^2 .*$/m, 'x;%&/ nonsense'), restored),
    garbled('has a blank line', (list) => list.replace(/^2 /m, '\n2 '), restored),
    garbled(
      'has its records in another order',
      (list) => {
        const [one, two] = [recordOf(list, 1), recordOf(list, 2)];
        return list.replace(`${one}\n${two}`, `${two}\n${one}`);
      },
      restored,
    ),
    garbled('names one UID twice', (list) => list.replace(/^2 /m, '1 '), restored),
    garbled('names one file twice', (list) => `${list}7${recordOf(list, 1).slice(1)}\n`),
    garbled('lacks a record', (list) => list.replace(/^2 .*\n/m, '')),
    garbled('has its UIDNEXT lowered', (list) => list.replace(/ N\d+/, ' N1'), restored),
    garbled('has its UIDNEXT raised', (list) => list.replace(/ N\d+/, ' N4711'), restored),
    garbled(
      'is binary junk',
      () => Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 89) % 256)).toString('latin1'),
      restored,
    ),
    garbled(
      'is one of version 1',
      (list) =>
        `1 1650000000 4\n${list
          .split('\n')
          .slice(1, -1)
          .map((line) => line.replace(/^(\d+)[^:]*:/, '$1 '))
          .join('\n')}\n`,
      restored,
    ),
    garbled('has a version of the future', (list) => list.replace(/^3 /, '4 '), restored),
    garbled('has another UIDVALIDITY, which is higher', (list) => list.replace('V1650000000', 'V1700000001')),
    garbled('has another UIDVALIDITY, which is lower', (list) => list.replace('V1650000000', 'V1600000001'), restored),
    garbled('has lost its UIDVALIDITY', (list) => list.replace('V1650000000', 'V'), restored),
  ],
  ['listed'],
);

function keywords(title: string, edit: (site: Site, mailbox: string, path: string) => void): Harm {
  return {
    title,
    harm(site, mailbox) {
      edit(site, mailbox, join(site.folder(mailbox), 'dovecot-keywords'));
      site.mark(needle('one', mailbox), { add: 'R' }, mailbox);
    },
    meanwhile: (site, mailbox) => site.mark(needle('two', mailbox), { add: 'R' }, mailbox),
    check(site, mailbox) {
      const { uidValidity, messages } = viewFolder(site.folder(mailbox));
      if (uidValidity === null) return;
      const shown = new Map(messages.map(({ text, flags }) => [text, flags.filter((flag) => flag.length > 1)]));
      assert.deepEqual(shown.get(textHash(Buffer.from(textOf('one', mailbox)))), ['Work']);
      assert.deepEqual([...shown.values()].flat(), ['Work']);
    },
  };
}

describeHarms(
  'the keywords of a mailbox',
  [
    keywords('are deleted', (_site, _mailbox, path) => rmSync(path)),
    keywords('are empty', (_site, _mailbox, path) => writeFileSync(path, '')),
    keywords('are binary junk', (_site, _mailbox, path) =>
      writeFileSync(path, Buffer.alloc(500, '\0\xff\x80\n', 'latin1')),
    ),
    keywords('are what Dovecot makes of them then', (_site, _mailbox, path) => writeFileSync(path, '0 unknown-0\n')),
  ],
  ['listed'],
);
