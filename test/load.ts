import { parseArgs } from 'node:util';
import { runLoad } from './load/load-run.js';
import { summaryOf } from './load/summary.js';
import { requirePrograms, runLong, seedOf } from './long-run.js';

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
const seed = seedOf(values.seed);
if (!(minutes > 0) || !Number.isSafeInteger(clients) || clients < 1 || !Number.isSafeInteger(seed)) {
  console.error('usage: npm run load -- --minutes N --clients N --seed S');
  process.exit(2);
}
requirePrograms();

const title = `${minutes} minutes, ${clients} clients on each host, seed ${seed}`;
await runLong(
  { name: 'load', title, onFailure: `seed ${seed}; what mrepl kept is left as it is` },
  async ({ directory, say }) => {
    const figures = await runLoad({ directory, minutes, clients, seed, say });
    console.log(summaryOf(figures, { minutes, clients, seed }));
    return true;
  },
);
