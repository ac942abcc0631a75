import { rmSync } from 'node:fs';
import { type Random, seededRandom } from '../bench/random.js';
import type { Tally } from '../soak-hosts/tally.js';
import { judge } from './judge.js';
import { makeLetters } from './letters.js';
import type { Held, Place } from './place.js';
import { type FedHost, mailboxNames, makeScene, type Scene, type ServedHost, type Servers } from './scene.js';

export type HistoryOptions = {
  readonly servers: Servers;
  readonly directory: string;
  readonly seed: number;
  readonly tally: Tally;
};

/** Times of deeds between peace and peace, and how many deeds are in each at most. */
const phases = 2;
const deedsMax = 12;

/** After so many rounds without deeds all have to be equal. A round passes news on in one direction; mbsync needs another for what it is told. */
const roundsMax = 6;

/**
 * One history, all of one seed but for what happens at the same instant: people and programs do things to mail on all hosts and with the provider,
 * hosts exchange it, and from time to time there is peace, in which all have to become equal. Throws where anything is not as it has to be.
 *
 * What mrepl-beside(7) says of several hosts that fetch is kept to: each fetches right before it exchanges, and brings to the provider what came
 * by that before any other does; nothing arrives at the provider in between.
 */
export async function runHistory({ servers, directory, seed, tally }: HistoryOptions): Promise<void> {
  const random = seededRandom(seed);
  const letters = makeLetters();
  const first = Array.from({ length: random.integer(0, 4) }, () => letters.next('provider'));
  const scene = await makeScene(servers, { directory, name: `u${seed}`, letters: first, random });
  for (const held of await scene.provider.held()) letters.isIn(held.id, held.mailbox);
  const hosts = [...scene.served, ...scene.fed];
  const context: Context = { scene, random, letters, tally };
  for (let phase = 0; phase < phases; phase++) {
    for (let deeds = random.integer(deedsMax / 2, deedsMax); deeds > 0; deeds--) {
      await act(context, random.pick([scene.provider, ...hosts]));
      if (random.chance(0.4)) await visit(context, random.pick(hosts), true);
    }
    const caches = await judge.caches(scene.served);
    await makePeace(context);
    tally.count('peace');
    await caches.compare();
    letters.settle();
  }
  rmSync(directory, { recursive: true, force: true });
}

type Context = {
  readonly scene: Scene;
  readonly random: Random;
  readonly letters: ReturnType<typeof makeLetters>;
  readonly tally: Tally;
};

/** Everybody exchanges until all are equal, and then once more, which must not change anything. */
async function makePeace(context: Context): Promise<void> {
  const { scene, letters, random, tally } = context;
  const hosts = [...scene.served, ...scene.fed].sort(() => random.unit() - 0.5);
  for (let round = 1; ; round++) {
    for (const host of hosts) await visit(context, host, false);
    const complaints = await judge.differences(scene, letters.expected());
    if (complaints.length === 0) break;
    if (round === roundsMax) throw new Error(`after ${round} rounds in peace: ${complaints.join('\n  ')}`);
    tally.count('round that left something to do');
  }
  const before = await judge.everything(scene);
  for (const host of hosts) await visit(context, host, false);
  await judge.unchanged(scene, before);
  await judge.neighbours(scene, letters.expected());
}

/** What comes to a host with its stick; with others at work at the same instant, where there is no peace. */
async function visit(context: Context, host: ServedHost | FedHost, isBusy: boolean): Promise<void> {
  const { scene, random, tally } = context;
  const isFed = 'fetch' in host;
  if (isFed) await host.fetch();
  const others: Promise<unknown>[] = [];
  if (isBusy) {
    for (let count = random.integer(0, 2); count > 0; count--) others.push(actMeanwhile(context, host));
    if (isFed && random.chance(0.2)) {
      tally.count('meanwhile: mbsync');
      // A file may be renamed just when it wants to read it; it does so the next time.
      others.push(host.fetch().catch(() => tally.count('meanwhile: mbsync ended otherwise')));
    }
    if (host.name === 'desk' && random.chance(0.3)) {
      tally.count('meanwhile: notmuch new');
      others.push(scene.notmuch.look());
    }
  }
  const isApart = others.length > 0; // a process of its own is stopped by nothing that happens in this one
  const running = isApart ? host.start(['sync', scene.stick]).ended : host.run('sync', scene.stick);
  const [{ status, out, err }] = await Promise.all([running, ...others]);
  tally.count(`status: ${status}`);
  if (status !== 0 && !(status === 3 && isBusy)) throw new Error(`${host.name}$ mrepl sync: ${status}\n${out}${err}`);
  if (isFed) await host.fetch();
  if (host.name === 'desk') await scene.notmuch.look();
}

/** Something that somebody does somewhere. What nobody may do any more with a letter, because of what was done before, is left alone. */
async function act(context: Context, place: Place): Promise<void> {
  const { random, letters, scene, tally } = context;
  const what = random.pick(['deliver', 'deliver', 'flag', 'flag', 'tag', 'expunge', 'move', 'copy'] as const);
  if (what === 'deliver') return deliver(context, place);
  const held = await place.held();
  if (what === 'flag' || what === 'tag') {
    if (held.length === 0) return;
    const which = random.pick(held);
    if (what === 'tag' && place.name === 'desk') {
      const changes = random.chance(0.5) ? ['+flagged'] : ['-unread', '-flagged'];
      await scene.notmuch.look();
      await scene.notmuch.tag(which.id, changes);
      tally.count('deed: tag');
    } else await flag(context, place, which);
    return;
  }
  const free = held.filter(({ id }) => letters.mayBeChanged(id));
  if (free.length === 0) return;
  const which = random.pick(free);
  const to = random.pick(mailboxNames.filter((name) => name !== which.mailbox));
  tally.count(`deed: ${what}`);
  if (what === 'expunge') await place.expunge(which);
  else if (what === 'move') await place.move(which, to);
  else await place.copy(which, to);
  letters.changed(which.id, what === 'expunge' ? [] : what === 'move' ? [to] : [which.mailbox, to]);
}

async function deliver({ random, letters, tally }: Context, place: Place): Promise<void> {
  const id = letters.next(place.name);
  const mailbox = random.pick(mailboxNames);
  tally.count(`deed: deliver`);
  await place.deliver(id, mailbox);
  letters.isIn(id, mailbox);
}

async function flag({ random, tally }: Context, place: Place, which: Held): Promise<void> {
  tally.count('deed: flag');
  await place.flag(which, random.pick(['F', 'R', 'S']), random.chance(0.6));
}

/** While mrepl is at work there. */
async function actMeanwhile(context: Context, place: Place): Promise<void> {
  const { random, tally } = context;
  tally.count('meanwhile');
  if (random.chance(0.5)) return deliver(context, place);
  const held = await place.held().catch(() => []);
  if (held.length === 0) return;
  await flag(context, place, random.pick(held)).catch(() => tally.count('meanwhile: refused, as it had just changed'));
}
