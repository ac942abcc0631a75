import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { seededRandom } from '../bench/random.js';
import { makeUidWitness } from '../end-to-end/uid-witness.js';
import { backUp, restoreBackup, restoreExpunged } from './accidents.js';
import { type Ending, end } from './ending.js';
import { exchangeOnce } from './exchange.js';
import { makeFleet } from './fleet.js';
import { makeOracle } from './oracle.js';
import { makeTally, type Tally } from './tally.js';

export type SoakOptions = {
  readonly directory: string;
  readonly hosts: number;
  readonly exchanges: number;
  readonly seed: number;
  /** Stops before all exchanges are done; those that lead to the end still follow. */
  readonly untilMs: number;
  readonly killShare: number;
  readonly smallDisks: boolean;
  readonly say: (line: string) => void;
};

export type SoakFigures = Ending & {
  readonly tally: Tally;
  readonly texts: number;
  readonly expunges: number;
  /** Of this process, in which most exchanges ran: when a quarter of them was done, and at the end. */
  readonly handles: readonly [number, number];
  readonly heapBytes: readonly [number, number];
  readonly residentBytes: readonly [number, number];
};

/** Open files that may come and go with the threads of a run; a leak of one in each exchange would be hundreds. Inclusive. */
const handlesMore = 8;

/** Changes per exchange, on average: some hosts see a lot between two, some nothing. */
const changesMax = 4;

/**
 * Random changes, exchanges and accidents on real directories, all of one seed (though a kill never hits twice at the same instruction), and
 * then peace. Throws where anything that has to be true in the end is not.
 */
export async function soak(options: SoakOptions): Promise<SoakFigures> {
  const { exchanges, seed, say } = options;
  const random = seededRandom(seed);
  const oracle = makeOracle();
  const tally = makeTally();
  const witness = makeUidWitness();
  const fleet = await makeFleet(options.directory, { ...options, random, oracle });
  let early: Usage | null = null;
  try {
    for (let said = 0; tally.of('exchange') < exchanges && Date.now() < options.untilMs; ) {
      const member = random.pick(fleet.members);
      const stick = random.pick(member.sticks);
      for (let count = random.integer(0, changesMax); count > 0; count--) tally.count(`change: ${member.person.act()}`);
      if (random.chance(0.12)) {
        const what = stick.befall(random, random.pick(fleet.sticks));
        if (what !== null) tally.count(`fault: ${what}`);
      }
      const context = { fleet, random, oracle, tally };
      if (random.chance(0.03)) backUp(member);
      if (random.chance(0.01)) await restoreBackup(member, context);
      if (random.chance(0.005)) await restoreExpunged(member, context);
      await exchangeOnce(member, stick, { random, tally, killShare: options.killShare });
      witness.lookAtLists(member.site);
      const done = tally.of('exchange');
      if (early === null && done >= exchanges / 4) early = usage();
      if (done - said >= 100) {
        said = done;
        say(`${done} exchanges`);
      }
    }
    const ending = await end(fleet, { oracle, tally });
    for (const site of fleet.sites) witness.lookAtLists(site);
    const late = usage();
    const { handles, heapBytes, residentBytes } = early ?? late;
    if (late.handles > handles + handlesMore)
      throw new Error(`${handles} files were open, and now ${late.handles} are`);
    return {
      ...ending,
      tally,
      texts: oracle.texts,
      expunges: oracle.expunges,
      handles: [handles, late.handles],
      heapBytes: [heapBytes, late.heapBytes],
      residentBytes: [residentBytes, late.residentBytes],
    };
  } finally {
    for (const stick of fleet.sticks) stick.remove();
  }
}

type Usage = { readonly handles: number; readonly heapBytes: number; readonly residentBytes: number };

function usage(): Usage {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { handles: readdirSync('/proc/self/fd').length, heapBytes: heapUsed, residentBytes: rss };
}
