import type { Command } from 'commander';
import type { Runner } from '../context/command-context.js';
import { textOf } from '../options/common-options.js';

/**
 * `mrepl init STORE`. Ends with 3 where mailboxes or messages of the store could not be read: the account is set up all
 * the same.
 */
export function addInit(program: Command, run: Runner): void {
  program
    .command('init')
    .summary('give this host its place in an account')
    .description(
      'Gives this host an identity in an account and sets up its catalog. The store is looked at and left as it is.\n' +
        'The account name must be the same on all hosts of the account; by default it is your user name.',
    )
    .argument('<store>', 'where the mail is, e.g. maildir:~/Maildir')
    .option('--name <host>', 'what this host is called on the others (default: the name of the machine)')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl init maildir:~/Maildir --name home
  $ mrepl init maildir:/srv/mail/alice:LAYOUT=fs --account alice --name cabin`,
    )
    .action(async (store: string, _options: unknown, command: Command) => {
      await run(command, async ({ raw, environment, output, settings }) => {
        const { setUpAccount } = await import('../context/open-account.js');
        const { namesOfNobody } = await import('../context/names-for-reports.js');
        const { exitStatus } = await import('../context/exit-status.js');
        const { listener } = output;
        const config = await settings();
        const report = await setUpAccount({ store, hostName: textOf(raw.name), config, environment, listener });
        await output.report(report, namesOfNobody);
        return report.troubles.length > 0 ? exitStatus.partly : exitStatus.done;
      });
    });
}
