import type { Command } from 'commander';
import type { Failure } from '../../failure.js';
import type { ImportSource } from '../../flow/peers/incoming-bundle.js';
import type { ImportReport } from '../../flow/reports/run-report-types.js';
import type { Context, Runner } from '../context/command-context.js';
import { shownReport, writePage } from '../context/write-page.js';
import { parseRun, runOption, textOf } from '../options/common-options.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';
import { passingOverAbsence } from '../options/ignore-absent-store-or-medium.js';

/** `mrepl import DIR`, `FILE...`, or `-` for standard input. Looks at what was named before the account is opened. */
export function addImport(program: Command, run: Runner): void {
  program
    .command('import')
    .summary('take in what other hosts have left')
    .description('Takes in the bundles of other hosts: all that wait in DIR, or the FILEs named.')
    .argument('<dir|file...>', 'a directory, one or more bundles, or - for standard input')
    .addOption(runOption.dryRun())
    .addOption(runOption.details())
    .addOption(runOption.report())
    .addOption(runOption.mailbox())
    .addOption(runOption.allowExpunge())
    .addOption(runOption.deleteMax())
    .addOption(runOption.exitCode())
    .addOption(runOption.ifPresent())
    .addOption(runOption.exec())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl import /media/usb --dry-run          # what would happen?
  $ mrepl import /media/usb
  $ mrepl import ~/Downloads/home-000042.tar.zst`,
    )
    .action(async (sources: string[], _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const options = parseRun(context.raw);
        const { importFrom } = await import('../../flow/import/run-import.js');
        const { namesFrom } = await import('../context/names-for-reports.js');
        const { statusOfRun } = await import('../context/exit-status-of-run.js');
        return passingOverAbsence(options.ifPresent, async () => {
          const source = await sourceFrom(sources, context);
          const session = await context.openAccount(runWaitMs);
          const report = await importFrom(session, source, options);
          const names = namesFrom(session, report.bundles);
          await context.output.report(shownReport(report, context), names);
          await writePage(context, [report], names);
          if (!options.dryRun) context.afterwards(() => afterImport(context, report));
          return statusOfRun([report], options.exitCode);
        });
      });
    });
}

async function afterImport(context: Context, report: ImportReport): Promise<Failure[]> {
  const { runAfterImport } = await import('../context/tell-when-done.js');
  const failure = await runAfterImport(textOf(context.raw.exec), { imports: [report], context });
  return failure === null ? [] : [failure];
}

async function sourceFrom(sources: readonly string[], { streams }: Context): Promise<ImportSource> {
  if (sources.length === 1 && sources[0] === '-') return { stream: streams.source() };
  const { placesOf } = await import('../options/bundle-arguments.js');
  const { directory, files } = await placesOf(sources, 'importing');
  return directory === null ? { files } : { directory };
}
