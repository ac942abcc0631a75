import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Interruption } from '../../src/cli/context/listen-for-signals.js';
import { Failure } from '../../src/failure.js';
import { type Random, seededRandom } from '../bench/random.js';
import { openPaths } from '../descriptors.js';
import type { CaseOutcome } from '../fuzz/serve-cases.js';
import type { Outcome } from '../host.js';
import { runHere } from '../run-here.js';
import { watching } from './disk-hook.js';
import { type Outside, snapshotOf } from './outside.js';
import { type Kind, kinds, type Planted, plant, type Specimens } from './plant.js';
import { commands, type FilesScene, restoreScene } from './scene.js';

/** Longer than this is a hang, also on a busy machine. */
export const caseMsMax = 30_000;

/** What the process may ever take: nothing of a stick or a store is read whole that is larger than some MiB. */
const rssBytesMax = 768 * 2 ** 20;

export type FilesWorld = { readonly scene: FilesScene; readonly outside: Outside; readonly specimens: Specimens };

/** A case: what stands where, and when. */
type Case = {
  readonly name: string;
  readonly kind: Kind;
  readonly command: readonly string[];
  /** 0: before the run. Else right before the call that names it for so many times. */
  readonly atTouch: number;
  /** Calls with a path until somebody presses Ctrl-C; null where nobody does. */
  readonly interruptAt: number | null;
};

