import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Random, seededRandom } from '../bench/random.js';
import { type Dovecot, startDovecot } from '../dovecot/dovecot.js';
import type { MailClient } from '../dovecot/mail-client.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Random schedules of three hosts, one of which is an account on an IMAP server: changes on each, syncs with kills at any moment, sticks lost.
// To repeat one: MREPL_TEST_SEED=<seed> node dist/test/run.js imap-schedules

const seeds = process.env.MREPL_TEST_SEED === undefined ? [1, 5, 6] : [Number(process.env.MREPL_TEST_SEED)];

const steps = 24;
const mailboxes = ['INBOX', 'Archive', 'Lists/a'];

/** Letters of flags in file names, and the flags that they are. */
const flagLetters: Readonly<Record<string, string>> = { F: '\\Flagged', R: '\\Answered', S: '\\Seen' };

/** One host, as somebody sees it who uses its mail by whatever program. */
type Party = {
  readonly host: Host;
  /** Subjects of each mailbox, with their flags, sorted. */
  view(): Promise<Record<string, readonly string[]>>;
  write(subject: string, mailbox: string): Promise<void>;
  /** These leave alone what is not there exactly once. */
  flag(subject: string, mailbox: string, letter: string): Promise<void>;
  expunge(subject: string, mailbox: string): Promise<boolean>;
  move(subject: string, mailbox: string, to: string): Promise<void>;
};

let dovecot: Dovecot;
before(async () => {
  dovecot = await startDovecot();
});
after(() => dovecot.stop());

function partyOfSite(site: Site): Party {
  const folder = (mailbox: string): string => mailbox.replaceAll('/', '.');
  const needle = (subject: string): string => `Subject: ${subject}.\n`;
  const isOne = (subject: string, mailbox: string): boolean => site.count(needle(subject), folder(mailbox)) === 1;
  return {
    host: site,
    async view() {
      return Object.fromEntries(
        mailboxes.map((mailbox) => {
          const lines = site.files('Subject: ', folder(mailbox)).map((file) => {
            const subject = /^Subject: (.*)\.$/m.exec(readFileSync(file, 'utf8'))?.[1];
            const letters = /:2,([A-Z]*)$/.exec(file)?.[1] ?? '';
            return `${subject} ${[...letters]
              .map((each) => flagLetters[each] ?? each)
              .sort()
              .join(' ')}`.trim();
          });
          return [mailbox, lines.sort()];
        }),
      );
    },
    async write(subject, mailbox) {
      site.put(letter(`${subject}.`), { mailbox: folder(mailbox) });
    },
    async flag(subject, mailbox, mark) {
      if (isOne(subject, mailbox)) site.mark(needle(subject), { add: mark }, folder(mailbox));
    },
    async expunge(subject, mailbox) {
      const isThere = isOne(subject, mailbox);
      if (isThere) site.expunge(needle(subject), folder(mailbox));
      return isThere;
    },
    async move(subject, mailbox, to) {
      if (isOne(subject, mailbox)) site.move(needle(subject), folder(mailbox), folder(to));
    },
  };
}

function partyOnServer(host: Host, client: MailClient): Party {
  const look = async (mailbox: string) => {
    const isThere = (await client.mailboxes()).includes(mailbox);
    return isThere ? (await client.look(mailbox)).messages : [];
  };
  const subjectOf = (text: string): string => /^Subject: (.*)\.\r?$/m.exec(text)?.[1] ?? '';
  const uidOf = async (subject: string, mailbox: string): Promise<number | null> => {
    const found = (await look(mailbox)).filter(({ text }) => subjectOf(text) === subject);
    return found.length === 1 ? (found[0]?.uid ?? null) : null;
  };
  const made = async (mailbox: string): Promise<void> => {
    if (!(await client.mailboxes()).includes(mailbox)) await client.create(mailbox);
  };
  return {
    host,
    async view() {
      const all: [string, string[]][] = [];
      for (const mailbox of mailboxes) {
        const lines = (await look(mailbox)).map(({ text, flags }) => `${subjectOf(text)} ${flags.join(' ')}`.trim());
        all.push([mailbox, lines.sort()]);
      }
      return Object.fromEntries(all);
    },
    async write(subject, mailbox) {
      await made(mailbox);
      await client.append(mailbox, letter(`${subject}.`));
    },
    async flag(subject, mailbox, mark) {
      const uid = await uidOf(subject, mailbox);
      if (uid !== null) await client.flag(mailbox, [uid], { add: [flagLetters[mark] ?? ''] });
    },
    async expunge(subject, mailbox) {
      const uid = await uidOf(subject, mailbox);
      if (uid !== null) await client.expunge(mailbox, [uid]);
      return uid !== null;
    },
    async move(subject, mailbox, to) {
      const uid = await uidOf(subject, mailbox);
      if (uid === null) return;
      await made(to);
      await client.move(mailbox, [uid], to);
    },
  };
}

type World = {
  readonly parties: readonly Party[];
  readonly sticks: readonly string[];
  readonly written: Set<string>;
  readonly expunged: Set<string>;
};

