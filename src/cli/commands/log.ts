import { type Command, InvalidArgumentError } from 'commander';
import type { Runner } from '../context/command-context.js';

const linesUnasked = 20;

/** `mrepl log`. Reads the catalog only. */
export function addLog(program: Command, run: Runner): void {
  program
    .command('log')
    .summary('what was exchanged, and when')
    .description('Shows what was exchanged when, and what it did; the newest last.')
    .option('-n, --lines <count>', 'how many runs to show', parseCount, linesUnasked)
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl log
  $ mrepl log --lines 1000 --json`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ raw, output, readAccount }) => {
        const { namesFrom } = await import('../context/names-for-reports.js');
        const reading = await readAccount();
        const lines = typeof raw.lines === 'number' ? raw.lines : linesUnasked;
        await output.report({ kind: 'log', records: reading.catalog.entries(lines) }, namesFrom(reading));
        return 0;
      });
    });
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
