import type { Command } from 'commander';
import type { StatusReport } from '../../check/reports/check-report-types.js';
import type { Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { runOption } from '../options/common-options.js';
import { lookWaitMs } from '../options/default-lock-wait-times.js';
import { passingOverAbsence } from '../options/ignore-absent-store-or-medium.js';

/** `mrepl status`. Reads the catalog only; with `--exit-code` it ends with 2 where something waits. */
export function addStatus(program: Command, run: Runner): void {
  program
    .command('status')
    .summary('mailboxes, peers, and what waits')
    .description(
      'Shows what this host knows: its mailboxes, and what each peer is known to have. Looks at the catalog only.',
    )
    .option(
      '--exit-code',
      'exit with 2 if a peer lacks something, a text is missing or damaged, or a mailbox could not be made',
    )
    .addOption(runOption.ifPresent())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl status
  $ mrepl status --json | jq 'select(.kind == "peer")'`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ raw, output, openAccount }) => {
        const { statusOf } = await import('../../check/account-status.js');
        const { namesFrom } = await import('../context/names-for-reports.js');
        return passingOverAbsence(raw.ifPresent === true, async () => {
          const session = await openAccount(lookWaitMs);
          const report = statusOf(session.catalog);
          await output.report(report, namesFrom(session));
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
