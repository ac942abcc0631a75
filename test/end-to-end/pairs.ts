import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { makeSite, type Site, scratch } from './site.js';

// Two hosts, one with a store as Dovecot keeps it.

export type Pair = {
  readonly home: Site;
  readonly cabin: Site;
  readonly stick: string;
  readonly both: readonly [Site, Site];
};

/** One store as Dovecot keeps it, one that no server ever saw; nothing is set up yet. */
export function makePair(t: { after(clean: () => void): void }): Pair {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, cabin, stick, both: [home, cabin] };
}

/** Two hosts that have the same mail already. */
export async function makeTwins(t: { after(clean: () => void): void }, fill: (home: Site) => void): Promise<Pair> {
  const pair = makePair(t);
  fill(pair.home);
  await initAll(pair.both);
  await exchange(pair.both, pair.stick);
  await assertAgreed(pair.both);
  return pair;
}
