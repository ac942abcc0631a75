import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpCatalog } from '../../src/catalog/dump.js';
import { openCatalog } from '../../src/catalog/open.js';
import { viewMaildir } from '../maildir-view.js';
import type { DiskStep } from './disk-step.js';
import { pathsIn, readImage } from './image.js';
import { exchange, type HostName, type World } from './scenario.js';

/** All that a run leaves on a host and on the stick, in a form in which two runs can be compared. */
export type Left = {
  readonly mail: unknown;
  readonly subscriptions: readonly string[];
  /** Every file and directory in the host's home. */
  readonly paths: readonly string[];
  readonly catalog: readonly string[];
  readonly stick: readonly string[];
};

export async function viewLeft(world: World, host: HostName): Promise<Left> {
  const { home, maildir } = world[host];
  return {
    mail: withoutClock(viewMaildir(maildir)),
    subscriptions: linesOf(join(maildir, 'subscriptions')).sort(),
    paths: pathsIn(readImage(home)).sort(),
    catalog: await catalogLines(world, host),
    stick: pathsIn(readImage(world.stick)).map(withoutNumber).sort(),
  };
}

export function catalogPath(world: World, host: HostName): string {
  return join(world[host].data, 'mrepl', 'alice', 'catalog.db');
}

/** What the catalog says, but for times, numbers of bundles, and what is random. */
async function catalogLines(world: World, host: HostName): Promise<string[]> {
  const path = catalogPath(world, host);
  if (!existsSync(path)) return [];
  const catalog = await openCatalog(path, { waitMs: 10_000 });
  try {
    const { hostId } = catalog.identity;
    return [...dumpCatalog(catalog)]
      .filter((line) => !passing.test(line))
      .map((line) =>
        withoutClock(line)
          .replaceAll(hostId, 'SELF')
          .replace(/, id \S+, fingerprint .*/, '')
          .replace(/stored false, subscribed (true|false)/, 'stored false')
          .replace(/^export .*/, 'export')
          .replace(/^(paired .*| *keys .*| *peer .*) at \d+/, '$1'),
      );
  } finally {
    catalog.close();
  }
}

/** Lines that no two runs have in common: bundles by their hash or number, and when it was. */
const passing = /^(log|taken|last export|note "(bundle:|medium:|spoken"))/;

/** UIDVALIDITY of mailboxes made just now: whatever the time was. The others are older. */
function withoutClock<T>(view: T): T {
  return JSON.parse(
    JSON.stringify(view).replace(/\b1[789]\d{8}\b/g, (time) => (Number(time) < 1_750_000_000 ? time : '9')),
  );
}

function withoutNumber(path: string): string {
  return path.replace(/-\d{6}(-\d+)?\./, '-N.');
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** What opening and closing a catalog does, whatever comes between. */
const housekeeping = /catalog\.db(\.owner(\.\w+)?|\.lock|-wal|-journal)?$/;

/** The run has changed nothing. */
export function assertIdle(steps: readonly DiskStep[], describe: (step: DiskStep) => string): void {
  assert.deepEqual(
    steps.filter(({ kind, path }) => !kind.startsWith('sync') && !housekeeping.test(path)).map(describe),
    [],
    'a run with nothing to do changed something',
  );
}

/** When all have heard of each other, all hold the same, and the stick holds no more than is needed. */
export async function viewAgreed(world: World): Promise<unknown> {
  await exchange(world);
  const views: Mail[] = [];
  for (const host of ['home', 'cabin', 'attic'] as const) views.push(viewMaildir(world[host].maildir));
  assert.deepEqual(
    views.slice(1).map(comparable),
    views.slice(1).map(() => comparable(views[0])),
    'the hosts do not agree',
  );
  return { views: withoutClock(views), stick: pathsIn(readImage(world.stick)).map(withoutNumber).sort() };
}

/** The mail of a host without what a bundle that came in two parts may change: the UIDs. */
export function viewMail(world: World, host: HostName): unknown {
  return comparable(viewMaildir(world[host].maildir));
}

type Mail = ReturnType<typeof viewMaildir>;

/** What hosts with a UID list and without have in common: texts, flags that a plain Maildir can keep, and dates. */
function comparable(mail: Mail | undefined): unknown {
  return Object.entries(mail ?? {}).flatMap(([name, { messages }]) =>
    messages
      .map(
        ({ text, flags, receivedS }) =>
          `${name} ${text} ${receivedS} ${flags.filter((flag) => flag.length === 1).join('')}`,
      )
      .sort(),
  );
}
