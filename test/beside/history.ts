import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { seededRandom } from '../bench/random.js';
import type { Tally } from '../soak-hosts/tally.js';
import { makeBoxes } from './boxes.js';
import { act, type Context } from './deeds.js';
import { judge } from './judge.js';
import { makeLetters } from './letters.js';
import { isFed, type MailHost, makeScene, type Servers } from './scene.js';

export type HistoryOptions = {
  readonly servers: Servers;
  readonly directory: string;
  readonly seed: number;
  readonly tally: Tally;
  /** How often there is peace. */
  readonly phases: number;
  /** How many deeds there are at most before each; at least half as many. */
  readonly deedsMax: number;
};

/** After so many rounds without deeds all have to be equal. A round passes news on in one direction; mbsync needs another for what it is told. */
const roundsMax = 6;

/**
 * One history, all of one seed but for what happens at the same instant: people and programs do things to mail on all hosts and with the provider,
 * hosts exchange it, and from time to time there is peace, in which all have to become equal. Throws where anything is not as it has to be.
 *
 * What mrepl-beside(7) says of several hosts that fetch is kept to: each fetches right before it exchanges, and brings to the provider what came
 * by that before any other does; nothing arrives at the provider in between.
 */
export async function runHistory({ servers, directory, seed, tally, phases, deedsMax }: HistoryOptions): Promise<void> {
  const random = seededRandom(seed);
  const letters = makeLetters();
  const boxes = makeBoxes();
  const first = Array.from({ length: random.integer(0, 4) }, () => letters.next('provider'));
  const scene = await makeScene(servers, { directory, name: `u${seed}`, letters: first, random });
  for (const held of (await scene.provider.look()).held) letters.isIn(held.id, held.mailbox);
  const context: Context = { scene, random, letters, boxes, tally, inHand: new Set() };
  for (let phase = 0; phase < phases; phase++) {
    const deeds = random.integer(Math.ceil(deedsMax / 2), deedsMax);
    const lookAt = random.integer(0, deeds);
    let caches: Awaited<ReturnType<typeof judge.caches>> | null = null;
    for (let deed = 0; deed <= deeds; deed++) {
      if (deed === lookAt) caches = await judge.caches(scene.served);
      await act(context, { place: random.pick([scene.provider, ...scene.hosts]), isBusy: false });
      if (random.chance(0.4)) await visit(context, random.pick(scene.hosts), true);
    }
    await makePeace(context);
    tally.count('peace');
    await caches?.compare();
    letters.settle();
    boxes.settle();
  }
  rmSync(directory, { recursive: true, force: true });
}

/** Everybody exchanges until all are equal, and then on until nothing changes any more, modseqs included; people may see nothing of that. */
async function makePeace(context: Context): Promise<void> {
  const { scene, letters, boxes, random, tally } = context;
  const hosts = [...scene.hosts].sort(() => random.unit() - 0.5);
  for (let round = 1; ; round++) {
    for (const host of hosts) await visit(context, host, false);
    const complaints = await judge.differences(scene, letters.expected(), boxes);
    if (complaints.length === 0) break;
    if (round === roundsMax) throw new Error(`after ${round} rounds in peace: ${complaints.join('\n  ')}`);
    tally.count('round that left something to do');
  }
  for (let round = 1, isStill = false; !isStill; round++) {
    const before = await judge.everything(scene);
    for (const host of hosts) await visit(context, host, false);
    isStill = await judge.isStill(scene, before);
    assert.ok(isStill || round < roundsMax, `modseqs go on rising: ${before.modseqs.join()}`);
  }
  await judge.neighbours(scene, letters.expected());
}

/** What comes to a host with its stick; with others at work at the same instant, where there is no peace. */
async function visit(context: Context, host: MailHost, isBusy: boolean): Promise<void> {
  const { scene, random, tally } = context;
  if (isFed(host)) await host.fetch();
  const others: Promise<unknown>[] = [];
  if (isBusy) {
    for (let count = random.integer(0, 2); count > 0; count--) {
      tally.count('meanwhile');
      others.push(act(context, { place: host, isBusy }));
    }
    if (isFed(host) && random.chance(0.2)) {
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
  if (isFed(host)) await host.fetch();
  if (host.name === 'desk') await scene.notmuch.look();
}
