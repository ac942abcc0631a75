import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { letter, makeSite, scratch } from '../end-to-end/site.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { inTerminal } from './in-terminal.js';

type Clean = { after(clean: () => void): void };

const question = /\[y\/N\] $/;

/** A user who has no mail yet. */
function newHost(t: Clean): Host {
  return makeHost({
    name: 'cabin',
    home: join(scratch(t), 'cabin'),
    store: 'maildir:~/Maildir',
    env: { MREPL_DOVEADM: '' },
  });
}

/** Two hosts with an account each, and a stick. */
async function twoHosts(t: Clean): Promise<{ home: Host; cabin: Host; stick: string }> {
  const scene = scratch(t);
  const [home, cabin] = ['home', 'cabin'].map((name) => makeSite(join(scene, name), name));
  assert.ok(home !== undefined && cabin !== undefined);
  home.put(letter('oil'));
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  const stick = join(scene, 'stick');
  mkdirSync(stick);
  return { home, cabin, stick };
}

test('init takes a store that it found after a yes, and nothing after a no or an answer that is neither', async (t) => {
  const host = newHost(t);
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(host.home, 'Mail', part), { recursive: true });
  for (const answer of ['what?\n', '\x04']) {
    const { status, words } = await inTerminal(host, ['init'], [[question, answer]]);
    assert.equal(status, 64, words);
    assert.match(words, /Your mail seems to be maildir:\S+\/Mail: mail lies in/);
    assert.match(words, /was not taken; nothing was changed|no store was named/);
    assert.equal(existsSync(host.data), false);
  }
  const { status, screen } = await inTerminal(host, ['init', '--name', 'cabin'], [[question, 'y\n']]);
  assert.equal(status, 0, screen);
  assert.match(screen, /This host is now cabin in the account alice\./);
});

test('init makes an empty Maildir where there is no mail yet, after a yes; nothing else is there after a no', async (t) => {
  const host = newHost(t);
  const maildir = join(host.home, 'Maildir');
  const refused = await inTerminal(host, ['init', host.store], [[question, 'n\n']]);
  assert.equal(refused.status, 66, refused.words);
  assert.match(refused.words, /No mail lies in \S+\/Maildir yet\./);
  assert.match(refused.words, /no Maildir was made there; nothing was changed/);
  assert.equal(existsSync(maildir), false);
  const made = await inTerminal(host, ['init', host.store, '--name', 'cabin'], [[question, 'Yes\n']]);
  assert.equal(made.status, 0, made.screen);
  assert.deepEqual(readdirSync(maildir).sort(), ['cur', 'new', 'tmp']);
});

test('init asks nothing about an empty store where there is nobody to ask, and where the account is there', async (t) => {
  const host = newHost(t);
  const { status, err } = await host.run('init', host.store);
  assert.equal(status, 66);
  assert.match(err, /^hint: [^\n]*\n +mkdir -p \S+\/Maildir\/cur \S+\/Maildir\/new \S+\/Maildir\/tmp$/m);
  assert.match(await host.mrepl('init', host.store, '--yes'), /Maildir: no mail yet/);
  const again = await inTerminal(host, ['init', 'maildir:~/other']);
  assert.equal(again.status, 66, again.screen);
  assert.equal(existsSync(join(host.home, 'other')), false);
});

test('pair takes up a host after a yes, and says what to type after a no', async (t) => {
  const { home, cabin, stick } = await twoHosts(t);
  const first = await inTerminal(home, ['pair', stick]);
  assert.equal(first.status, 0, first.screen);
  assert.match(first.words, /No card of another host is there\. This host is paired with none yet\. Next, /);
  const refused = await inTerminal(cabin, ['pair', stick], [[question, 'n\n']], 60);
  assert.equal(refused.status, 3, refused.screen);
  assert.match(refused.words, / mrepl pair \S+ --fingerprint [\w-]{29} $/);
  const paired = await inTerminal(cabin, ['pair', stick], [[question, 'y\n']], 120);
  assert.equal(paired.status, 0, paired.screen);
  assert.match(paired.words, /home [\w-]{29} paired now Next, .* mrepl sync \S+ $/);
  const known = await inTerminal(cabin, ['pair', stick]);
  assert.match(known.screen, /paired before/);
  assert.doesNotMatch(known.screen, /\[y\/N\]|Next/);
});

test('peers revoke asks, and a no changes nothing', async (t) => {
  const { home, cabin } = await twoHosts(t);
  await pairAll([home, cabin]);
  const refused = await inTerminal(home, ['peers', 'revoke', 'cabin'], [[/Revoke cabin\? \[y\/N\] $/, 'n\n']]);
  assert.equal(refused.status, 0, refused.screen);
  assert.match(refused.screen, /cabin +full .*\nNothing was changed\.$/m);
  const revoked = await inTerminal(home, ['peers', 'revoke', 'cabin'], [[question, 'y\n']]);
  assert.match(revoked.screen, /cabin +revoked .*\nNothing of cabin is taken from now on/);
});

test('uninit and rejoin ask, and a no changes nothing', async (t) => {
  const { home } = await twoHosts(t);
  for (const command of ['uninit', 'rejoin']) {
    const refused = await inTerminal(home, [command], [[question, 'n\n']]);
    assert.equal(refused.status, 0, refused.screen);
    assert.match(refused.screen, /Nothing was changed\.$/m);
  }
  assert.match(await home.mrepl('status'), /account alice on host home/);
});

test('a home directory becomes a medium after a yes only', async (t) => {
  const { home } = await twoHosts(t);
  const refused = await inTerminal(home, ['pair', home.home], [[question, 'n\n']]);
  assert.notEqual(refused.status, 0, refused.screen);
  assert.equal(existsSync(join(home.home, 'mrepl')), false);
  const taken = await inTerminal(home, ['pair', home.home], [[question, 'y\n']]);
  assert.equal(taken.status, 0, taken.screen);
  assert.ok(existsSync(join(home.home, 'mrepl', 'alice', 'home.card')));
});

test('Ctrl-C at a question ends the run, and changes nothing', async (t) => {
  const { home } = await twoHosts(t);
  const { status, screen } = await inTerminal(home, ['uninit'], [[question, '\x03']]);
  assert.equal(status, 130, screen);
  assert.match(await home.mrepl('status'), /account alice on host home/);
});
