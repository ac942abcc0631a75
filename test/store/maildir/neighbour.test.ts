import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scanOf, spooled } from '../store-under-test.js';
import { withMaildir } from './open-maildir.js';

const program = fileURLToPath(new URL('./neighbour.js', import.meta.url));

describe('beside a server', () => {
  it('every message keeps the UID it was given, whoever gave it, and none is given twice', () =>
    withMaildir({}, async (store, user) => {
      const child = spawn(process.execPath, [program, user.root, '40'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const printed = text(child.stdout);
      const exited = once(child, 'exit');
      const given = new Map<string, number>();
      let moved = 0;
      for (let round = 0; round < 40; round++) {
        const texts = Array.from({ length: 30 }, (_, index) => `Subject: ${round} ${index}\n\n`);
        const deliveries = await Promise.all(
          texts.map((one, index) => spooled(store, one, { hint: `ours-${round}-${index}` })),
        );
        for (;;) {
          const { uids, messages } = await scanOf(store, 'INBOX');
          assert.ok(uids !== null);
          const present = new Set(messages.map(({ ref }) => ref));
          const missing = deliveries.filter(({ ref }) => !present.has(ref));
          const flags = new Set(['\\Flagged', 'work']);
          const deliver = missing.map((delivery, index) => ({ ...delivery, flags, uid: uids.uidNext + 1 + index }));
          const uidNext = uids.uidNext + 2 + deliver.length;
          const change = { expected: uids, uidValidity: uids.uidValidity, uidNext, deliver };
          const { outcome, troubles } = await store.change('INBOX', {
            ...change,
            expunge: [],
            setFlags: [],
            renumber: [],
          });
          assert.deepEqual(troubles, []);
          if (outcome === 'moved') {
            moved++;
            continue;
          }
          for (const { ref, uid } of deliver) given.set(ref, uid);
          break;
        }
      }
      assert.deepEqual(await exited, [0, null]);
      for (const line of (await printed).trim().split('\n')) {
        const [uid, ref = ''] = line.split(' ');
        given.set(ref, Number(uid));
      }
      const { messages, troubles } = await scanOf(store, 'INBOX');
      assert.deepEqual(troubles, []);
      assert.equal(given.size, 40 * 30 + 40);
      assert.deepEqual(new Map(messages.map(({ ref, uid }) => [ref, uid])), given, `after ${moved} times moved`);
      assert.equal(new Set(given.values()).size, given.size);
    }));
});
