import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { JsonLine } from '../host.js';
import { jsonLines } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';
import { makeUidWitness } from './uid-witness.js';

/** Something done to a mailbox by hand, between two runs, and what has to come of it. */
export type Harm = {
  readonly title: string;
  /** `mailbox` holds the letters one (seen, with the keyword Work where there are keywords), two (flagged) and three (new). */
  harm(site: Site, mailbox: string): void;
  /** More to be there before, said of the host that the other one gets everything from. */
  readonly prepare?: (site: Site, mailbox: string) => void;
  /** Done when the first run after the harm is over: what was taken away is put back. */
  readonly repair?: (site: Site, mailbox: string) => void;
  /** Changes on the other host, made before it hears of anything. */
  readonly meanwhile?: (site: Site, mailbox: string) => void;
  /** How often each letter is in the mailbox at last; those not named are there once. */
  readonly left?: Readonly<Record<string, number>>;
  /** What the run after it says of the mailbox: some line of its JSON has to have all of these. */
  readonly told?: Readonly<Record<string, unknown>>;
  /** More to be true of the mailbox on each host at last. */
  readonly check?: (site: Site, mailbox: string) => void;
};

/** The letters of a mailbox, each with a text of its own: `one in files-1.` */
export const letters = ['one', 'two', 'three'] as const;

export function textOf(word: string, mailbox: string): string {
  return letter(`${word} in ${mailbox}.`);
}

/** What finds a letter in its mailbox. */
export function needle(word: string, mailbox: string): string {
  return `Subject: ${word} in ${mailbox}.`;
}

/**
 * Every harm has a mailbox of its own, and all are done at once, on a host with UID lists or on one without; then both hosts exchange.
 * That nobody loses, doubles or confuses mail, and that the hosts end equal, is demanded of all.
 */
export function describeHarms(
  title: string,
  harms: readonly Harm[],
  on: readonly ('listed' | 'plain')[] = ['listed', 'plain'],
): void {
  for (const harmed of on) {
    describe(`${title}, on a host ${harmed === 'listed' ? 'with UID lists' : 'without UID lists'}`, () => {
      const cleanups: (() => void)[] = [];
      const directory = scratch({ after: (clean) => void cleanups.push(clean) });
      const listed = makeSite(directory, 'home', { uidList: true });
      const plain = makeSite(directory, 'cabin', { layout: 'fs' });
      const both = [listed, plain] as const;
      const [site, other] = harmed === 'listed' ? both : ([plain, listed] as const);
      const witness = makeUidWitness();
      let lines: readonly JsonLine[] = [];
      let said = '';
      const nameOf = (index: number): string => `m${index + 1}`;

      before(async () => {
        const stick = join(directory, 'stick');
        mkdirSync(stick);
        listed.put(letter('somewhere else'));
        for (const [index, { prepare }] of harms.entries()) {
          fillMailbox(listed, nameOf(index));
          prepare?.(listed, nameOf(index));
        }
        await initAll(both);
        await exchange(both, stick);
        for (const each of both) await witness.look(each);
        for (const [index, { harm, meanwhile }] of harms.entries()) {
          harm(site, nameOf(index));
          meanwhile?.(other, nameOf(index));
        }
        const first = await site.run('sync', stick, '--json');
        lines = jsonLines(first.out);
        said = first.out + first.err;
        for (const each of both) await witness.look(each);
        for (const [index, { repair }] of harms.entries()) repair?.(site, nameOf(index));
        for (const each of [other, site, other, site]) {
          await each.run('sync', stick);
          await witness.look(each);
        }
      });
      after(() => {
        for (const clean of cleanups) clean();
      });

      for (const [index, { title: what, left = {}, told, check }] of harms.entries()) {
        test(what, () => {
          const mailbox = nameOf(index);
          const words = new Set([...letters, ...Object.keys(left)]);
          for (const each of both) {
            for (const word of words) {
              assert.equal(
                each.count(needle(word, mailbox), mailbox),
                left[word] ?? 1,
                `${each.name}: the letter ${word}\n${said}`,
              );
            }
            check?.(each, mailbox);
          }
          if (told !== undefined)
            assert.ok(
              lines.some((line) => isAbout(line, mailbox) && hasAll(line, told)),
              said,
            );
        });
      }

      test('both hosts are equal', () => assertAgreed(both));
    });
  }
}

/** Makes a mailbox with a UID list, keywords and the letters. */
export function fillMailbox(site: Site, mailbox: string): void {
  site.create(mailbox);
  const base = mailbox.replaceAll('/', '-');
  site.put(textOf('one', mailbox), { mailbox, flags: 'Sa', base: `1600000001.M1P1.${base}` });
  site.put(textOf('two', mailbox), { mailbox, flags: 'F', base: `1600000002.M2P1.${base}` });
  site.deliver(textOf('three', mailbox), mailbox);
  writeFileSync(join(site.folder(mailbox), 'dovecot-keywords'), '0 Work\n');
  const guid = createHash('sha256').update(mailbox).digest('hex').slice(0, 32);
  writeFileSync(join(site.folder(mailbox), 'dovecot-uidlist'), `3 V1650000000 N1 G${guid}\n`);
}

function isAbout({ mailbox, subject, from, to, message }: JsonLine, name: string): boolean {
  const named = new RegExp(`\\b${name}\\b`);
  return [mailbox, subject, from, to, message].some((value) => typeof value === 'string' && named.test(value));
}

function hasAll(line: JsonLine, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    return value instanceof RegExp
      ? value.test(JSON.stringify(line[key]))
      : JSON.stringify(line[key]) === JSON.stringify(value);
  });
}
