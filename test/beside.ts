import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHistory } from './beside/history.js';
import { startServers } from './beside/scene.js';
import { requirePrograms, runLong, seedOf } from './long-run.js';
import { makeTally } from './soak-hosts/tally.js';

// `npm run beside`: random histories of hosts beside the real programs of their users. History n of seed s is history 0 of seed s + n.

/** How often there is peace in a history: between them programs do what they do to mail that all have. */
const phases = 2;
const deedsMax = 16;

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: '10' },
  },
});
const histories = Number(values.histories);
const minutes = Number(values.minutes);
const seed = seedOf(values.seed);
if (!Number.isSafeInteger(histories) || histories < 1 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run beside -- --histories N --seed N --minutes M');
  process.exit(2);
}
requirePrograms();

await runLong(
  { name: 'beside', title: `seed ${seed}`, onFailure: 'what is not with a server is left' },
  async ({ directory, startedMs, say }) => {
    const tally = makeTally();
    const servers = await startServers();
    let done = 0;
    let failed = 0;
    while (done < histories && Date.now() - startedMs < minutes * 60_000) {
      const one = seed + done;
      try {
        await runHistory({ servers, directory: join(directory, String(one)), seed: one, tally, phases, deedsMax });
      } catch (error) {
        failed++;
        console.error(error);
        console.error(`again: npm run beside -- --histories 1 --seed ${one}`);
      }
      done++;
      if (done % 5 === 0) say(`${done} histories, ${failed} failed`);
    }
    await servers.stop();
    for (const [name, count] of tally.list('')) console.log(`${name}: ${count}`);
    say(`${done} histories, seed ${seed}: ${failed} failed`);
    return failed === 0;
  },
);
