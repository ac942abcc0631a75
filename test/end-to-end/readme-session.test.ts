import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from '../fixture-maildir.js';
import { makeHost } from '../host.js';
import { letter, makeSite, scratch } from './site.js';

// What somebody types who has nothing but the README.

/** The command lines of the first exchange, in order, each block of them on the host that its text names. */
function firstExchange(): { readonly onFirst: boolean; readonly words: readonly string[] }[] {
  const readme = readFileSync(join(checkout, 'README.md'), 'utf8');
  const section = /\n## Two minutes to the first exchange\n([\s\S]*?)\nFrom then on/.exec(readme)?.[1] ?? '';
  let onFirst = true;
  return section.split('\n').flatMap((line) => {
    if (/^Carry the stick to the other host/.test(line)) onFirst = false;
    if (/^Back on the first/.test(line)) onFirst = true;
    const command = /^ {4}\$ mrepl (.*?)(?:\s+#.*)?$/.exec(line)?.[1];
    return command === undefined ? [] : [{ onFirst, words: command.split(' ') }];
  });
}

test('the first exchange of the README goes as it stands there, with a second host that has no mail yet', async (t) => {
  const scene = scratch(t);
  const home = makeSite(scene, 'home');
  home.put(letter('from home'));
  const cabin = makeHost({ name: 'cabin', home: join(scene, 'cabin'), store: 'maildir:~/Maildir' });
  const stick = join(scene, 'usb');
  mkdirSync(stick);
  const commands = firstExchange();
  assert.deepEqual(
    commands.map(({ onFirst, words }) => `${onFirst ? 'home' : 'cabin'}: ${words[0]}`),
    [
      'home: init',
      'home: pair',
      'cabin: init',
      'cabin: pair',
      'cabin: sync',
      'home: pair',
      'home: import',
      'home: sync',
    ],
  );
  for (const { onFirst, words } of commands) {
    const typed = words.map((word) => (word === '/media/usb' ? stick : word));
    const answered = ['init', 'pair'].includes(typed[0] ?? '') ? ['--yes'] : [];
    await (onFirst ? home : cabin).mrepl(...typed, ...answered);
  }
  assert.match(await cabin.mrepl('sync', stick), /imported 1 bundle from home: 1 new message /);
  assert.match(await home.mrepl('sync', stick), /nothing new on either side|imported 1 bundle from cabin/);
  assert.match(await home.mrepl('status'), /^cabin +in step since/m);
});
