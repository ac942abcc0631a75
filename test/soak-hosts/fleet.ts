import { join } from 'node:path';
import type { Random } from '../bench/random.js';
import { initAll } from '../end-to-end/agreement.js';
import { letter, makeSite, type Site } from '../end-to-end/site.js';
import { textHash } from '../maildir-view.js';
import type { Oracle } from './oracle.js';
import { makePerson, type Person } from './person.js';
import { makeStick, type Stick } from './stick.js';

/** A host, and the sticks that are ever put into it. */
export type Member = { readonly site: Site; readonly person: Person; readonly sticks: readonly Stick[] };

export type Fleet = {
  readonly members: readonly Member[];
  readonly sites: readonly Site[];
  readonly sticks: readonly Stick[];
};

/**
 * Half of the hosts in a ring, each stick between two neighbours; the others around one of them, with a stick for all of these, but for the last
 * two, which share one with the last of the star: most hosts never meet. One of three keeps UIDs as Dovecot does, one has none, one has
 * directories within directories.
 */
export async function makeFleet(
  directory: string,
  { hosts, random, oracle, smallDisks }: { hosts: number; random: Random; oracle: Oracle; smallDisks: boolean },
): Promise<Fleet> {
  const sites = Array.from({ length: hosts }, (_, index): Site => {
    const name = `host-${String.fromCharCode(97 + index)}`;
    if (index % 3 === 0) return makeSite(directory, name, { uidList: true, uidValidity: 1_600_000_000 + index });
    return index % 3 === 1
      ? makeSite(directory, name)
      : makeSite(directory, name, { layout: 'fs', uidList: index % 2 === 0 });
  });
  const groups = groupsOf(hosts);
  const sticks = groups.map((_, index) => {
    return makeStick(join(directory, `stick-${index + 1}`), { isDisk: smallDisks && index % 3 === 0 });
  });
  const members = sites.map((site, index): Member => {
    const own = sticks.filter((_, stick) => groups[stick]?.includes(index));
    return { site, person: makePerson(site, { random, oracle }), sticks: own };
  });
  plant(sites, oracle);
  for (const { person } of members) for (let count = 0; count < 4; count++) person.deliver();
  await initAll(sites);
  return { members, sites, sticks };
}

/** Which hosts share a stick, by number. */
function groupsOf(hosts: number): number[][] {
  const ring = Math.max(2, Math.floor(hosts / 2));
  const groups: number[][] = [];
  for (let index = 0; index < (ring === 2 ? 1 : ring); index++) groups.push([index, (index + 1) % ring]);
  const star = Array.from({ length: Math.max(0, hosts - 2 - ring) }, (_, index) => ring + index);
  const far = Array.from({ length: hosts - ring - star.length }, (_, index) => hosts - 1 - index);
  if (star.length > 0) groups.push([0, ...star]);
  if (far.length > 0) groups.push([star.at(-1) ?? 0, ...far]);
  return groups;
}

/** Mail that was on all hosts before, as when they began as copies of one another. */
function plant(sites: readonly Site[], oracle: Oracle): void {
  for (let number = 1; number <= 6; number++) {
    const text = letter(`${number} of old`);
    const hash = textHash(Buffer.from(text));
    oracle.delivered(hash);
    oracle.mayReturn(hash); // from hosts that have not yet heard that it is the same message
    for (const site of sites) site.put(text, { flags: 'S', base: `1500000000.M${number}P1.old` });
  }
}
