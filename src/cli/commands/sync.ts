import type { Command } from 'commander';
import type { Failure } from '../../failure.js';
import type { SyncReport } from '../../flow/reports/run-report-types.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus, statusOfFailure } from '../context/exit-status.js';
import { newMediumPolicy } from '../context/new-medium-policy.js';
import { sayingSeldom } from '../context/say-unpaired-once-a-week.js';
import { shownReport, writePage } from '../context/write-page.js';
import { parseRun, runOption, textOf } from '../options/common-options.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';
import { isAbsence, passingOverAbsence } from '../options/ignore-absent-store-or-medium.js';

/** `mrepl sync DIR...`: each directory on its own, so that one that fails does not keep the others from their turn. */
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
    .option('--all-accounts', 'one account after the other, where this host has several')
    .option('--notify <command>', 'run this with a sentence when a stick can be taken out')
    .addOption(runOption.exec())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl sync /media/usb
  $ mrepl sync --quiet --if-present '/media/*/'    # for cron: see "mrepl help cron"
  $ mrepl sync /media/usb --exec 'notmuch new'

What becomes of changes on two hosts: mrepl help mrepl-sync`,
    )
    .action(async (patterns: string[], _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const accounts = await accountsToSync(context);
        return accounts === null ? sync(patterns, context) : syncEach(accounts, context);
      });
    });
}

/** The accounts of --all-accounts; null where there is no choice, or one was chosen. */
async function accountsToSync({ raw, settings }: Context): Promise<readonly string[] | null> {
  const { dataDirectory, account } = await settings();
  if (raw.allAccounts !== true || account.from.kind === 'option') return null;
  const { accountsIn } = await import('../../config/account-directories.js');
  const names = accountsIn(dataDirectory.value);
  return names.length > 1 ? names : null;
}

/** One account after the other; trouble with one does not stop the next. */
async function syncEach(accounts: readonly string[], { forAccount }: Context): Promise<number> {
  const statuses: number[] = [];
  for (const account of accounts) statuses.push(await forAccount(account));
  const [first = exitStatus.done] = statuses;
  return statuses.every((status) => status === first) ? first : exitStatus.partly;
}

async function sync(patterns: readonly string[], context: Context): Promise<number> {
  const { raw, output, settings, openAccount } = context;
  const options = { ...parseRun(raw), newMedium: newMediumPolicy(context) };
  const { directoriesOf } = await import('../options/directory-arguments.js');
  const { syncWith } = await import('../../flow/sync-with-directories.js');
  const { namesFrom } = await import('../context/names-for-reports.js');
  const { statusOfRun } = await import('../context/exit-status-of-run.js');
  return passingOverAbsence(options.ifPresent, async () => {
    const directories = await directoriesOf(patterns.length > 0 ? patterns : (await settings()).directories.value);
    const session = await openAccount(runWaitMs);
    const how = { session, dryRun: options.dryRun };
    const all = await sayingSeldom(context, how, () => syncWith(session, directories, options));
    if (all === null) return statusOfFailure('unpaired');
    const reports = options.ifPresent ? all.filter((report) => !isAbsent(report)) : all;
    for (const report of reports) {
      const isLast = report === reports.at(-1);
      const shown = {
        ...report,
        import: report.import && shownReport(report.import, context),
        export: report.export && shownReport(report.export, context),
      };
      await output.report(shown, { ...namesFrom(session, report.import?.bundles), isLast });
    }
    const bundles = reports.flatMap((report) => report.import?.bundles ?? []);
    await writePage(context, reports, namesFrom(session, bundles));
    if (reports.length > 0) context.memory?.sawAll();
    if (!options.dryRun) context.afterwards(() => afterSync(context, reports));
    return statusOfRun(reports, options.exitCode);
  });
}

/** What the user wants to happen, or to hear, behind a sync. Answers what went wrong with it. */
async function afterSync(context: Context, reports: readonly SyncReport[]): Promise<Failure[]> {
  const { runAfterImport, tellWhenDone } = await import('../context/tell-when-done.js');
  const told = await tellWhenDone(context, reports, textOf(context.raw.notify));
  const imports = reports.flatMap((report) => report.import ?? []);
  const ran = await runAfterImport(textOf(context.raw.exec), { imports, context });
  return [told, ran].filter((failure) => failure !== null);
}

function isAbsent({ failure }: SyncReport): boolean {
  return failure !== null && isAbsence(failure);
}