describe('random schedules of two Maildirs and an IMAP account', () => {
  for (const seed of seeds) {
    test(`seed ${seed}`, async (t) => {
      const random = seededRandom(`imap ${seed}`);
      const directory = scratch(t);
      const sticks = ['one', 'two'].map((name) => join(directory, name));
      for (const stick of sticks) mkdirSync(stick);
      const sites = ['home', 'cabin'].map((name) => makeSite(directory, name, { uidList: random.chance(0.5) }));
      const account = dovecot.account(`user${seed}`);
      const home = join(directory, 'office');
      const address = `imap://${account.name}@127.0.0.1:${dovecot.port}`;
      const office = makeHost({ name: 'office', home, store: address, runs: 'own process' });
      writeFileSync(join(home, 'password'), 'any\n', { mode: 0o600 });
      const parties = [...sites.map(partyOfSite), partyOnServer(office, await account.client())];
      const world: World = { parties, sticks, written: new Set(), expunged: new Set() };
      for (const party of parties)
        for (let count = random.integer(0, 3); count > 0; count--) await write(random, party, world);
      for (const site of sites) await site.mrepl('init', site.store, '--name', site.name);
      await office.mrepl('init', address, '--name', 'office', '--password-file', join(home, 'password'));
      await pairAll([...sites, office]);
      const history: string[] = [];
      try {
        for (let step = 0; step < steps; step++) history.push(await act(random, world));
        await meet(world);
      } catch (error) {
        throw new Error(`seed ${seed}:\n${history.join('\n')}\n${String(error)}`, { cause: error });
      }
    });
  }
});

/** Everybody meets everybody; then all have the same, none of it is lost or doubled, and nobody has anything to say. */
async function meet({ parties, sticks, written, expunged }: World): Promise<void> {
  const [stick = ''] = sticks;
  const round = async (): Promise<string[]> => {
    const said: string[] = [];
    for (const { host } of parties) said.push((await synced(host, stick)).out);
    return said;
  };
  for (let count = 0; count < 4; count++) await round();
  const [first, ...others] = await Promise.all(parties.map(({ view }) => view()));
  for (const other of others) assert.deepEqual(other, first);
  const subjects = Object.values(first ?? {})
    .flat()
    .map((line) => line.replace(/ \\.*$/, ''));
  for (const subject of written) {
    const count = subjects.filter((each) => each === subject).length;
    assert.ok(count <= 1, `${subject} is there ${count} times`);
    assert.ok(count === 1 || expunged.has(subject), `${subject} is lost`);
  }
  for (const said of await round()) assert.match(said, /nothing new on either side/);
}

/** A sync that may meet news which builds upon what is not here yet, and waits for that. */
async function synced(host: Host, stick: string): Promise<{ readonly out: string }> {
  const { status, out, err } = await host.run('sync', stick, '--allow-expunge');
  const complaints = err.split('\n').filter((line) => line.startsWith('mrepl: '));
  const isBehind = complaints.every((line) => line.includes('builds upon news that never came here'));
  assert.ok(status === 0 || (status === 3 && isBehind), `${host.name}: ${status}\n${out}${err}`);
  return { out };
}

async function act(random: Random, world: World): Promise<string> {
  const party = random.pick(world.parties);
  const stick = random.pick(world.sticks);
  const kind = random.unit();
  if (kind < 0.45) return `${party.host.name}: ${await change(random, party, world)}`;
  if (kind < 0.85) {
    await synced(party.host, stick);
    return `${party.host.name}: sync ${stick}`;
  }
  if (kind < 0.95) {
    const afterMs = random.integer(100, 1500);
    const running = party.host.start(['sync', stick, '--allow-expunge']);
    const timer = setTimeout(() => running.kill('SIGKILL'), afterMs);
    await running.ended;
    clearTimeout(timer);
    return `${party.host.name}: sync ${stick}, killed after ${afterMs} ms`;
  }
  rmSync(stick, { recursive: true });
  mkdirSync(stick);
  return `${stick} is lost, another one takes its place`;
}

async function write(random: Random, party: Party, { written }: World): Promise<string> {
  const subject = `message ${written.size + 1}`;
  const mailbox = random.pickZipf(mailboxes);
  written.add(subject);
  await party.write(subject, mailbox);
  return `write ${subject} into ${mailbox}`;
}

async function change(random: Random, party: Party, world: World): Promise<string> {
  if (world.written.size === 0 || random.chance(0.35)) return write(random, party, world);
  const subject = random.pick([...world.written]);
  const mailbox = random.pick(mailboxes);
  const kind = random.unit();
  if (kind < 0.5) {
    const mark = random.pick(Object.keys(flagLetters));
    await party.flag(subject, mailbox, mark);
    return `flag ${mark} of ${subject} in ${mailbox}`;
  }
  if (kind < 0.7) {
    if (await party.expunge(subject, mailbox)) world.expunged.add(subject);
    return `expunge ${subject} from ${mailbox}`;
  }
  const to = random.pick(mailboxes.filter((other) => other !== mailbox));
  await party.move(subject, mailbox, to);
  return `move ${subject} from ${mailbox} to ${to}`;
}
