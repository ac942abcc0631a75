import type { Command } from 'commander';
import type { StatusReport } from '../../check/reports/check-report-types.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { writeStatusPage } from '../context/write-page.js';
import { runOption } from '../options/common-options.js';
import { passingOverAbsence } from '../options/ignore-absent-store-or-medium.js';

/** Entries of the log that the page draws, at the most. */
const entriesDrawn = 1_000;

/** `mrepl status`. Reads the catalog only; with `--exit-code` it ends with 2 where something waits. */
export function addStatus(program: Command, run: Runner): void {
  program
    .command('status')
    .summary('where things stand, and what to do next')
    .description(
      'Shows where things stand: with whom this host is in step, what was written and is not confirmed yet, what waits, and\n' +
        'what to do next; then its mailboxes. Looks at what is known here only, and waits for no other run.',
    )
    .option(
      '--exit-code',
      'exit with 2 if a peer lacks something, a text is missing or damaged, or a mailbox could not be made',
    )
    .option(
      '--report <file>',
      'write a page for a browser, too: mail and bytes of each exchange, how far behind each peer was',
    )
    .addOption(runOption.ifPresent())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl status
  $ mrepl status --report status.html
  $ mrepl status --json | jq 'select(.kind == "peer")'`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async (context) => {
        const { raw, output, readAccount } = context;
        const { statusOf } = await import('../../check/account-status.js');
        const { namesFrom } = await import('../context/names-for-reports.js');
        return passingOverAbsence(raw.ifPresent === true, async () => {
          const reading = await readAccount();
          if (raw.ifPresent === true) await reading.lookForStore();
          const report = statusOf(reading.catalog);
          await output.report(report, namesFrom(reading));
          await writeStatusPage(
            context,
            { status: report, records: () => reading.catalog.entries(entriesDrawn) },
            namesFrom(reading),
          );
          return raw.exitCode === true && waits(report) ? exitStatus.somethingToDo : exitStatus.done;
        });
      });
    });
}

function waits({ mailboxes }: StatusReport): boolean {
  return mailboxes.some(({ present, stored, waiting, damaged, behind }) => {
    return (present && !stored) || waiting > 0 || damaged > 0 || behind.length > 0;
  });
}

/** `mrepl` alone: where things stand, and what to do next. Answers the exit status. */
export async function showOverview({ output, settings, readAccount }: Context): Promise<number> {
  const { accountsIn } = await import('../../config/account-directories.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  const { dataDirectory, account } = await settings();
  const accounts = accountsIn(dataDirectory.value);
  const isClear = accounts.length === 1 || (accounts.length > 1 && account.value !== null);
  const { statusOf } = await import('../../check/account-status.js');
  const status = isClear ? statusOf((await readAccount()).catalog) : null;
  await output.report({ kind: 'overview', accounts, status }, namesOfNobody);
  return exitStatus.done;
}
