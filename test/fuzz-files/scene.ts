import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { letter, makeSite, type Site } from '../end-to-end/site.js';
import { pairAll } from '../host.js';
import { watching } from './disk-hook.js';

/** A host with mail, and a stick with news of another one, as they are before every case. */
export type FilesScene = {
  /** Where each case takes place, in a copy of `template`: what the catalog knows of paths stays true. */
  readonly directory: string;
  readonly template: string;
  readonly home: Site;
  readonly stick: string;
  /** Names below the store and the stick that runs use, and others that somebody may prepare; relative to `directory`. */
  readonly names: readonly string[];
  /** For each of `commands`: the names that it uses, and how often. */
  readonly uses: readonly ReadonlyMap<string, number>[];
  /** The texts that the store holds, with the paths of their files. */
  readonly mail: readonly { readonly path: string; readonly text: string }[];
};

/** What runs are made of: each takes a directory and one of its bundles. */
export const commands: readonly ((stick: string, bundle: string) => readonly string[])[] = [
  (stick) => ['sync', stick],
  (stick) => ['sync', stick],
  (stick) => ['sync', stick],
  (stick) => ['import', stick],
  (stick) => ['export', stick],
  (stick) => ['export', '--full', '--plain', stick],
  (stick) => ['pair', stick, '--yes'],
  (stick) => ['verify', stick],
  (_, bundle) => ['inspect', bundle],
  () => ['status'],
  () => ['doctor', '--deep'],
  () => ['restore', '--mailbox', 'INBOX', '--yes'],
];

/** Names that nothing is written under any more, or not in this scene, and that somebody may prepare all the same. */
const more = [
  'home/Maildir/dovecot-uidlist.mrepl-new',
  'home/Maildir/cur/1600000000.planted:2,S',
  'home/Maildir/new/1600000001.planted',
  'home/Maildir/.Planted',
  'home/Maildir/.Planted/cur',
  'stick/mrepl/alice/cabin-000099.tar.zst.age',
  'stick/mrepl/alice/cabin-000098.tar.zst',
  'stick/mrepl/alice/ship.card',
  'stick/mrepl/alice/home-000004.tar.zst.age',
  'stick/mrepl/alice/home-000004.tar.zst.age.part',
  'stick/mrepl/bob',
];

/** Random and temporary parts of names come out otherwise in every run: nobody can prepare them. For a lock that somebody has a run waits by right. */
const unforeseeable = /\.lock(?:\.\d+\.mrepl)?$|\.mrepl-new-[0-9a-f]{16}|\bM\d+P\d+Q\d+\b|\.M\d+P\d+Q\d+\./;

export async function makeFilesScene(parent: string): Promise<FilesScene> {
  const [directory, template] = [join(parent, 'case'), join(parent, 'template')];
  mkdirSync(directory);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  for (const number of [1, 2, 3]) put(home, `kept at home ${number}`, 'S');
  put(home, 'sent', 'S', 'Sent');
  put(cabin, 'from the cabin', 'F');
  put(cabin, 'to be expunged', 'S');
  writeFileSync(join(home.maildir, 'maildirsize'), '1000000S\n2000 4\n');
  writeFileSync(join(home.maildir, 'dovecot-keywords'), '0 $Junk\n');
  writeFileSync(join(home.maildir, 'subscriptions'), 'V\t2\n\nSent\n');
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--account', 'alice', '--name', site.name);
  await pairAll([home, cabin]);
  for (const site of [home, cabin, home]) await site.mrepl('pair', stick, '--yes');
  for (const site of [home, cabin, home, cabin, home]) await site.mrepl('sync', stick);
  // What is to come: mail, flags, an expunge, a mailbox, a rename on one side; mail and flags on the other.
  cabin.expunge('to be expunged');
  await cabin.mrepl('sync', stick);
  await home.mrepl('sync', stick);
  put(cabin, 'new from the cabin', 'S');
  put(cabin, 'in a new folder', '', 'Folder/New');
  cabin.mark('Subject: from the cabin\n', { add: 'R' });
  cabin.expunge('kept at home 3');
  await cabin.mrepl('sync', stick);
  home.deliver(letter('just delivered'));
  home.mark('kept at home 1', { add: 'F' });
  rmSync(join(directory, 'cabin'), { recursive: true });
  rmSync(join(directory, 'cards'), { recursive: true });
  mkdirSync(join(directory, 'linked'));
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(directory, 'linked', part));
  cpSync(directory, template, { recursive: true, preserveTimestamps: true });
  const needles = ['kept at home 1', 'kept at home 2', 'just delivered', 'from the cabin'];
  const mail = needles.map((needle) => {
    const path = home.files(`Subject: ${needle}\n`)[0] ?? '';
    return { path, text: readFileSync(path, 'utf8') };
  });
  const sent = home.files('Subject: sent\n', 'Sent')[0] ?? '';
  mail.push({ path: sent, text: readFileSync(sent, 'utf8') });
  const scene = { directory, template, home, stick, mail };
  const uses = await usesOf(scene);
  const names = [...new Set([...more, ...uses.flatMap((used) => [...used.keys()])])].sort();
  return { ...scene, names, uses };
}

/** The case as it is before it begins. */
export function restoreScene({ directory, template }: Pick<FilesScene, 'directory' | 'template'>): void {
  rmSync(directory, { recursive: true, force: true });
  cpSync(template, directory, { recursive: true, preserveTimestamps: true });
}

async function usesOf(scene: Omit<FilesScene, 'names' | 'uses'>): Promise<Map<string, number>[]> {
  const { directory, home, stick } = scene;
  const places = [home.maildir, stick];
  const uses: Map<string, number>[] = [];
  for (const command of commands) {
    restoreScene(scene);
    const used = new Map<string, number>();
    const seen = (path: string): void => {
      if (!places.some((place) => path === place || path.startsWith(`${place}/`)) || unforeseeable.test(path)) return;
      const name = relative(directory, path);
      used.set(name, (used.get(name) ?? 0) + 1);
    };
    await watching(seen, () => home.run(...command(stick, join(stick, 'mrepl', 'alice', 'cabin-000004.tar.zst.age'))));
    uses.push(used);
  }
  return uses;
}

function put(site: Site, subject: string, flags: string, mailbox = 'INBOX'): void {
  site.put(letter(subject), { flags, mailbox, base: `1500000000.${subject.replaceAll(' ', '-')}.${site.name}` });
}
