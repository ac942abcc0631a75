import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpCatalog } from '../../src/catalog/dump-catalog.js';
import { openCatalog } from '../../src/catalog/open-catalog.js';
import { viewMaildir } from '../maildir-view.js';
import type { DiskStep } from './disk-step.js';
import { pathsIn, readImage } from './image.js';
import { allHosts, catalogPath, type HostName, reunite, type Scene, type World } from './scenario.js';

/** All that a run leaves on a host and on the stick, in a form in which two runs can be compared. */
export type Left = {
  readonly mail: unknown;
  readonly subscriptions: readonly string[];
  /** Every file and directory in the host's home. */
  readonly paths: readonly string[];
  readonly catalog: readonly string[];
  readonly stick: readonly string[];
};

export async function viewLeft(world: World, { host, name }: Pick<Scene, 'host' | 'name'>): Promise<Left> {
  const { home, maildir } = world[host];
  // Where one run ended and the next went on is where a series is divided.
  const isDivided = name === 'export in a series';
  // What died after it had brought something back has not tidied up behind it; and a catalog that comes from a backup does not know what the trash
  // holds by now. It goes with time, or when something is expunged next.
  const hasTrash = name === 'restore' || name === 'rejoin';
  const isTrash = (line: string): boolean =>
    hasTrash && (line.startsWith('trash ') || line.includes('/.mrepl/tmp/trash'));
  const catalog = (await catalogLines(world, host)).filter((line) => !isTrash(line));
  const stick = pathsIn(readImage(world.stick)).map(withoutNumber).sort();
  return {
    mail: withoutClock(viewMaildir(maildir)),
    subscriptions: linesOf(join(maildir, 'subscriptions')).sort(),
    paths: withoutClock(pathsIn(readImage(home)).filter((path) => !isTrash(path))).sort(),
    catalog: isDivided ? withoutExports(catalog) : catalog,
    stick: isDivided ? [...new Set(stick)] : stick,
  };
}

function withoutExports(lines: readonly string[]): string[] {
  let isExport = false;
  return lines.filter((line) => {
    if (!line.startsWith(' ')) isExport = line === 'export';
    return !isExport;
  });
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
          .replace(/\(\d+ seen\)/, '(TIME seen)')
          .replace(/, id \S+, fingerprint .*/, '')
          .replace(/^note "former-self" .*/, 'note "former-self"')
          .replace(/stored false, subscribed (true|false)/, 'stored false')
          .replace(/^export .*/, 'export')
          .replace(/^signed \d+ of/, 'signed of')
          .replace(/^(paired .*| *keys .*| *peer .*) at \d+/, '$1'),
      );
  } finally {
    catalog.close();
  }
}

/** Lines that no two runs have in common: bundles and statements by their hash or number, and when it was. */
const passing =
  /^(log|taken|last export|note "(bundle:|medium:|spoken"|written-to"|run-died"|in-step-since"|stated"|time-seen"))/;

/** UIDVALIDITY of mailboxes made just now, and names of files: whatever the time was. The others are older. */
function withoutClock<T>(view: T): T {
  return JSON.parse(
    JSON.stringify(view)
      .replace(/\b1[789]\d{8}\.M\d+P\d+Q\d+\./g, (name) => (isOld(name) ? name : '9.'))
      .replace(/\b1[789]\d{8}\b/g, (time) => (isOld(time) ? time : '9')),
  );
}

function isOld(time: string): boolean {
  return Number.parseInt(time, 10) < 1_750_000_000;
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
export async function viewAgreed(world: World, scene: Scene): Promise<unknown> {
  await reunite(world, scene);
  const views: Mail[] = allHosts.map((host) => viewMaildir(world[host].maildir));
  assert.deepEqual(
    views.slice(1).map(comparable),
    views.slice(1).map(() => comparable(views[0])),
    'the hosts do not agree',
  );
  // Of two births the smaller one survives, and is numbered first: that hangs on the id that a host has just thrown the dice for.
  const mail = scene.reunion === 'pair anew' ? views.map(comparable) : withoutClock(views);
  return { mail, stick: pathsIn(readImage(world.stick)).map(withoutNumber).sort() };
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
