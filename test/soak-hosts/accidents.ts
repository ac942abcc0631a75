import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../bench/random.js';
import type { Site } from '../end-to-end/site.js';
import type { Fleet, Member } from './fleet.js';
import type { Oracle } from './oracle.js';
import type { Tally } from './tally.js';

export type AccidentContext = {
  readonly fleet: Fleet;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly tally: Tally;
};

/** Keeps a copy of the host as it is now, in the place of an earlier one. */
export function backUp({ site }: Member): void {
  copyTree(site.home, backupOf(site));
}

/**
 * Puts back the catalog, the mail or both from the host's backup, and does what the manual says then: rejoin, and pairing. Mail that is nowhere
 * else would be gone with the disk; where there is such mail, nothing is done.
 */
export async function restoreBackup(member: Member, context: AccidentContext): Promise<void> {
  const { fleet, random, oracle, tally } = context;
  const { site, person } = member;
  if (!existsSync(backupOf(site))) return;
  await meetNeighbours(member, context);
  const what = random.pick(['catalog', 'mail', 'both'] as const);
  const elsewhere = new Set(fleet.members.filter((other) => other !== member).flatMap((other) => other.person.held()));
  if (what !== 'catalog' && person.held().some((text) => !elsewhere.has(text))) return;
  if (what !== 'mail') copyTree(join(backupOf(site), '.data'), site.data);
  if (what !== 'catalog') copyTree(join(backupOf(site), 'Maildir'), site.maildir);
  if (random.chance(0.5)) person.deliver();
  for (const text of person.held()) oracle.mayReturn(text);
  const keepsUids = what === 'catalog' && (await site.run('rejoin', '--yes', '--keep-uids')).status === 0;
  if (!keepsUids) await site.mrepl('rejoin', '--yes'); // a mailbox whose UID list is lost has none to keep
  const cards = join(dirname(site.home), 'cards');
  mkdirSync(cards, { recursive: true });
  for (const host of [site, ...fleet.sites]) await pairWithAll(host, cards);
  backUp(member); // what is older than a host's identity is of no use to it
  tally.count(`fault: ${what} put back from a backup`);
}

/**
 * Takes up all cards that lie there. Whose identity has changed more than once since a backup was made is a stranger to the host that it was put
 * back on: such a peer is revoked first, as the hint says.
 */
async function pairWithAll(host: Site, cards: string): Promise<void> {
  const { err } = await host.run('pair', cards, '--yes');
  const strangers = [...err.matchAll(/^mrepl: (\S+)\.card: there is a card of another /gm)];
  if (strangers.length === 0) return;
  for (const [, name = ''] of strangers) await host.mrepl('peers', 'revoke', name);
  await host.mrepl('pair', cards, '--yes');
}

/** Brings back on one host whatever imports expunged there. */
export async function restoreExpunged({ site, person }: Member, { oracle, tally }: AccidentContext): Promise<void> {
  const before = countsOf(person.held());
  await site.mrepl('restore', '--all');
  for (const [text, count] of countsOf(person.held())) {
    for (let more = before.get(text) ?? 0; more < count; more++) {
      oracle.multiplied(text);
      tally.count('change: restore');
    }
  }
}

/** Everybody who shares a stick with the host hears of all it has. */
async function meetNeighbours(member: Member, { fleet }: AccidentContext): Promise<void> {
  for (const stick of member.sticks) {
    for (const { site } of [member, ...fleet.members.filter((other) => other.sticks.includes(stick)), member]) {
      await site.run('sync', stick.path, '--allow-expunge');
    }
  }
}

function backupOf(site: Site): string {
  return join(dirname(site.home), `backup-${site.name}`);
}

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  const { status, stderr } = spawnSync('cp', ['-aT', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

function countsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}