export async function runFilesCase(
  { seed, index, only }: { readonly seed: number; readonly index: number; readonly only: string | null },
  world: FilesWorld,
): Promise<CaseOutcome> {
  const random = seededRandom(`files ${seed} ${index}`);
  const one = chooseCase(random, world.scene, only);
  const told = `${one.kind} at ${one.name}${one.atTouch === 0 ? '' : `, exchanged at touch ${one.atTouch}`}, mrepl ${one.command.join(' ')}${one.interruptAt === null ? '' : `, interrupted at call ${one.interruptAt}`}`;
  try {
    return { verdict: await attempt(one, random, world) };
  } catch (error) {
    return { complaint: `${told}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
  } finally {
    // What is unreadable could not be removed either.
    const path = join(world.scene.directory, one.name);
    if (one.kind === 'unreadable' && lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) chmodSync(path, 0o700);
  }
}

/** Where the names are: all on the stick, or all in the store. */
const places: Readonly<Record<string, string>> = { stick: 'stick', store: 'home/Maildir' };

/** What cases can be limited to: a kind, or a place. */
export const limits: readonly string[] = [...kinds, ...Object.keys(places)];

function chooseCase(random: Random, scene: FilesScene, only: string | null): Case {
  const { stick, uses } = scene;
  const isMeant = (name: string): boolean => name.startsWith(places[only ?? ''] ?? '');
  const names = scene.names.filter(isMeant);
  const at = random.integer(0, commands.length - 1);
  const command = commands[at] ?? random.pick(commands);
  const used = new Map([...(uses[at] ?? [])].filter(([name]) => isMeant(name)));
  const isExchanged = used.size > 0 && random.chance(0.6);
  const name = random.pick(isExchanged ? [...used.keys()] : names);
  const bundles = readdirSync(join(scene.template, 'stick', 'mrepl', 'alice')).filter((each) =>
    /\.tar\.zst/.test(each),
  );
  return {
    name,
    kind: kinds.find((kind) => kind === only) ?? random.pick(kinds),
    command: command(stick, join(stick, 'mrepl', 'alice', random.pick(bundles))),
    // It may be the look at it, its opening, or what is done to it after that.
    atTouch: isExchanged ? random.integer(1, Math.min(used.get(name) ?? 1, touchesMax)) : 0,
    interruptAt: random.chance(0.2) ? random.integer(1, 400) : null,
  };
}

/** Some names are looked at for every message: the first times are as good as the last. */
const touchesMax = 12;

/** What became of the run. Throws whatever must not be. */
async function attempt(one: Case, random: Random, world: FilesWorld): Promise<string> {
  const { scene, outside, specimens } = world;
  const { directory, home } = scene;
  restoreScene(scene);
  const before = snapshotOf(outside.directory);
  const path = join(directory, one.name);
  const cur = join(home.maildir, 'cur');
  const linked = one.name.startsWith('stick') ? outside.folder : join(directory, 'linked');
  let planted: Planted | null = null;
  const setUp = (): void => {
    planted = plant(path, one.kind, random, { outside, specimens, cur, linked });
  };
  if (one.atTouch === 0) setUp();
  let touches = 0;
  let calls = 0;
  const { interruption, press } = interruptible();
  const seen = (used: string): void => {
    calls++;
    if (calls === one.interruptAt) press();
    if (used === path && ++touches === one.atTouch) setUp();
  };
  const outcome = await watching(seen, () => runHere(one.command, { ...home, nowMs: Date.now, interruption }));
  demandSaid(outcome);
  await demandClosed(directory);
  demandSame(before, snapshotOf(outside.directory), 'something outside was changed');
  demandMail(one, scene);
  demandNothingRead(one, world);
  const rss = process.resourceUsage().maxRSS * 1024;
  if (rss > rssBytesMax) throw new Error(`${Math.round(rss / 2 ** 20)} MiB of memory were in use`);
  // A message that was first seen as a huge file cannot be put right: the text of before is only its beginning.
  const canBePutRight = one.kind !== 'huge' || one.name.startsWith('stick');
  if (random.chance(0.1) && canBePutRight) await demandGoingOn(planted, scene);
  if (planted === null) return 'never came to it';
  if (outcome.status === 130) return 'interrupted';
  return outcome.status === 0 ? 'done' : outcome.status === 1 ? 'done in part' : 'refused';
}

/** Ctrl-C, as a process hears it. */
function interruptible(): { readonly interruption: Interruption; press(): void } {
  const controller = new AbortController();
  let received: NodeJS.Signals | null = null;
  return {
    interruption: { signal: controller.signal, received: () => received, arm: () => undefined },
    press() {
      received = 'SIGINT';
      controller.abort(new Failure('interrupted', 'stopped by SIGINT'));
    },
  };
}

/** A sentence, and no trace of the program's inside. */
function demandSaid({ status, out, err }: Outcome): void {
  if (status === 70 || /internal error|^ {4}at .*:\d+:\d+\)?$/m.test(`${out}\n${err}`)) {
    throw new Error(`status ${status}\n${out}${err}`);
  }
  if (status > 1 && err === '' && !/\S/.test(out)) throw new Error(`status ${status}, and nothing was said`);
}

/** Nothing of it is open any more. What was being opened when a signal came takes a moment. */
async function demandClosed(directory: string): Promise<void> {
  const left = (): string | undefined => openPaths().find((path) => path.startsWith(`${directory}/`));
  for (let rounds = 0; left() !== undefined && rounds < 1000; rounds++) await stat(directory);
  const path = left();
  if (path !== undefined) throw new Error(`${path} was left open`);
}

function demandSame(before: readonly string[], after: readonly string[], complaint: string): void {
  const changes = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  if (changes.length > 0) throw new Error([complaint, ...changes].join('\n'));
}

/** The texts that were there are there, but for those whose place was taken; and nothing of the stick's is among them. */
function demandMail({ name, kind }: Case, { directory, home, mail }: FilesScene): void {
  const store = home.maildir;
  if (!existsSync(join(store, 'cur')) || name === 'home/Maildir') return;
  const place = join(directory, name);
  const texts = new Set(textsBelow(store));
  for (const { path, text } of mail) {
    // A program that marks or moves mail renames its file: what took the place of a folder hides it.
    const isHidden = path === place || path.startsWith(`${place}/`) || (kind !== 'absent' && place.startsWith(path));
    if (!isHidden && !texts.has(text)) throw new Error(`the text of ${path} is gone`);
  }
  const stray = filesBelow(store).find((each) =>
    /\.(?:tar\.zst|age|card|part)$|\/(?:medium\.id|README\.txt)$/.test(each),
  );
  if (stray !== undefined) throw new Error(`${stray} was left in the store`);
}

function textsBelow(directory: string): string[] {
  return filesBelow(directory)
    .filter((path) => /^(?:cur|new)$/.test(path.split('/').at(-2) ?? ''))
    .filter((path) => statSync(path).size < 10_000 && (statSync(path).mode & 0o400) !== 0)
    .map((path) => readFileSync(path, 'utf8'));
}

/** Regular files, no link followed. */
function filesBelow(directory: string): string[] {
  if ((lstatSync(directory).mode & 0o500) !== 0o500) return []; // what is unreadable was made so
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * Whoever looks after this store must not carry about what another user's files say. Whoever can put another directory in
 * the place of the store itself has the user's home, or is the user.
 */
function demandNothingRead({ name }: Case, { scene, outside }: FilesWorld): void {
  if (outside.theirs === null || name === 'home/Maildir') return;
  const catalog = readFileSync(join(scene.home.data, 'mrepl', 'alice', 'catalog.db'), 'latin1');
  const { guid } = outside.theirs;
  if (catalog.includes(guid) || catalog.includes(Buffer.from(guid, 'hex').toString('latin1'))) {
    throw new Error('the mail of another user was taken up');
  }
}

/** What was there is put back, and runs go on from it. */
async function demandGoingOn(planted: Planted | null, { home, stick }: FilesScene): Promise<void> {
  planted?.putBack();
  const first = await home.run('sync', stick);
  const { status, out, err } = await home.run('sync', stick);
  if (status !== 0) {
    throw new Error(`afterwards a sync ends with status ${status}\n${first.out}${first.err}---\n${out}${err}`);
  }
}
