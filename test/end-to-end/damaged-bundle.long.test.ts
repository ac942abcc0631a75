import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Part of a bundle cannot be read. Everything else of it is used, and what is missing comes from whoever has it.

const count = 6;

type Scene = { readonly directory: string; readonly home: Site; readonly cabin: Site; readonly boat: Site };

/** Home and boat have the same mail; the cabin has none, and is paired with both. */
async function makeScene(t: { after(clean: () => void): void }, bodyOf: (number: number) => string): Promise<Scene> {
  const directory = scratch(t);
  const [home, cabin, boat] = ['home', 'cabin', 'boat'].map((name) => makeSite(directory, name, { uidList: true }));
  assert.ok(home && cabin && boat);
  for (let number = 1; number <= count; number++) home.put(letter(`number ${number}`, bodyOf(number)));
  await initAll([home, cabin, boat]);
  const stick = stickIn(directory, 'first');
  for (const site of [home, boat, home]) await site.mrepl('sync', stick);
  return { directory, home, cabin, boat };
}

function stickIn(directory: string, name: string): string {
  const stick = join(directory, name);
  rmSync(stick, { recursive: true, force: true });
  mkdirSync(stick);
  return stick;
}

function bundlesOn(stick: string, site: Site): string[] {
  const folder = join(stick, 'mrepl', 'alice');
  return readdirSync(folder)
    .filter((name) => name.startsWith(site.name))
    .map((name) => join(folder, name))
    .sort();
}

/** Where the zstd frames of a plain bundle begin, and where it ends. */
function edgesOf(bytes: Buffer): number[] {
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const edges: number[] = [];
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) edges.push(at);
  return [...edges, bytes.length];
}

type Harm = { readonly what: string; readonly bytes: Buffer };

function* harmsOf(bytes: Buffer, edges: readonly number[]): Iterable<Harm> {
  for (const [index, from] of edges.slice(0, -1).entries()) {
    const to = edges[index + 1] ?? bytes.length;
    const flipped = Buffer.from(bytes);
    const middle = (from + to) >> 1;
    flipped[middle] = (flipped[middle] ?? 0) ^ 0x10;
    yield { what: `part ${index} flipped`, bytes: flipped };
    yield { what: `cut off in part ${index}`, bytes: bytes.subarray(0, middle) };
    if (index % 2 === 0) {
      yield { what: `part ${index} missing`, bytes: Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]) };
    }
  }
}

/** 300 kB that compress well: three such texts are a frame. */
function linesOf(number: number): string {
  return `Line of message ${number}.\n`.repeat(14_000);
}

for (const sealed of [false, true]) {
  test(`whatever part of a ${sealed ? 'sealed' : 'plain'} bundle is damaged, the rest is used, and a third host has what is missing`, async (t) => {
    const { directory, home, cabin, boat } = await makeScene(t, sealed ? (number) => noise(number, 250_000) : linesOf);
    const source = stickIn(directory, 'source');
    await home.mrepl('export', source, '--full', '--texts', 'always', ...(sealed ? [] : ['--plain']));
    const [file = ''] = bundlesOn(source, home);
    const whole = readFileSync(file);
    // A sealed bundle is damaged by its chunks, of which this one has some twenty: five places will do.
    const fifths = [0, 1, 2, 3, 4, 5].map((part) => Math.round((whole.length * part) / 5));
    for (const site of [cabin, boat])
      cpSync(site.home, `${site.home}.before`, { recursive: true, preserveTimestamps: true });
    const left = new Set<number>();
    for (const { what, bytes } of harmsOf(whole, sealed ? fifths : edgesOf(whole))) {
      for (const site of [cabin, boat]) {
        rmSync(site.home, { recursive: true });
        cpSync(`${site.home}.before`, site.home, { recursive: true, preserveTimestamps: true });
      }
      writeFileSync(file, bytes);
      const { status, err } = await cabin.run('import', file);
      assert.ok(status === 3 || status === 65, `${what}: ${status} ${err}`);
      assert.match(err, /^mrepl: /m, what);
      const arrived = cabin.count('Subject: number');
      left.add(arrived);
      assert.ok(arrived < count || /end/.test(err), `${what}: nothing is missing`);
      const stick = stickIn(directory, 'stick');
      await cabin.mrepl('export', stick);
      const [asking = ''] = bundlesOn(stick, cabin);
      const inspected = (await cabin.json('inspect', asking)).find(({ kind }) => kind === 'inspect');
      const isUsed = status === 3;
      assert.equal(
        inspected?.wanted,
        isUsed ? count - arrived : 0,
        `${what}: what is missing is asked for, and nothing else`,
      );
      await boat.mrepl('sync', stick);
      await cabin.mrepl('sync', stick);
      assert.equal(cabin.count('Subject: number'), count, what);
    }
    await boat.mrepl('sync', join(directory, 'stick'));
    await assertAgreed([boat, cabin]);
    assert.ok(left.has(0) && left.size > 2 - Number(sealed), `parts hit different texts: ${[...left]}`);
  });
}

for (const where of ['texts', 'records'] as const) {
  test(`a sender that builds on its own damaged bundle notices within two visits: ${where}`, async (t) => {
    const directory = scratch(t);
    const home = makeSite(directory, 'home', { uidList: true });
    const cabin = makeSite(directory, 'cabin', { uidList: true });
    const stick = stickIn(directory, 'stick');
    const many = where === 'records' ? 1300 : 0;
    for (let number = 1; number <= many; number++) home.put(letter(`small ${number}`));
    for (let number = 1; number <= count; number++) home.put(letter(`number ${number}`, noise(number, 60_000)));
    await initAll([home, cabin]);
    await home.mrepl('export', stick, '--plain');
    const [first = ''] = bundlesOn(stick, home);
    const bytes = readFileSync(first);
    const edges = edgesOf(bytes);
    // Beginning and end are looked at by every export: 64 KiB of each.
    const at = where === 'records' ? 66 << 10 : ((edges.at(-3) ?? 0) + (edges.at(-2) ?? 0)) >> 1;
    assert.ok((edges.at(where === 'records' ? 2 : -2) ?? 0) > at && at > 64 << 10 && bytes.length - at > 64 << 10);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(first, bytes);
    home.deliver(letter('later'));
    await home.mrepl('export', stick);
    assert.equal(bundlesOn(stick, home).length, 2, 'it builds on the first');
    assert.equal((await cabin.run('sync', stick)).status, 3);
    await home.mrepl('sync', stick);
    assert.ok(!bundlesOn(stick, home).includes(first), 'what nobody can use is removed');
    await cabin.mrepl('sync', stick);
    await home.mrepl('sync', stick);
    await assertAgreed([home, cabin]);
    await cabin.mrepl('sync', stick);
    assert.match(await home.mrepl('sync', stick), /nothing new/, 'and that is the end of it');
  });
}

/** Text of that many bytes that does not compress much. */
function noise(seed: number, length: number): string {
  const bytes = createHash('shake256', { outputLength: (length * 3) >> 2 })
    .update(String(seed))
    .digest('base64');
  return bytes.replace(/.{76}/g, '$&\n');
}
