import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../bench/random.js';
import { comparable } from '../dovecot/comparable.js';
import { type Dovecot, type DovecotAccount, startDovecot } from '../dovecot/dovecot.js';
import type { IdleClient, MailboxView } from '../dovecot/mail-client.js';
import { makeUidWitness, type UidWitness } from '../end-to-end/uid-witness.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { makeTally, type Tally } from '../soak-hosts/tally.js';
import { type Desk, lasting, workAt } from './client-at-work.js';
import { type Fate, type Letters, makeLetters } from './letters.js';

export type LoadOptions = {
  readonly directory: string;
  readonly seed: number;
  readonly minutes: number;
  /** IMAP clients at work on each host. */
  readonly clients: number;
  readonly say: (line: string) => void;
};

export type LoadFigures = {
  readonly tally: Tally;
  readonly letters: Letters['count'];
  readonly rounds: number;
  readonly messages: number;
  readonly mailboxes: number;
  readonly uidsSeen: number;
};

/** One account on a Dovecot of its own, and all that is connected to it. */
type Station = {
  readonly host: Host;
  readonly server: Dovecot;
  readonly account: DovecotAccount;
  readonly watcher: IdleClient;
  readonly desk: Desk;
};

const layouts = { home: 'maildir++', cabin: 'fs' } as const;

/** What is delivered, and where: most of it into INBOX. */
const posted: readonly (readonly [fate: Fate, mailbox: string])[] = [
  ['kept', 'INBOX'],
  ['expunged', 'INBOX'],
  ['moved', 'INBOX'],
  ['expunged', 'INBOX'],
  ['copied', 'INBOX'],
  ['kept', 'Work'],
  ['kept', 'Lists/a'],
];

/** Longest pauses between two deliveries, and two runs of mrepl, at one host. */
const deliveryPauseMsMax = 250;
const syncPauseMsMax = 500;

const roundsMax = 10;

/** Statuses that a run may end with: done, and done but for what is named. */
const statuses: ReadonlySet<number> = new Set([0, 3]);

/** An empty mailbox takes the UIDVALIDITY of the first that has mail, which Dovecot notes where somebody has seen the empty one. */
const isExpected = (line: string): boolean => /Warning: Maildir .*UIDVALIDITY changed/.test(line);

/**
 * Two accounts with all that happens to mail at once, while `mrepl sync` runs at both without end through one directory; then peace, in
 * which both have to come to the same, with nothing lost, doubled or come back, and no complaint in Dovecot's logs.
 */
