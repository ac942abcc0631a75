import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { openCatalog } from '../../src/catalog/open-catalog.js';
import { letter, makeSite, type Site } from '../end-to-end/site.js';
import { type DirectoryEntry, directoryIn, readImage, writeImage } from './image.js';
import { clockAheadMs, type Outcome, runInside, turnClockTo } from './inside.js';

/** Three hosts and a stick, in a directory of their own: `home` and `cabin` as Dovecot leaves their mail, `attic` a plain Maildir. */
export type World = {
  readonly root: string;
  readonly stick: string;
  readonly home: Site;
  readonly cabin: Site;
  readonly attic: Site;
  /** Removes all of it. */
  remove(): void;
};

export type HostName = 'home' | 'cabin' | 'attic';

/** A command that is stopped at every step it takes, and what it begins with. */
export type Scene = {
  readonly name: SceneName;
  readonly host: HostName;
  readonly argv: readonly string[];
  readonly before: DirectoryEntry;
  readonly clockAheadMs: number;
  /** What has to be done so that all hosts come to agree; `strangers`: they do not know each other yet. */
  readonly reunion: 'strangers' | 'exchange' | 'pair anew';
  /** Can it be done only once? Then to do it again may be refused. */
  readonly once: boolean;
};

const uidValidity = 1_700_000_000;

/** A directory in which nothing ever lies: an import from it only does what was left undone. */
function emptyDirectory(root: string): string {
  return join(root, 'empty');
}

/** In memory where the system has a file system there. */
function makeScratchWorld(): World {
  return makeWorld(mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mrepl-crash-')));
}

function makeWorld(root: string): World {
  const stick = join(root, 'stick');
  for (const directory of [stick, emptyDirectory(root)]) mkdirSync(directory, { recursive: true });
  return {
    root,
    stick,
    home: makeSite(root, 'home', { uidList: true, uidValidity }),
    cabin: makeSite(root, 'cabin', { uidList: true, uidValidity: uidValidity + 1 }),
    attic: makeSite(root, 'attic'),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export async function runOn(world: World, host: HostName, ...argv: readonly string[]): Promise<Outcome> {
  return runInside(world[host], argv);
}

/** Runs and fails where it does not end with status 0. */
export async function must(world: World, host: HostName, ...argv: readonly string[]): Promise<string> {
  const { status, out, err } = await runOn(world, host, ...argv);
  if (status !== 0) throw new Error(`${host}$ mrepl ${argv.join(' ')}: status ${status}\n${out}${err}`);
  return out;
}

export const allHosts: readonly HostName[] = ['home', 'cabin', 'attic'];

/** What a host that has begun again, and its peers, are told to do. */
async function pairAnew(world: World, restored: HostName): Promise<void> {
  const { stick } = world;
  await must(world, restored, 'pair', stick, '--yes');
  await must(world, restored, 'export', stick);
  for (const host of allHosts.filter((each) => each !== restored)) {
    await must(world, host, 'pair', stick, '--yes');
    await must(world, host, 'sync', stick);
  }
  await runOn(world, restored, 'sync', stick); // says once what lies there for whoever it was before
}

export async function reunite(world: World, { reunion, host }: Scene): Promise<void> {
  if (reunion === 'strangers') throw new Error('they do not know each other');
  if (reunion === 'pair anew') await pairAnew(world, host);
  await exchange(world);
}

/** Syncs until everybody has heard of everything and of everybody's having heard it. */
async function exchange(world: World): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const host of allHosts) await must(world, host, 'sync', world.stick);
  }
}

export const sceneNames = [
  'init',
  'pair, first',
  'pair, second',
  'first export',
  'first import',
  'scan',
  'export',
  'import',
  'import without UID list',
  'sync',
  'sync back',
  'restore',
  'export in a series',
  'import of a series',
  'written anew',
  'rejoin',
] as const;

export type SceneName = (typeof sceneNames)[number];

/** The scenes by their names, and the world that they are set in. */
export type Stage = { readonly world: World; sceneOf(name: SceneName): Scene };

export async function setStage(): Promise<Stage> {
  const world = makeScratchWorld();
  try {
    const scenes = new Map((await buildScenes(world)).map((scene) => [scene.name, scene]));
    return {
      world,
      sceneOf(name) {
        const scene = scenes.get(name);
        if (scene === undefined) throw new Error(`there is no scene ${name}`);
        return scene;
      },
    };
  } catch (cause) {
    world.remove();
    throw cause;
  }
}

