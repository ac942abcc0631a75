import type { Command } from 'commander';
import type { Runner } from '../context/command-context.js';
import { textOf } from '../options/common-options.js';
import { addServerOptions, storeWithServerOptions } from '../options/server-options.js';

/**
 * `mrepl init STORE`. Ends with 3 where mailboxes or messages of the store could not be read: the account is set up all
 * the same.
 */
export function addInit(program: Command, run: Runner): void {
  const command = program
    .command('init')
    .summary('give this host its place in an account')
    .description(
      'Gives this host an identity in an account and sets up its catalog. The store is looked at and left as it is.\n' +
        "Without STORE it is looked for, in Dovecot's configuration and in the usual places, and taken after a yes.\n" +
        'Where there is no mail yet, as on a second host, an empty Maildir is made after a yes.\n' +
        'The account name must be the same on all hosts of the account; by default it is your user name.',
    )
    .argument(
      '[store]',
      'where the mail is, e.g. maildir:~/Maildir or imaps://me@example.org; without it, it is looked for',
    )
    .option('--name <host>', 'what this host is called on the others (default: the name of the machine)');
  addServerOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl init --name home                          # finds the mail, and asks
  $ mrepl init maildir:~/Maildir --name home
  $ mrepl init maildir:/srv/mail/alice:LAYOUT=fs --account alice --name cabin
  $ mrepl init imaps://alice@mail.example.org --password-command "pass mail/alice" --name office`,
    )
    .action(async (named: string | undefined, _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const { raw, environment, secrets, output, settings } = context;
        const { setUpAccount } = await import('../context/open-account.js');
        const { namesOfNobody } = await import('../context/names-for-reports.js');
        const { exitStatus } = await import('../context/exit-status.js');
        const { listener } = output;
        const config = await settings();
        const { beginEmptyStore, findStoreOrAsk } = await import('../context/find-store-or-ask.js');
        const found = named === undefined ? await findStoreOrAsk(context) : { spec: named, why: [] };
        const store = storeWithServerOptions(found.spec, raw);
        const report = await setUpAccount({
          store,
          secrets,
          foundBy: found.why,
          beginEmptyStore: () => beginEmptyStore(context, found),
          hostName: textOf(raw.name),
          config,
          environment,
          listener,
        });
        await output.report(report, namesOfNobody);
        await output.warn(report.warnings);
        return report.troubles.length > 0 ? exitStatus.partly : exitStatus.done;
      });
    });
}
