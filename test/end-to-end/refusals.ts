import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mailUser } from '../dovecot/mail-user.js';
import { type Host, makeHost, mreplProgram, type Outcome } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// A scene for bad input, and what it gets: a status of its own, a sentence that says what was being done, to what, and what is now true.

export type Scene = { readonly directory: string; readonly home: Site; readonly cabin: Site; readonly stick: string };

/** Home has exported three messages to the stick, sealed or plain; the cabin is paired with it and empty. */
export async function makeScene(t: { after(clean: () => void): void }, ...how: readonly string[]): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const number of [1, 2, 3]) home.put(letter(`number ${number}.`, incompressible(100_000, number)));
  await initAll([home, cabin]);
  await home.mrepl('export', stick, ...how);
  return { directory, home, cabin, stick };
}

export function incompressible(count: number, seed: number): string {
  let state = seed;
  return Array.from({ length: count }, (_, index) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return index % 70 === 69 ? '\n' : String.fromCharCode(48 + ((state >>> 16) % 74));
  }).join('');
}

export function bundleOn(stick: string): string {
  const files = readdirSync(stick, { recursive: true }).map((name) => join(stick, String(name)));
  const bundles = files.filter(isBundle);
  assert.equal(bundles.length, 1);
  return bundles[0] ?? '';
}

/** The outcome of a refusal: this status, one line of trouble with all of these in it, no trace of the program's insides. */
export function assertRefused(
  { status, err }: Outcome,
  expected: number,
  ...words: readonly (string | RegExp)[]
): void {
  assert.equal(status, expected, err);
  assert.match(err, /^mrepl: /m);
  for (const word of words) assert.match(err, typeof word === 'string' ? new RegExp(escaped(word)) : word);
  assert.doesNotMatch(err, /\n\s+at |node:|Error: |undefined|\[object/);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export const messagesOf = (site: Site): number =>
  Object.values(viewMaildir(site.maildir)).flatMap(({ messages }) => messages).length;

/** The same host, its programs run by somebody who may not read everything. */
export function unprivileged(site: Site): Host {
  const user = mailUser();
  user.own(dirname(site.home));
  return makeHost({ ...site, program: user.command(mreplProgram) });
}

export function flip(file: string, where: number): void {
  const bytes = readFileSync(file);
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * where));
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  chmodSync(file, 0o600);
  writeFileSync(file, bytes);
}

function isBundle(name: string): boolean {
  return /\.tar\.zst(?:\.age)?$/.test(name);
}

export function onlyBundleOf(stick: string, host: string): string {
  const files = readdirSync(stick, { recursive: true }).map((name) => join(stick, String(name)));
  const [file, ...more] = files.filter((name) => name.includes(`/${host}-`) && isBundle(name));
  assert.ok(file !== undefined && more.length === 0);
  return file;
}
