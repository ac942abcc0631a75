import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { exportTo } from '../../src/flow/export/run-export.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { mreplProgram, pairAll } from '../host.js';
import { makeParty, pair, sessionOf } from '../scenes/party.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';
import { diskKinds, mountSmallDisk } from './small-disk.js';

// Exports that do not fit, with limits that the system really sets.

/** Seven million bytes of mail, of which no less than five can be made. */
const messages = 20;
const messageBytes = 350_000;

function fill({ put }: Site): void {
  for (let n = 0; n < messages; n++)
    put(letter(`number ${n}.`, noise(`${n}`)), { mailbox: n % 4 === 0 ? 'Work' : 'INBOX' });
}

function noise(seed: string): string {
  const lines: string[] = [];
  for (let n = 0; n * 89 < messageBytes; n++) lines.push(createHash('sha512').update(`${seed} ${n}`).digest('base64'));
  return lines.join('\n');
}

test('a file that the system lets grow no further ends in a series of bundles', async (t) => {
  const directory = scratch(t);
  const fileBytesMax = 1_500_000;
  const program = ['prlimit', `--fsize=${fileBytesMax}`, ...mreplProgram];
  const home = makeSite(directory, 'home', { program });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  fill(home);
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([home, cabin]);
  const { status, out, err } = await home.run('export', stick);
  assert.equal(status, 0, err);
  assert.match(out, /exported \d+ bundles, home-000001\.tar\.zst\.age to home-0000\d\d\.tar\.zst\.age /);
  assert.doesNotMatch(out, /changes of/, 'what a later bundle says of messages of an earlier one is no change');
  const folder = join(stick, 'mrepl', 'alice');
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  assert.ok(sizes.length > 3 && sizes.every((size) => size <= fileBytesMax), sizes.join());
  for (const host of [cabin, home, cabin]) await host.mrepl('sync', stick);
  assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
  assert.equal(cabin.count('number') + cabin.count('number', 'Work'), messages);
});

describe('a stick that is too small carries everything on several journeys', () => {
  for (const kind of diskKinds()) {
    test(kind, async (t) => {
      const directory = scratch(t);
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      const disk = await mountSmallDisk(t, stick, kind);
      const program = disk.command(mreplProgram);
      const home = makeSite(directory, 'home', { program });
      const cabin = makeSite(directory, 'cabin', { program });
      fill(home);
      for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
      await pairAll([home, cabin]);
      const first = await home.run('sync', stick);
      assert.equal(first.status, 3);
      assert.match(first.err, /there is no more room; \d+ new messages? in .* will go next time\n/);
      assert.match(await home.mrepl('status'), /^INBOX .* at cabin$/m);
      let journeys = 1;
      for (let status = 3; status === 3; journeys++) {
        assert.ok(journeys < 8, 'it does not come to an end');
        await cabin.mrepl('sync', stick);
        ({ status } = await home.run('sync', stick));
      }
      assert.ok(journeys > 1);
      for (const host of [cabin, home, cabin]) await host.mrepl('sync', stick);
      assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
      assert.equal(cabin.count('number') + cabin.count('number', 'Work'), messages);
      assert.doesNotMatch(await home.mrepl('status'), /^INBOX .* at cabin$/m);
    });
  }
});

describe('a medium that says nothing of its room, and is full all of a sudden, gets what there is room for', () => {
  for (const kind of diskKinds()) {
    test(kind, async (t) => {
      const directory = scratch(t);
      const mounted = join(directory, 'stick');
      mkdirSync(mounted);
      const disk = await mountSmallDisk(t, mounted, kind);
      const stick = disk.seen(mounted);
      const [home, cabin] = [await makeParty(directory, 'home', 1), await makeParty(directory, 'cabin', 2)];
      t.after(() => [home, cabin].forEach(({ catalog }) => void catalog.close()));
      await pair([home, cabin], stick);
      for (let n = 0; n < messages; n++) home.store.user.deliver('INBOX', letter(`number ${n}.`, noise(`${n}`)));
      const options = {
        dryRun: false,
        full: false,
        texts: 'unseen',
        plain: false,
        mailboxes: [],
        allowExpunge: true,
      } as const;
      const room = () => ({ fileBytesMax: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY });
      const { bundles, left, troubles } = await exportTo(sessionOf(home), { directory: stick, room }, options);
      assert.ok(bundles.length > 0 && (left?.messages ?? 0) > 0);
      assert.equal(left?.limit, 'room');
      assert.equal(troubles.length, 1);
      const { mailboxes } = await importFrom(sessionOf(cabin), { directory: stick }, options);
      const kinds = mailboxes.flatMap(({ decisions }) => decisions.map((decision) => decision.kind));
      assert.deepEqual(new Set(kinds), new Set(['new']));
      assert.equal(kinds.length + (left?.messages ?? 0), messages);
      const names = readdirSync(join(stick, 'mrepl', 'alice'));
      assert.deepEqual(
        names.filter((name) => name.endsWith('.part')),
        [],
      );
    });
  }
});
