import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeHost, mreplProgram, type Outcome } from '../host.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Somebody presses Ctrl-C while a mailbox is being read. That is no trouble of the mailbox: nothing more happens.

const hook = fileURLToPath(new URL('./interrupt-at.js', import.meta.url));

/** As many are read by threads, so that the signal comes through in the middle of them. */
const many = 200;

/** As many are read in one piece: the signal comes through only when the mailbox is over. */
const few = 3;

type Scene = { readonly home: Site; readonly stick: string; readonly other: string };

async function makeScene(t: { after(clean: () => void): void }, letters: number): Promise<Scene> {
  const directory = scratch(t);
  const [stick, other] = [join(directory, 'stick'), join(directory, 'other')] as const;
  for (const each of [stick, other]) mkdirSync(each);
  const home = makeSite(directory, 'home');
  home.put(letter('first'));
  await home.mrepl('init', home.store);
  await home.mrepl('sync', '--plain', stick, other);
  home.put(letter('second'));
  for (let n = 0; n < letters; n++) home.put(letter(`letter ${n}`), { mailbox: 'Work' });
  return { home, stick, other };
}

/** Runs mrepl in a process of its own, which gets SIGINT when it lists the mailbox Work. */
function runInterrupted({ home: { home, name, store, folder } }: Scene, args: readonly string[]): Promise<Outcome> {
  const [node = '', ...program] = mreplProgram;
  const env = { INTERRUPT_AT: join(folder('Work'), 'cur') };
  const host = makeHost({ name, home, store, env, program: [node, '--import', hook, ...program] });
  return host.run(...args);
}

function contentOf(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path} ${readFileSync(path).toString('base64')}`;
  });
}

for (const letters of [few, many]) {
  describe(`an interruption while a mailbox of ${letters} messages is read`, () => {
    test('ends a sync with 130, and nothing is written to any stick', async (t) => {
      const scene = await makeScene(t, letters);
      const { home, stick, other } = scene;
      const before = [stick, other].map(contentOf);
      const { status, err } = await runInterrupted(scene, ['sync', '--plain', stick, other]);
      assert.equal(status, 130, err);
      assert.match(err, /stopped by SIGINT/);
      assert.deepEqual([stick, other].map(contentOf), before);
      assert.match(await home.mrepl('sync', '--plain', stick, other), new RegExp(`${letters + 1} new messages`));
    });

    test('ends a dry run with 130', async (t) => {
      const scene = await makeScene(t, letters);
      const { status, err } = await runInterrupted(scene, ['export', '--plain', '--dry-run', scene.stick]);
      assert.equal(status, 130, err);
    });

    test('ends doctor with 130', async (t) => {
      const { status, err } = await runInterrupted(await makeScene(t, letters), ['doctor']);
      assert.equal(status, 130, err);
    });
  });
}
