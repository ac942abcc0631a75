import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { assertAgreed } from '../end-to-end/agreement.js';
import { viewReplica } from '../end-to-end/replica-view.js';
import type { Site } from '../end-to-end/site.js';
import { check } from './exchange.js';
import type { Fleet } from './fleet.js';
import type { Oracle } from './oracle.js';
import type { Tally } from './tally.js';

/** After so many rounds of everybody with every stick all have to have heard of all: the way through the ring and the star, there and back. */
const roundsMax = 14;

export type Ending = {
  readonly rounds: number;
  readonly messages: number;
  readonly stickBytesMax: number;
  readonly bundlesMax: number;
  readonly catalogBytesMax: number;
};

/** Lets all hosts exchange in peace until they are equal, and looks at everything that has to be true then. Throws what is not. */
export async function end(fleet: Fleet, { oracle, tally }: { oracle: Oracle; tally: Tally }): Promise<Ending> {
  const { sites, sticks, members } = fleet;
  let rounds = 0;
  // A text that was lost with a damaged bundle is asked for in one round, sent in the next, and here after that.
  const isAnyLate = (): boolean => new Set(members.map(({ person }) => person.held().length)).size > 1;
  while (!(await areEqual(sites)) || isAnyLate() || rounds < 2) {
    if (rounds === roundsMax) break;
    rounds += 1;
    await round(fleet, tally);
  }
  await assertAgreed(sites);
  const before = await viewReplica(sites[0] as Site);
  for (let idle = 0; idle < 2; idle++) await round(fleet, tally);
  await assertAgreed(sites);
  if (!isDeepStrictEqual(await viewReplica(sites[0] as Site), before))
    throw new Error('nobody changed anything, and something changed');

  const complaints: string[] = [];
  for (const { site, person } of members) {
    complaints.push(...oracle.judge(person.held()).map((complaint) => `${site.name}: ${complaint}`));
    complaints.push(...leftovers(site).map((path) => `${site.name}: left over: ${path}`));
    const { status, out, err } = await site.run('doctor', '--deep');
    if (status !== 0) complaints.push(`${site.name}: doctor --deep: ${out}${err}`);
  }
  for (const { path, files } of sticks) {
    complaints.push(
      ...files()
        .filter((file) => /\.part$|\.mrepl-new/.test(file))
        .map((file) => `${path}: left over: ${file}`),
    );
  }
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return {
    rounds,
    messages: members[0]?.person.held().length ?? 0,
    stickBytesMax: Math.max(...sticks.map(({ bytes }) => bytes())),
    bundlesMax: Math.max(...sticks.map(({ files }) => files().filter((file) => file.includes('.tar.zst')).length)),
    catalogBytesMax: Math.max(...sites.map((site) => statSync(join(accountOf(site), 'catalog.db')).size)),
  };
}

async function round({ sticks, members }: Fleet, tally: Tally): Promise<void> {
  for (const stick of sticks) {
    for (const { site } of members.filter((member) => member.sticks.includes(stick))) {
      check(await site.run('sync', stick.path, '--allow-expunge'), { site, args: ['sync', stick.path], tally });
    }
  }
}

async function areEqual([first, ...others]: readonly Site[]): Promise<boolean> {
  if (first === undefined) return true;
  const expected = await viewReplica(first);
  for (const other of others) if (!isDeepStrictEqual(await viewReplica(other), expected)) return false;
  return true;
}

const accountOf = ({ data }: Site): string => join(data, 'mrepl', 'alice');

/** Files that only a run under way may have. */
function leftovers(site: Site): string[] {
  const inMail = readdirSync(site.maildir, { recursive: true }).map(String);
  const beside = existsSync(accountOf(site)) ? readdirSync(accountOf(site), { recursive: true }).map(String) : [];
  return [
    ...inMail.filter(
      (path) => !path.startsWith('cur/.mrepl') && /(^|\/)tmp\/[^/]*mrepl|\.lock$|\.mrepl-(?:new|wake)/.test(path),
    ),
    ...beside.filter((path) => /\.(?:lock|part)$|\.mrepl-new|-(?:wal|shm|journal)$/.test(path)),
  ];
}
