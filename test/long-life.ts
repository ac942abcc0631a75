import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeHost, pairAll } from './host.js';

// `npm run long-life`: one process that runs `sync` between two hosts again and again, with a letter added and, from the twentieth on, one
// expunged before each. Prints what the process holds after garbage was collected, as a table for test/RESULTS.md.

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '2000' }, directory: { type: 'string', default: tmpdir() } },
});
const runs = Number(values.runs);
const { gc } = globalThis;
if (!Number.isSafeInteger(runs) || runs < 1 || gc === undefined) {
  console.error('usage: npm run long-life -- --runs N --directory DIR');
  process.exit(2);
}

/** Lines of the table. */
const samples = 8;

const collections = 3;

/** Letters in a mailbox, from when on as many go as come. */
const lettersMax = 20;

const directory = mkdtempSync(join(values.directory, 'mrepl-long-life-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const stick = join(directory, 'stick');
mkdirSync(stick);
const hosts = ['home', 'cabin'].map((name) => {
  const maildir = join(directory, name, 'Maildir');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { recursive: true });
  const host = makeHost({ name, home: join(directory, name), store: `maildir:${maildir}` });
  return { ...host, cur: join(maildir, 'cur') };
});
for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
await pairAll(hosts);

console.log('| runs | heap in use | outside of it | memory of the process | open files | threads |');
console.log('|---|---|---|---|---|---|');
let said = 0;
for (let run = 1; run <= runs; run++) {
  const host = hosts[run % hosts.length];
  if (host === undefined) break;
  writeFileSync(
    join(host.cur, `17${String(run).padStart(8, '0')}.M${run}.host:2,`),
    `Subject: ${run}\n\nText ${run}.\n`,
  );
  const [oldest = '', ...others] = readdirSync(host.cur).sort();
  if (others.length >= lettersMax) rmSync(join(host.cur, oldest));
  await host.mrepl('sync', stick);
  if (run < ((said + 1) * runs) / samples) continue;
  said++;
  await say(run);
}

async function say(run: number): Promise<void> {
  // What is outside of the heap is let go of only after what held it was.
  for (let turn = 0; turn < collections; turn++) {
    gc?.();
    await nextTurn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const [files, threads] = ['fd', 'task'].map((list) => readdirSync(`/proc/self/${list}`).length);
  const amounts = [heapUsed, external, rss].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
  console.log(`| ${[run, ...amounts, files, threads].join(' | ')} |`);
}
