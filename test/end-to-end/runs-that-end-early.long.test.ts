import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { Failure } from '../../src/failure.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import { openSession } from '../../src/flow/session/account-session.js';
import { assertAgreed, exchange } from './agreement.js';
import { assertRefused, flip, incompressible, makeScene, onlyBundleOf } from './refusals.js';
import { letter } from './site.js';

// Runs that meet another one, are stopped, only look, or have nothing to say.

describe('runs', () => {
  test('a run while another one goes on waits for it, or says so with 75', async (t) => {
    const { home, stick } = await makeScene(t);
    for (let number = 1; number <= 300; number++) home.put(letter(`more ${number}.`));
    const runs = [1, 2, 3, 4].map(() => home.start(['sync', stick]).ended);
    for (const { status, err } of await Promise.all(runs)) {
      assert.ok(status === 0 || status === 75, `${status}: ${err}`);
      if (status === 75) assert.match(err, /another run|is running|locked/);
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    test(`stopped by ${signal} at any moment, the next run finishes it`, async (t) => {
      const { home, cabin, stick } = await makeScene(t);
      for (let number = 1; number <= 150; number++) home.put(letter(`more ${number}.`, 'm'.repeat(500)));
      await home.mrepl('export', stick);
      const statuses = { SIGINT: 130, SIGTERM: 143, SIGKILL: 137 } as const;
      for (const afterMs of [120, 240]) {
        const running = cabin.start(['import', stick]);
        const timer = setTimeout(() => running.kill(signal), afterMs);
        const { status, err } = await running.ended;
        clearTimeout(timer);
        assert.ok(status === 0 || status === statuses[signal], `${status}: ${err}`);
      }
      await cabin.mrepl('import', stick);
      assert.equal(cabin.count('more'), 150);
      await exchange([cabin, home], stick);
      await assertAgreed([home, cabin]);
      const spool = readdirSync(cabin.maildir, { recursive: true }).map(String);
      assert.deepEqual(
        spool.filter((name) => /\/tmp\/.|^tmp\/./.test(name)),
        [],
        'something was left in tmp',
      );
    });
  }

  test('an import that was stopped after the catalog was committed stands in the log', async (t) => {
    const { cabin, stick } = await makeScene(t);
    const place = join(cabin.data, 'mrepl', 'alice');
    const stopped = new AbortController();
    const session = await openSession({
      catalogPath: join(place, 'catalog.db'),
      keysPath: join(place, 'keys'),
      home: cabin.home,
      machineName: cabin.name,
      waitMs: 0,
      now: Date.now,
      listener: (event) => {
        if (event.kind === 'stage' && event.stage === 'apply')
          stopped.abort(new Failure('interrupted', 'stopped here'));
      },
      signal: stopped.signal,
    });
    const options = { dryRun: false, mailboxes: [], allowExpunge: false };
    await assert.rejects(importFrom(session, { directory: stick }, options), /stopped here/);
    await session.close();
    assert.equal(cabin.count('number'), 0);
    assert.match(await cabin.mrepl('import', stick), /nothing new to import/);
    assert.equal(cabin.count('number'), 3);
    assert.match(
      await cabin.mrepl('log'),
      /home-000001\.tar\.zst\.age from home: 3 new messages, 3 texts \(300 kB\)\n$/,
    );
  });

  test('a dry run changes nothing at all, and is what the import then does', async (t) => {
    const { cabin, stick } = await makeScene(t);
    cabin.put(letter('number 1.', incompressible(100_000, 1)));
    cabin.put(letter('only here'));
    mkdirSync(`${stick}-2`);
    await cabin.mrepl('export', `${stick}-2`); // gives the store a UIDVALIDITY, which is made of the time
    const snapshot = (): string =>
      spawnSync('bash', [
        '-c',
        `cd ${dirname(stick)} && find cabin/Maildir stick -type f -printf '%p %T@ %s\\n' | sort`,
      ]).stdout.toString();
    const before = snapshot();
    const planned = await cabin.json('import', stick, '--dry-run');
    const asked = await cabin.run('import', stick, '--dry-run', '--exit-code');
    assert.equal(asked.status, 2, asked.err);
    assert.equal(snapshot(), before);
    const done = await cabin.json('import', stick);
    const changes = (lines: typeof planned): string[] =>
      lines.filter(({ kind }) => kind === 'change').map((line) => JSON.stringify(line));
    assert.deepEqual(changes(planned), changes(done));
    assert.ok(changes(done).length >= 3);
    const again = await cabin.run('import', stick, '--dry-run', '--exit-code');
    assert.equal(again.status, 0, again.err);
  });

  test('quiet says nothing when all is well, and still says what is wrong', async (t) => {
    const { cabin, stick } = await makeScene(t);
    const quiet = await cabin.run('sync', stick, '--quiet');
    assert.deepEqual([quiet.status, quiet.out, quiet.err], [0, '', '']);
    flip(onlyBundleOf(stick, 'cabin'), 0.5);
    const missing = await cabin.run('import', join(stick, 'nothing'), '--quiet');
    assertRefused(missing, 66, 'nothing');
    assert.equal(missing.out, '');
  });
});
