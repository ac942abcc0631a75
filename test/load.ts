import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runLoad } from './load/load-run.js';
import { summaryOf } from './load/summary.js';
import { installRequirements, searchPath } from './requirements.js';

// `npm run load`: two hosts with a busy Dovecot each, and `mrepl sync` over and over on both.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    clients: { type: 'string', default: '3' },
  },
});
const minutes = Number(values.minutes);
const clients = Number(values.clients);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(clients) || clients < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run load -- --minutes N --clients N --seed S');
  process.exit(2);
}
process.env.PATH = searchPath(process.env.PATH ?? '');
const command = installRequirements(process.env.PATH);
if (command !== null) {
  console.error(`programs that this needs are missing. Run:\n  ${command}`);
  process.exit(1);
}

const directory = mkdtempSync(join(tmpdir(), 'mrepl-load-'));
const startedMs = Date.now();
console.log(`${minutes} minutes, ${clients} clients on each host, seed ${seed}, in ${directory}`);
try {
  const say = (line: string): void => console.log(`${((Date.now() - startedMs) / 1000).toFixed(0)} s: ${line}`);
  const figures = await runLoad({ directory, minutes, clients, seed, say });
  console.log(summaryOf(figures, { minutes, clients, seed }));
  rmSync(directory, { recursive: true, force: true });
} catch (error) {
  console.error(error);
  console.error(`seed ${seed}; what mrepl kept is left as it is in ${directory}`);
  process.exitCode = 1;
}
