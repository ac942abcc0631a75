import type { Command } from 'commander';
import type { Runner } from '../context/command-context.js';
import { statusOfFailure } from '../context/exit-status.js';
import { newMediumPolicy } from '../context/new-medium-policy.js';
import { sayingSeldom } from '../context/say-unpaired-once-a-week.js';
import { shownReport, writePage } from '../context/write-page.js';
import { parseRun, runOption } from '../options/common-options.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';
import { passingOverAbsence } from '../options/ignore-absent-store-or-medium.js';

/**
 * `mrepl export DIR`, or `-` for standard output: reports then go to standard error. Asks for the sink before the
 * account is opened, so that a terminal is refused with nothing done.
 */
export function addExport(program: Command, run: Runner): void {
  program
    .command('export')
    .summary('write what the other hosts lack')
    .description('Looks at the store, then writes what the other hosts lack into DIR.')
    .argument('<dir>', 'the stick, or any directory that gets there; - for standard output')
    .addOption(runOption.dryRun())
    .addOption(runOption.details())
    .addOption(runOption.report())
    .addOption(runOption.full())
    .addOption(runOption.texts())
    .addOption(runOption.plain())
    .addOption(runOption.mailbox())
    .addOption(runOption.maxSize())
    .addOption(runOption.newMedium())
    .addOption(runOption.allowExpunge())
    .addOption(runOption.deleteMax())
    .addOption(runOption.exitCode())
    .addOption(runOption.ifPresent())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl export /media/usb
  $ mrepl export /media/usb --dry-run          # what would it say?
  $ mrepl export /media/usb --max-size 700M    # the rest goes next time
  $ mrepl export - | ssh cabin mrepl import -
  $ mrepl export /media/usb --full --plain     # a copy that anybody can read`,
    )
    .action(async (target: string, _options: unknown, command: Command) => {
      const toPipe = target === '-';
      await run(
        command,
        async (context) => {
          const { raw, streams, output, openAccount } = context;
          const options = { ...parseRun(raw), newMedium: newMediumPolicy(context) };
          const sink = toPipe && !options.dryRun ? streams.sink() : null;
          const { exportTo } = await import('../../flow/export/run-export.js');
          const { namesFrom } = await import('../context/names-for-reports.js');
          const { statusOfRun } = await import('../context/exit-status-of-run.js');
          return passingOverAbsence(options.ifPresent, async () => {
            const session = await openAccount(runWaitMs);
            const place = toPipe ? { sink: sink ?? streams.stdout } : { directory: target };
            const how = { session, dryRun: options.dryRun };
            const report = await sayingSeldom(context, how, () => exportTo(session, place, options));
            if (report === null) return statusOfFailure('unpaired');
            await output.report(shownReport(report, context), namesFrom(session));
            await writePage(context, [report], namesFrom(session));
            return statusOfRun([report], options.exitCode);
          });
        },
        { reportsTo: toPipe ? 'stderr' : 'stdout' },
      );
    });
}