export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  const { directory, seed, minutes, say } = options;
  const letters = makeLetters();
  const tally = makeTally();
  const witness = makeUidWitness();
  const random = seededRandom(seed);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const servers = await Promise.all([startDovecot({ layout: layouts.home }), startDovecot({ layout: layouts.cabin })]);
  try {
    const [home, cabin] = await setUp(servers, { directory, stick, random, letters, tally, witness });
    const stations = [home, cabin];
    const valid = await Promise.all(stations.map(validities));
    const untilMs = Date.now() + minutes * 60_000;
    let isOver = false;
    const over = (): boolean => isOver || Date.now() >= untilMs;
    const guarded = (work: Promise<void>): Promise<void> =>
      work.catch((error: unknown) => {
        isOver = true; // the others need not go on
        throw error;
      });
    const reporting = setInterval(() => say(progressOf(tally, letters)), 30_000);
    try {
      await Promise.all(
        stations.flatMap((station) => [
          guarded(deliverTo(station, over)),
          guarded(syncOn(station, stick, over)),
          ...Array.from({ length: options.clients }, () =>
            guarded(workAt(() => station.account.client(), station.desk, over)),
          ),
        ]),
      );
    } finally {
      clearInterval(reporting);
    }
    say('peace');
    const { rounds, views } = await settle(stations, stick);
    await assertSound(stations, { views, valid, letters, tally });
    const all = Object.values(views);
    return {
      tally,
      letters: letters.count,
      rounds,
      messages: all.reduce((sum, { messages }) => sum + messages.length, 0),
      mailboxes: all.length,
      uidsSeen: witness.count(),
    };
  } catch (error) {
    for (const prefix of ['status: ', 'said: ', 'refused: ']) say(`${prefix}${JSON.stringify(tally.list(prefix))}`);
    for (const server of servers) say([...server.disconnections(), ...server.troubles()].join('\n'));
    throw error;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

type Setting = {
  readonly directory: string;
  readonly stick: string;
  readonly random: Random;
  readonly letters: Letters;
  readonly tally: Tally;
  readonly witness: UidWitness;
};

async function setUp(
  servers: readonly [Dovecot, Dovecot],
  { directory, stick, random, letters, tally, witness }: Setting,
): Promise<readonly [Station, Station]> {
  const station = async (server: Dovecot, name: 'home' | 'cabin'): Promise<Station> => {
    const account = server.account('alice');
    const watcher = await (await account.client({ qresync: name === 'home' })).idle('INBOX');
    const host = makeHost({ name, home: join(directory, name), store: account.store, runs: 'own process' });
    const desk = {
      hostName: name,
      random,
      letters,
      witness,
      tally,
      temporary: new Set<string>(),
      inHand: new Set<string>(),
    };
    return { host, server, account, watcher, desk };
  };
  const stations = [await station(servers[0], 'home'), await station(servers[1], 'cabin')] as const;
  const [home] = stations;
  const client = await home.account.client();
  for (const mailbox of lasting) {
    if (mailbox !== 'INBOX') await client.create(mailbox);
    const { subject, text } = letters.write('kept', 'home');
    await home.account.deliver(text, mailbox); // so that each has a UIDVALIDITY from the beginning
    letters.delivered(subject);
  }
  await client.close();
  for (const { host } of stations) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll(stations.map(({ host }) => host));
  for (const { host } of [...stations, home]) await host.mrepl('sync', stick);
  for (const { server } of stations) server.troubles(); // the cabin's INBOX took the UIDVALIDITY of the other
  return stations;
}

async function deliverTo({ account, desk }: Station, isOver: () => boolean): Promise<void> {
  const { random, letters, hostName, tally } = desk;
  while (!isOver()) {
    const [fate, mailbox] = random.pick(posted);
    const { subject, text } = letters.write(fate, hostName);
    letters.delivered(subject);
    await account.deliver(text, mailbox);
    tally.count('change: deliver');
    await sleep(random.integer(0, deliveryPauseMsMax));
  }
}

async function syncOn({ host, desk }: Station, stick: string, isOver: () => boolean): Promise<void> {
  const { random, tally } = desk;
  while (!isOver()) {
    const { status, out, err } = await host.run('sync', stick);
    tally.count(`status: ${status}`);
    for (const line of err.split('\n').filter((one) => one.startsWith('mrepl: '))) {
      tally.count(
        `said: ${line
          .replace(/"[^"]*"/g, '"..."')
          .replace(/\d+/g, 'N')
          .replaceAll(stick, 'STICK')}`,
      );
    }
    assert.ok(statuses.has(status), `${host.name}$ mrepl sync ended with status ${status}\n${out}${err}`);
    await sleep(random.integer(0, syncPauseMsMax));
  }
}

function progressOf(tally: Tally, { count }: Letters): string {
  const statusList = tally.list('status: ').map(([status, times]) => `${times} x ${status}`);
  return `${count.delivered} delivered, ${count.expunged} expunged, syncs ${statusList.join(', ')}`;
}

/** Until both servers show the same, and another sync of each changes nothing. */
async function settle(
  stations: readonly Station[],
  stick: string,
): Promise<{ readonly rounds: number; readonly views: Record<string, MailboxView> }> {
  for (let rounds = 1; rounds <= roundsMax; rounds++) {
    for (const { host } of stations) await host.mrepl('sync', stick);
    const [views, others] = await Promise.all(stations.map(freshLook));
    if (views === undefined || JSON.stringify(shown(views)) !== JSON.stringify(shown(others))) continue;
    for (const { host } of stations) await host.mrepl('sync', stick);
    for (const station of stations) assert.deepEqual(shown(await freshLook(station)), shown(views));
    return { rounds, views };
  }
  const [views, others] = await Promise.all(stations.map(freshLook));
  assert.deepEqual(shown(others), shown(views), `the hosts do not agree after ${roundsMax} rounds`);
  throw new Error('unreachable');
}

function shown(views: Record<string, MailboxView> | undefined): unknown {
  return comparable(views ?? {});
}

/** What a client sees that logs in now. */
async function freshLook({ account }: Station): Promise<Record<string, MailboxView>> {
  const client = await account.client();
  const views = await client.lookAtAll();
  await client.close();
  return views;
}

async function validities({ account }: Station): Promise<Record<string, number>> {
  const client = await account.client();
  const found: Record<string, number> = {};
  for (const mailbox of lasting) found[mailbox] = (await client.lookAtLast(mailbox, 1)).uidValidity;
  await client.close();
  return found;
}

type Outcome = {
  readonly views: Record<string, MailboxView>;
  readonly valid: readonly Record<string, number>[];
  readonly letters: Letters;
  readonly tally: Tally;
};

async function assertSound(stations: readonly Station[], { views, valid, letters, tally }: Outcome): Promise<void> {
  const subjects = Object.entries(views).flatMap(([mailbox, { messages }]) =>
    messages.map(({ uid, text }) => {
      const subject = /^Subject: (.*?)\r?$/m.exec(text)?.[1] ?? '';
      letters.note(subject, `in the end it is ${mailbox} ${uid}`);
      return subject;
    }),
  );
  assert.deepEqual(letters.flawsOf(subjects), []);
  assert.deepEqual(await Promise.all(stations.map(validities)), valid, 'a UIDVALIDITY changed');
  for (const { host, server, watcher, desk, account } of stations) {
    assert.ok(
      !watcher.told.some(({ kind }) => kind === 'closed'),
      `${host.name}: a client that watched was disconnected`,
    );
    await watcher.stop();
    for (const why of server.disconnections()) tally.count(`logged: ${why}`);
    const troubles = server.troubles();
    for (const line of troubles.filter(isExpected))
      tally.count(`logged: ${line.replace(/.*Warning: /, '').replace(/\/\S+|\d+/g, '...')}`);
    assert.deepEqual(
      troubles.filter((line) => !isExpected(line)),
      [],
      `${host.name}: Dovecot complains`,
    );
    desk.witness.lookAtLists({
      name: `${host.name} at last`,
      maildir: account.maildir,
      layout: layouts[host.name as 'home' | 'cabin'],
    });
    assert.match(await host.mrepl('doctor', '--deep'), /./);
  }
}
