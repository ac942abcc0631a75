import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { letter, makeSite, type Site } from '../end-to-end/site.js';
import { type DirectoryEntry, readImage } from './image.js';
import { type Outcome, runInside } from './inside.js';

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
  /** Do all hosts know each other by then, so that they can come to agree? */
  readonly agrees: boolean;
  /** Can it be done only once? Then to do it again may be refused. */
  readonly once: boolean;
};

const uidValidity = 1_700_000_000;

/** In memory where the system has a file system there. */
export function makeScratchWorld(): World {
  return makeWorld(mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mrepl-crash-')));
}

export function makeWorld(root: string): World {
  const stick = join(root, 'stick');
  mkdirSync(stick, { recursive: true });
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

/** Syncs until everybody has heard of everything and of everybody's having heard it. */
export async function exchange(world: World): Promise<void> {
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
] as const;

type SceneName = (typeof sceneNames)[number];

/** Builds the scenes one after the other, in a world that begins empty. Every kind of change is in them. */
export async function buildScenes(world: World): Promise<Scene[]> {
  const { home, cabin, attic, stick, root } = world;
  const scenes: Scene[] = [];
  const scene = (name: SceneName, host: HostName, ...argv: readonly string[]): void => {
    const isEarly = /^(init|pair)/.test(name);
    scenes.push({ name, host, argv, before: readImage(root), agrees: !isEarly, once: name === 'init' });
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
  return scenes;
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
