import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Random, seededRandom } from '../bench/random.js';
import { viewMaildir } from '../maildir-view.js';
import { casesTried } from '../thoroughness.js';
import { assertAgreed, initAll, runAhead } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Random schedules on real directories, through the command line: three hosts, three sticks, changes on each host, sticks lost or put back.
// To repeat one: MREPL_TEST_SEED=<seed> node dist/test/run.js schedules

const schedules = casesTried(6);
const steps = 22;
const seeds =
  process.env.MREPL_TEST_SEED === undefined
    ? Array.from({ length: schedules }, (_, index) => index + 1)
    : [Number(process.env.MREPL_TEST_SEED)];

const mailboxes = ['INBOX', 'Archive', 'Lists/a'];

/** What everybody must still have in the end, unless a user expunged it. */
type Books = { written: number; readonly born: Set<string>; readonly expunged: Set<string> };

describe('random schedules of three hosts', () => {
  for (const seed of seeds) {
    test(`seed ${seed}`, async (t) => {
      const random = seededRandom(seed);
      const directory = scratch(t);
      const sites = ['a', 'b', 'c'].map((name) =>
        makeSite(directory, name, { uidList: random.chance(0.5), uidValidity: random.integer(1500000000, 1700000000) }),
      );
      const sticks = [1, 2, 3].map((number) => join(directory, `stick-${number}`));
      for (const stick of sticks) mkdirSync(stick);
      const books: Books = { written: 0, born: new Set(), expunged: new Set() };
      for (const site of sites) for (let count = random.integer(0, 3); count > 0; count--) write(site, random, books);
      await initAll(sites);
      const history: string[] = [];
      try {
        for (let step = 0; step < steps; step++) history.push(await act(random, { sites, sticks, books }));
        await meet(sites, sticks[0] ?? '', books);
      } catch (error) {
        throw new Error(`seed ${seed}:\n${history.join('\n')}\n${String(error)}`, { cause: error });
      }
    });
  }
});

/** Everybody meets everybody: three rounds of one stick are more than enough for three hosts. */
async function meet(sites: readonly Site[], stick: string, books: Books): Promise<void> {
  const round = async (): Promise<void> => {
    for (const site of sites) await runAhead(site, 'sync', stick, '--allow-expunge');
  };
  for (let count = 0; count < 3; count++) await round();
  await assertAgreed(sites);
  const [first] = sites as [Site];
  for (const subject of books.born) {
    if (books.expunged.has(subject)) continue;
    const copies = mailboxes.reduce((sum, mailbox) => sum + first.count(`Subject: ${subject}.`, mailbox), 0);
    assert.ok(copies >= 1, `${subject} is lost`);
  }
  const before = sites.map(({ maildir }) => viewMaildir(maildir));
  await round();
  assert.deepEqual(
    sites.map(({ maildir }) => viewMaildir(maildir)),
    before,
    'it does not come to rest',
  );
}

type World = { readonly sites: readonly Site[]; readonly sticks: readonly string[]; readonly books: Books };

async function act(random: Random, { sites, sticks, books }: World): Promise<string> {
  const site = random.pick(sites);
  const stick = random.pick(sticks);
  const kind = random.unit();
  if (kind < 0.35) {
    const changes = Array.from({ length: random.integer(1, 4) }, () => change(site, random, books));
    return `${site.name}: ${changes.join(', ')}`;
  }
  if (kind < 0.93) {
    const command = random.pick(['export', 'import', 'sync', 'sync']);
    // Few messages, so that a user may well expunge all of them.
    await runAhead(site, command, stick, '--allow-expunge', '--if-present');
    return `${site.name}: ${command} ${stick}`;
  }
  const copy = `${stick}-copy`;
  if (random.chance(0.5) && existsSync(copy)) {
    rmSync(stick, { recursive: true });
    cpSync(copy, stick, { recursive: true });
    return `${stick} is put back to an earlier state`;
  }
  if (random.chance(0.5)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(stick, copy, { recursive: true });
    return `${stick} is copied`;
  }
  rmSync(stick, { recursive: true });
  mkdirSync(stick);
  return `${stick} is lost, another one takes its place`;
}

function change(site: Site, random: Random, books: Books): string {
  const mailbox = random.pick(mailboxes);
  const present = [...books.born].filter((subject) => site.count(`Subject: ${subject}.`, mailbox) === 1);
  if (present.length === 0 || random.chance(0.35)) return write(site, random, books);
  const subject = random.pick(present);
  const needle = `Subject: ${subject}.`;
  const kind = random.unit();
  if (kind < 0.5) {
    const letters = random.pick(['F', 'R', 'S', 'T']);
    site.mark(needle, random.chance(0.7) ? { add: letters } : { remove: letters }, mailbox);
    return `flag ${letters} of ${subject}`;
  }
  if (kind < 0.75) {
    site.expunge(needle, mailbox);
    books.expunged.add(subject);
    return `expunge ${subject} from ${mailbox}`;
  }
  const to = random.pick(mailboxes.filter((other) => other !== mailbox));
  site.move(needle, mailbox, to);
  return `move ${subject} from ${mailbox} to ${to}`;
}

/** Now and then it is a mail that another host has got as well. */
function write(site: Site, random: Random, books: Books): string {
  const again = books.written > 0 && random.chance(0.15);
  if (!again) books.written++;
  const subject = `message ${again ? random.integer(1, books.written) : books.written}`;
  books.born.add(subject);
  const mailbox = random.pickZipf(mailboxes);
  const text = letter(`${subject}.`, 'text '.repeat(random.integer(1, 200)));
  if (random.chance(0.3)) site.deliver(text, mailbox);
  else site.put(text, { mailbox, flags: random.pick(['', 'S', 'FS']) });
  return `write ${subject} into ${mailbox}`;
}