/** Makes the world what it was before the scene, or another one of the same time. */
export function beginScene(world: World, scene: Scene, image = scene.before): void {
  writeImage(world.root, image);
  turnClockTo(scene.clockAheadMs);
}

/** What whoever sees that the run has died does: the same again, but for a `rejoin` that is done already. Then nothing is left but to go on. */
export async function nextCommand(world: World, { name, host, argv, before }: Scene): Promise<readonly string[]> {
  if (name !== 'rejoin') return argv;
  const now = readImage(world.root);
  const [was, is] = await Promise.all([before, now].map((image) => hostIdIn(image, world, host)));
  return was === is ? argv : ['import', emptyDirectory(world.root)];
}

/** Looks at a copy of the catalog, so as to leave it as it is. */
async function hostIdIn(image: DirectoryEntry, world: World, host: HostName): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-crash-look-'));
  try {
    const name = relative(world.root, dirname(catalogPath(world, host)));
    writeImage(directory, directoryIn(image, name));
    for (const lock of readdirSync(directory).filter((entry) => /\.(owner|lock)/.test(entry))) {
      rmSync(join(directory, lock), { recursive: true });
    }
    const catalog = await openCatalog(join(directory, 'catalog.db'), { waitMs: 0 });
    const { hostId } = catalog.identity;
    catalog.close();
    return hostId;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function catalogPath(world: World, host: HostName): string {
  return join(world[host].data, 'mrepl', 'alice', 'catalog.db');
}

/** Builds the scenes one after the other, in a world that begins empty. Every kind of change is in them. */
async function buildScenes(world: World): Promise<Scene[]> {
  const { home, cabin, attic, stick, root } = world;
  const scenes: Scene[] = [];
  const scene = (name: SceneName, host: HostName, ...argv: readonly string[]): void => {
    const reunion = /^(init|pair)/.test(name) ? 'strangers' : name === 'rejoin' ? 'pair anew' : 'exchange';
    const once = name === 'init' || name === 'rejoin';
    scenes.push({ name, host, argv, before: readImage(root), clockAheadMs: clockAheadMs(), reunion, once });
  };
  const init = (site: Site): string[] => ['init', site.store, '--name', site.name];

  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
    home.put(letter(`number ${number}`), { flags: number % 2 === 0 ? 'S' : '' });
  }
  for (const number of [1, 2]) home.put(letter(`work ${number}`), { mailbox: 'Work' });
  home.put(letter('old list'), { mailbox: 'Lists/old', flags: 'S' });
  home.put(letter('to be deleted'), { mailbox: 'Gone' });
  home.put(letter('to be emptied'), { mailbox: 'Emptied' });
  subscribe(home, ['Work', 'Gone']);
  scene('init', 'home', ...init(home));
  await must(world, 'home', ...init(home));
  await must(world, 'cabin', ...init(cabin));
  await must(world, 'attic', ...init(attic));

  scene('pair, first', 'home', 'pair', stick, '--yes');
  await must(world, 'home', 'pair', stick, '--yes');
  await must(world, 'cabin', 'pair', stick, '--yes');
  await must(world, 'attic', 'pair', stick, '--yes');
  scene('pair, second', 'home', 'pair', stick, '--yes');
  for (const host of ['home', 'cabin'] as const) await must(world, host, 'pair', stick, '--yes');

  scene('first export', 'home', 'export', stick);
  await must(world, 'home', 'export', stick);
  scene('first import', 'cabin', 'import', stick);
  await exchange(world);
  keywords(home, ['Urgent']);
  keywords(cabin, ['Later']);

  // A text that is asked for: known to the others, and not sent to them yet.
  home.put(letter('awaited'), { flags: 'F' });
  await must(world, 'home', 'export', stick, '--texts', 'never');
  for (const host of ['cabin', 'attic', 'home'] as const) await must(world, host, 'sync', stick);

  // What users do meanwhile.
  home.deliver(letter('new at home'));
  home.deliver(letter('new at home too'));
  copyInto(home, 'number 1', 'Work');
  home.mark('number 1', { add: 'R' });
  home.mark('number 2', { add: 'Fa', remove: 'S' });
  home.expunge('number 3');
  home.move('number 4', 'INBOX', 'Work');
  renameSync(home.folder('Lists/old'), home.folder('Lists/new'));
  home.put(letter('in a new mailbox'), { mailbox: 'Fresh' });
  home.create('Empty');
  rmSync(home.folder('Gone'), { recursive: true });
  home.expunge('to be emptied', 'Emptied');
  subscribe(home, ['Work', 'Fresh']);
  cabin.deliver(letter('new at the cabin'));
  cabin.mark('number 1', { add: 'F' });
  cabin.mark('number 6', { add: 'a', remove: 'S' });
  cabin.expunge('number 5');
  cabin.mark('number 4', { add: 'F' });
  cabin.put(letter('cabin work'), { mailbox: 'Work', flags: 'S' });
  attic.expunge('number 7');
  attic.mark('number 8', { add: 'T' });
  attic.deliver(letter('new in the attic'), 'Work');

  scene('scan', 'cabin', 'import', stick);
  scene('export', 'home', 'export', stick);
  await must(world, 'home', 'export', stick);
  scene('import', 'cabin', 'import', stick);
  scene('import without UID list', 'attic', 'import', stick);
  scene('sync', 'cabin', 'sync', stick);
  await must(world, 'cabin', 'sync', stick);
  scene('sync back', 'home', 'sync', stick);
  await must(world, 'home', 'sync', stick);

  scene('restore', 'home', 'restore', '--all');
  await must(world, 'home', 'restore', '--all');

  for (const number of [1, 2, 3, 4, 5, 6]) home.put(letter(`long ${number}`, noise(number)));
  home.put(letter('long at work', noise(7)), { mailbox: 'Work' });
  home.mark('number 2', { add: 'R' });
  home.expunge('number 6');
  // Not all of this is certain to fit in one bundle of that size, but all of it fits in two.
  const series = ['export', stick, '--max-size', '36k'];
  scene('export in a series', 'home', ...series);
  const said = await must(world, 'home', ...series);
  if (!said.includes('exported 2 bundles')) throw new Error(`there is no series: ${said}`);
  scene('import of a series', 'cabin', 'import', stick);
  await must(world, 'cabin', 'import', stick);

  // Messages that their users write anew: one that is noticed before the run, and one that another host has expunged meanwhile.
  await exchange(world);
  cabin.expunge('number 2');
  cabin.mark('number 8', { add: 'F' });
  await must(world, 'cabin', 'sync', stick);
  for (const subject of ['number 2', 'number 8']) {
    const [file = ''] = home.files(`Subject: ${subject}`);
    writeFileSync(file, letter(subject, 'It was written anew.'));
    if (subject === 'number 8') await runOn(world, 'home', 'doctor', '--deep');
  }
  scene('written anew', 'home', 'sync', stick);
  await must(world, 'home', 'sync', stick);
  await exchange(world);

  const backup = readImage(attic.data);
  attic.mark('number 1', { add: 'F' });
  attic.deliver(letter('late in the attic'));
  await must(world, 'attic', 'sync', stick);
  await exchange(world);
  writeImage(attic.data, backup);
  scene('rejoin', 'attic', 'rejoin', '--yes');
  return scenes;
}

/** 4 kB that cannot be packed, the same for the same seed. */
function noise(seed: number): string {
  return Array.from({ length: 47 }, (_, line) => createHash('sha512').update(`${seed} ${line}`).digest('base64')).join(
    '\n',
  );
}

function subscribe({ maildir }: Site, names: readonly string[]): void {
  writeFileSync(join(maildir, 'subscriptions'), `V\t2\n\n${names.map((name) => `${name}\n`).join('')}`);
}

/** In every mailbox: as Dovecot lists keywords where somebody has set them. */
function keywords({ maildir }: Site, names: readonly string[]): void {
  const text = names.map((name, number) => `${number} ${name}\n`).join('');
  for (const folder of ['', ...readdirSync(maildir).filter((name) => /^\.[^.]/.test(name))]) {
    writeFileSync(join(maildir, folder, 'dovecot-keywords'), text);
  }
}

/** As IMAP's COPY in Dovecot: the same file under another directory. */
function copyInto(site: Site, needle: string, to: string): void {
  const [file = ''] = site.files(needle);
  linkSync(file, join(site.folder(to), 'cur', basename(file)));
}
