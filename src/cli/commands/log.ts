import { type Command, InvalidArgumentError } from 'commander';
import type { Runner } from '../context/command-context.js';
import { parseMoment } from '../options/parse-time.js';

const linesUnasked = 20;

/** As many as the catalog ever keeps. */
const linesMax = 10_000;

/** `mrepl log`. Reads the catalog only. */
export function addLog(program: Command, run: Runner): void {
  program
    .command('log')
    .summary('what was exchanged, and when')
    .description('Shows what was exchanged when, and what it did; the newest last.')
    .option('-n, --lines <count>', 'how many runs to show; with --since all of them', parseCount)
    .option('--since <time>', 'runs since then: 2026-11-20, "2026-11-20 14:30", or so long ago: 6h, 3d, 2w')
    .option('--plot', 'draw messages and bytes of each run, and how old the news of each peer was')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl log
  $ mrepl log --since 2w --plot
  $ mrepl log --lines 1000 --json`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ raw, output, environment, readAccount }) => {
        const { namesFrom } = await import('../context/names-for-reports.js');
        const reading = await readAccount();
        const nowS = Math.floor(environment.nowMs() / 1000);
        const sinceS = raw.since === undefined ? null : parseMoment(String(raw.since), { option: '--since', nowS });
        const lines = typeof raw.lines === 'number' ? raw.lines : sinceS === null ? linesUnasked : linesMax;
        const records = reading.catalog.entries(lines).filter(({ atS }) => sinceS === null || atS >= sinceS);
        await output.report({ kind: 'log', records, isDrawn: raw.plot === true }, namesFrom(reading));
        return 0;
      });
    });
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
