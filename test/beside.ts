import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHistory } from './beside/history.js';
import { startServers } from './beside/scene.js';
import { installRequirements, searchPath } from './requirements.js';
import { makeTally } from './soak-hosts/tally.js';

// `npm run beside`: random histories of hosts beside the real programs of their users. History n of seed s is history 0 of seed s + n.

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    minutes: { type: 'string', default: '10' },
  },
});
const histories = Number(values.histories);
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
if (!Number.isSafeInteger(histories) || histories < 1 || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run beside -- --histories N --seed N --minutes M');
  process.exit(2);
}
process.env.PATH = searchPath(process.env.PATH ?? '');
const command = installRequirements(process.env.PATH);
if (command !== null) {
  console.error(`programs that this needs are missing. Run:\n  ${command}`);
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), 'mrepl-beside-'));
const startedMs = Date.now();
const tally = makeTally();
console.log(`seed ${seed}, in ${directory}`);
const servers = await startServers();
let done = 0;
let failed = 0;
while (done < histories && Date.now() - startedMs < minutes * 60_000) {
  const one = seed + done;
  try {
    await runHistory({ servers, directory: join(directory, String(one)), seed: one, tally });
  } catch (error) {
    failed++;
    console.error(error);
    console.error(
      `again: npm run beside -- --histories 1 --seed ${one}; what is not with a server is left in ${directory}`,
    );
  }
  done++;
  if (done % 5 === 0)
    console.log(`${((Date.now() - startedMs) / 1000).toFixed(0)} s: ${done} histories, ${failed} failed`);
}
await servers.stop();
for (const [name, count] of tally.list('')) console.log(`${name}: ${count}`);
console.log(`${done} histories in ${((Date.now() - startedMs) / 1000).toFixed(0)} s, seed ${seed}: ${failed} failed`);
if (failed === 0) rmSync(directory, { recursive: true, force: true });
else process.exitCode = 1;
