import { parseArgs } from 'node:util';
import { runLong, seedOf } from './long-run.js';
import { soak } from './soak-hosts/soak-run.js';
import { summaryOf } from './soak-hosts/summary.js';

// `npm run soak:hosts`: many hosts with real mail on real directories, everything that can happen to them and to sticks, and then peace.

const { values } = parseArgs({
  options: {
    exchanges: { type: 'string', default: '2000' },
    seed: { type: 'string' },
    hosts: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '120' },
  },
});
const exchanges = Number(values.exchanges);
const seed = seedOf(values.seed);
const hosts = Number(values.hosts);
const minutes = Number(values.minutes);
if (![exchanges, seed, hosts].every(Number.isSafeInteger) || exchanges < 1 || hosts < 2 || !(minutes > 0)) {
  console.error('usage: npm run soak:hosts -- --exchanges N --seed S --hosts N --minutes N');
  process.exit(2);
}

const title = `${exchanges} exchanges between ${hosts} hosts, seed ${seed}`;
await runLong(
  { name: 'soak', title, onFailure: `seed ${seed}; everything is left as it is` },
  async ({ directory, startedMs, say }) => {
    const untilMs = startedMs + minutes * 60_000;
    const figures = await soak({ directory, hosts, exchanges, seed, untilMs, killShare: 0.08, smallDisks: true, say });
    console.log(summaryOf(figures, { hosts, seed, seconds: (Date.now() - startedMs) / 1000 }));
    return true;
  },
);
