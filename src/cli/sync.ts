import type { Command } from 'commander';
import type { SyncReport } from '../flow/report.js';
import type { Runner } from './context.js';
import { statusOfFailure } from './exit-status.js';
import { isAbsence, passingOverAbsence } from './if-present.js';
import { parseRun, runOption } from './options.js';
import { sayingSeldom } from './seldom.js';
import { runWaitMs } from './waiting.js';

export function addSync(program: Command, run: Runner): void {
  program
    .command('sync')
    .summary('import what waits, then export: for cron')
    .description(
      'Import and export in one: takes in what waits in each DIR, then writes what the other hosts lack.\n' +
        'A DIR in quotes may be a pattern; it stands for those directories that already hold bundles (a folder "mrepl").',
    )
    .argument(
      '[dir...]',
      'sticks, or any directories that get there, each on its own; without one, those of the configuration file',
    )
    .addOption(runOption.dryRun())
    .addOption(runOption.full())
    .addOption(runOption.texts())
    .addOption(runOption.plain())
    .addOption(runOption.mailbox())
    .addOption(runOption.maxSize())
    .addOption(runOption.allowExpunge())
    .addOption(runOption.exitCode())
    .addOption(runOption.ifPresent())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl sync /media/usb
  $ mrepl sync --quiet --if-present '/media/*/'    # for cron: see "mrepl help cron"`,
    )
    .action(async (patterns: string[], _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const { raw, output, settings, openAccount } = context;
        const options = parseRun(raw);
        const { directoriesOf } = await import('./directories.js');
        const { syncWith } = await import('../flow/sync.js');
        const { namesFrom } = await import('./session-names.js');
        const { statusOfRun } = await import('./run-status.js');
        return passingOverAbsence(options.ifPresent, async () => {
          const directories = await directoriesOf(
            patterns.length > 0 ? patterns : (await settings()).directories.value,
          );
          const session = await openAccount(runWaitMs);
          const how = { session, dryRun: options.dryRun };
          const all = await sayingSeldom(context, how, () => syncWith(session, directories, options));
          if (all === null) return statusOfFailure('unpaired');
          const reports = options.ifPresent ? all.filter((report) => !isAbsent(report)) : all;
          for (const report of reports) await output.report(report, namesFrom(session, report.import?.bundles));
          return statusOfRun(reports, options.exitCode);
        });
      });
    });
}

function isAbsent({ failure }: SyncReport): boolean {
  return failure !== null && isAbsence(failure);
}
