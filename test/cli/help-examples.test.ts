import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { programFor } from '../../src/cli/build-program.js';
import { makeSite, type Site, scratch } from '../end-to-end/site.js';
import { makeHost, pairAll } from '../host.js';

/** The example lines of every help, by the command that shows them, without what stands behind `#`. */
function examples(): Map<string, string[]> {
  let text = '';
  const program = programFor(async () => undefined, {
    out: (piece) => {
      text += piece;
    },
    err: () => undefined,
    version: '1',
    columns: 100,
  });
  return new Map(
    [program, ...program.commands].map((command) => {
      text = '';
      command.outputHelp();
      const lines = [...text.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = '']) => line.replace(/ +# .*$/, '').trim());
      return [command.name(), lines];
    }),
  );
}

/** The words of each program that a line runs, as a shell parts them; redirections are left out. */
function programsIn(line: string): string[][] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\|\||&&|\||;)|(>>? *\S+)|([^\s'"|;]+)/g)];
  const programs: string[][] = [[]];
  for (const [, single, double, divider, redirection, bare] of words) {
    if (divider !== undefined) programs.push([]);
    else if (redirection === undefined) programs.at(-1)?.push(single ?? double ?? bare ?? '');
  }
  return programs;
}

/** Two hosts, of which the hut has expunged a message that is in home's trash, and a stick with a bundle of each. */
async function makeScene(
  t: Parameters<typeof scratch>[0],
): Promise<{ home: Site; stick: string; meant: (word: string) => string }> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const made = ['home', 'hut', 'laptop'].map((name) => makeSite(directory, name));
  const [home, hut, laptop] = made as [Site, Site, Site];
  for (const subject of ['one', 'two']) home.put(`Subject: ${subject}\n\n${subject}\n`);
  home.create('Lists/sailing');
  for (const site of made) await site.mrepl('init', site.store, '--name', site.name);
  await pairAll(made);
  await hut.mrepl('pair', stick, '--yes');
  for (const site of [home, laptop, hut]) await site.mrepl('sync', stick);
  hut.expunge('Subject: two');
  for (const site of [hut, home]) await site.mrepl('sync', stick);
  const [trashed] = (await home.json('restore')).filter(({ kind }) => kind === 'trashed');
  const { fileName: bundle } = (trashed?.bundle ?? { fileName: '' }) as { fileName: string };
  const peers = (await home.json('peers')).find(({ name }) => name === 'hut');
  const folder = join(stick, 'mrepl', 'alice');
  const own = readdirSync(folder).find((name) => name.startsWith('home-')) ?? '';
  const words: readonly (readonly [RegExp, string])[] = [
    [/^.*home-0000\d\d\.tar\.zst(\.age)?$/, join(folder, own)],
    [/^\/media\/(usb|\*\/)/, stick],
    [/^7g3k-2m9x-\.\.\.$/, String(peers?.fingerprint ?? '')],
    [/^report\.txt$/, join(directory, 'report.txt')],
    [/^5d41402a$/, String(trashed?.guid).slice(0, 8)],
    [/^cabin-000017$/, bundle],
    [/^maildir:(?:\/srv\/mail\/alice|~\/Maildir)$/, home.store],
  ];
  const meant = (word: string): string => {
    for (const [pattern, replacement] of words) if (pattern.test(word)) return word.replace(pattern, replacement);
    return word;
  };
  return {
    home: { ...home, ...makeHost({ ...home, env: { ...home.env, XDG_RUNTIME_DIR: home.home } }) },
    stick,
    meant,
  };
}

/** Commands that end what the others need, in the order in which that goes. */
const atTheEnd = ['peers', 'relocate', 'rejoin', 'rename', 'uninit'];

/** Lines that cannot come to a good end in this scene, with the statuses that say so, and why. */
const otherEnds: ReadonlyMap<string, readonly number[]> = new Map(
  ['mrepl cron --install', 'mrepl cron --remove'].map((line) => [line, [3]]), // no systemd answers here
);

test('the examples in every help do what they say', async (t) => {
  const { home, meant } = await makeScene(t);
  const all = examples();
  assert.deepEqual(
    [...all].filter(([, lines]) => lines.length === 0).map(([name]) => name),
    [],
    'a help without examples',
  );
  const sorted = [...all].sort(([a], [b]) => atTheEnd.indexOf(a) - atTheEnd.indexOf(b));
  const wrong: string[] = [];
  for (const [name, lines] of sorted) {
    if (name === 'mrepl' || name === 'init') continue;
    for (const line of lines) {
      for (const [program, ...words] of programsIn(line)) {
        if (program !== 'mrepl') continue;
        const { status, err } = await home.run(...words.map(meant), '--yes');
        if (!(otherEnds.get(line) ?? [0]).includes(status)) wrong.push(`${line}: status ${status}\n${err}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  const known = new Set([...all].flatMap(([name, lines]) => (name === 'mrepl' ? [] : lines)));
  assert.deepEqual(
    all.get('mrepl')?.filter((line) => !known.has(line)),
    [],
    'first steps that no command shows',
  );
});

test('the examples of init set up an account', async (t) => {
  for (const line of examples().get('init') ?? []) {
    if (line.includes('imaps://')) continue; // test/end-to-end/imap-account.test.ts has servers to try it with
    const layout = line.includes('LAYOUT=fs') ? { layout: 'fs' as const } : {};
    const host = makeSite(scratch(t), 'home', layout);
    const [[, ...words] = []] = programsIn(line);
    await host.mrepl(...words.map((word) => (word.startsWith('maildir:') ? host.store : word)), '--yes');
    assert.match(await host.mrepl('status'), /^account alice on host (?:home|cabin): /, line);
  }
});
