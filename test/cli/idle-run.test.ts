import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { availableCodecs } from '../../src/bundle/archive/open-zstd-codec.js';
import { type Host, makeHost, pairAll } from '../host.js';

// Most runs of cron find nothing to do. What they cost is what they load, and what they make the disk do.

const root = mkdtempSync(join(tmpdir(), 'mrepl-idle-'));
after(() => rmSync(root, { recursive: true }));
const stick = join(root, 'stick');
const covered = join(root, 'covered');
const synced = join(root, 'synced');

/** Node notes there which modules a process has loaded; and `sync` notes that it was called. */
const watched = { NODE_V8_COVERAGE: covered, PATH: [noisySync(), process.env.PATH ?? ''].join(delimiter) };
const home = host('home', 3);
const cabin = host('cabin', 0);

before(async () => {
  mkdirSync(stick);
  for (const each of [home, cabin]) await each.mrepl('init', each.store, '--name', each.name);
  await pairAll([home, cabin]);
});

test('a run that takes mail in syncs the disk, and loads what it writes with', async () => {
  await home.mrepl('sync', stick);
  const { modules, syncs } = await watch('sync', stick);
  assert.ok(syncs > 0);
  assert.ok(availableCodecs()[0] === 'native' || modules.has('zstd-codec'));
});

test('a run with nothing to do neither waits for the disk nor loads what only others need', async () => {
  for (const each of [home, cabin, home]) await each.mrepl('sync', stick);
  const { out, modules, syncs } = await watch('sync', stick);
  assert.equal(out, `${stick}: nothing new on either side\n`);
  assert.equal(syncs, 0);
  for (const needless of ['zstd-codec', 'fast-glob', 'ora', 'chalk']) {
    assert.ok(!modules.has(needless), `${needless} was loaded`);
  }
  assert.ok(modules.has('commander'), 'the modules were not noted');
});

/** A run on `cabin`: the packages it loaded, and how often it called `sync`. */
async function watch(...args: string[]): Promise<{ out: string; modules: ReadonlySet<string>; syncs: number }> {
  for (const path of [covered, synced]) rmSync(path, { recursive: true, force: true });
  const out = await cabin.mrepl(...args);
  const notes = readdirSync(covered).map((name) => readFileSync(join(covered, name), 'utf8'));
  const modules = notes.flatMap((note) =>
    [...note.matchAll(/\/node_modules\/([^/"]+)\//g)].map(([, name]) => name ?? ''),
  );
  const syncs = existsSync(synced) ? readFileSync(synced, 'utf8').trim().split('\n').length : 0;
  return { out, modules: new Set(modules), syncs };
}

function noisySync(): string {
  const directory = join(root, 'bin');
  mkdirSync(directory);
  writeFileSync(join(directory, 'sync'), `#!/bin/sh\necho "$@" >> ${synced}\n`, { mode: 0o755 });
  return directory;
}

function host(name: string, messages: number): Host {
  const maildir = join(root, name, 'Maildir');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { recursive: true });
  for (let at = 0; at < messages; at++) {
    writeFileSync(join(maildir, 'cur', `170000000${at}.M${at}.host:2,S`), `Subject: ${at}\n\nText ${at}.\n`);
  }
  const runs = name === 'cabin' ? 'own process' : 'this process';
  return makeHost({ name, home: join(root, name), store: `maildir:${maildir}`, env: watched, runs });
}
