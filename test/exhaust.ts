import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { everyRule } from '../src/merge/rules-tests-can-switch-off.js';
import { type Level, searchLevels } from './merge/exhaust-levels.js';
import { type Expansion, Explorer, type History } from './merge/exhaust-search.js';
import type { Beginning, Setting } from './merge/exhaust-world.js';

// Every history of a few hosts with a few deeds, and whether the invariants hold after each. Nothing is random.

const usage =
  'usage: npm run exhaust -- [--hosts N] [--deeds N] [--begin agreed|strangers] [--clocks-apart SECONDS] [--minutes N] [--threads N] [--without RULE]';

/** How often it is said how far it has come, in milliseconds. */
const progressMs = 15_000;

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '2' },
    deeds: { type: 'string', default: '4' },
    begin: { type: 'string', default: 'agreed' },
    'clocks-apart': { type: 'string', default: '0' },
    minutes: { type: 'string', default: '100000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    without: { type: 'string' },
  },
});
const setting: Setting = {
  hosts: number(values.hosts, { from: 2, to: 6 }),
  begin: beginning(values.begin),
  clocksApartS: number(values['clocks-apart'], { from: 0, to: 1000 }),
  ...(values.without === undefined ? {} : { rules: { ...everyRule, [rule(values.without)]: false } }),
};
const deedsMax = number(values.deeds, { from: 0, to: 20 });
const threads = number(values.threads, { from: 1, to: 256 });
const endsMs = Date.now() + number(values.minutes, { from: 1, to: 100_000 }) * 60_000;

const startedMs = Date.now();
const counted: Level[] = [];
let saidMs = startedMs;
let progress = '';
const workers = Array.from(
  { length: threads },
  () => new Worker(new URL('./exhaust-worker.js', import.meta.url), { workerData: setting }),
);
const idle = [...workers];

const outcome = await searchLevels({
  deedsMax,
  hands: threads,
  expand,
  isOver: () => Date.now() > endsMs,
  onLevel: (level) => {
    counted.push(level);
    say(
      `${level.deeds} deeds: ${level.histories} histories gone on with come to ${level.states} states not seen before`,
    );
  },
  onProgress: (done, all) => {
    progress = `${done} of ${all} states looked at`;
    if (Date.now() < saidMs + progressMs) return;
    saidMs = Date.now();
    say(`  ${progress}`);
  },
});
for (const worker of workers) await worker.terminate();

const states = counted.reduce((sum, level) => sum + level.states, 0);
const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
if (outcome === 'over') {
  say(`the time was over at histories of ${counted.length - 1} deeds, ${progress}`);
  process.exitCode = 1;
} else if (outcome !== null) {
  const { history, complaint } = outcome;
  console.error(`${new Explorer(setting).describe(history)}\n\n${complaint}`);
  process.exitCode = 1;
} else {
  say(
    `${setting.hosts} hosts, up to ${deedsMax} deeds: ${states} states, every invariant holds; at most ${memory} MiB`,
  );
}

async function expand(histories: readonly History[], isLast: boolean): Promise<readonly Expansion[]> {
  const worker = idle.pop();
  if (worker === undefined) throw new Error('more hands than workers');
  worker.postMessage({ histories, isLast });
  const [answer] = await once(worker, 'message'); // rejects where the worker dies
  idle.push(worker);
  return (answer as Expansion[]).map((each) => ({ ...each, keys: each.keys.map((key) => Buffer.from(key)) }));
}

function say(text: string): void {
  console.log(`${((Date.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

function number(text: string, { from, to }: { from: number; to: number }): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= from && value <= to ? value : stop();
}

function beginning(text: string): Beginning {
  return text === 'agreed' || text === 'strangers' ? text : stop();
}

function rule(text: string): string {
  return text in everyRule ? text : stop();
}

function stop(): never {
  console.error(usage);
  process.exit(2);
}
