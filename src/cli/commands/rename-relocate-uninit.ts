import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { hostNameArgument } from '../options/account-and-host-names.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';
import { addServerOptions, storeWithServerOptions } from '../options/server-options.js';

/** Commands that change what `init` has set up. */
export function addAccountCommands(program: Command, run: Runner): void {
  program
    .command('rename')
    .summary('call this host something else')
    .description(
      'Calls this host something else, at any time. It stays the same host: its peers know it by its keys, and go on calling it\n' +
        'as they do, until "mrepl peers rename" there.',
    )
    .argument('<name>', 'what it is to be called')
    .addHelpText('after', '\nExamples:\n  $ mrepl rename cabin')
    .action(async (name: string, _options: unknown, command: Command) => {
      await run(command, (context) => rename(context, name));
    });
  const relocateCommand = program
    .command('relocate')
    .summary('say where the mail of this host is now')
    .description(
      'Points the account at another path of the same store, or describes the store otherwise. No mail is moved or changed.',
    )
    .argument('<store>', 'where the mail is, e.g. maildir:~/Mail:LAYOUT=fs');
  addServerOptions(relocateCommand)
    .addHelpText(
      'after',
      '\nExamples:\n  $ mrepl relocate maildir:/srv/mail/alice\n  $ mrepl relocate maildir:~/Maildir:UTF-8',
    )
    .action(async (store: string, _options: unknown, command: Command) => {
      await run(command, (context) => relocate(context, store));
    });
  program
    .command('uninit')
    .summary('undo an init')
    .description(
      'Takes this host out of its account, after a yes: as if "mrepl init" had not been run. The mail is left as it is.\n' +
        'Its private keys are kept aside, and so is the catalog of a host that has exchanged anything.',
    )
    .addHelpText('after', '\nExamples:\n  $ mrepl uninit --account alice')
    .action(async (_options: unknown, command: Command) => {
      await run(command, uninit);
    });
}

async function rename({ openAccount, output }: Context, name: string): Promise<number> {
  const { renameHost } = await import('../../flow/identity/rename-host.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  await output.report(renameHost(await openAccount(runWaitMs), hostNameArgument(name)), namesOfNobody);
  return exitStatus.done;
}

async function relocate(
  { raw, settings, environment, secrets, interruption, output }: Context,
  store: string,
): Promise<number> {
  const { relocateAccount } = await import('../context/open-account.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  const report = await relocateAccount({
    config: await settings(),
    environment,
    secrets,
    waitMs: runWaitMs,
    ...interruption,
    spec: storeWithServerOptions(store, raw),
  });
  await output.report(report, namesOfNobody);
  return exitStatus.done;
}

async function uninit({ common, settings, environment, interruption, output }: Context): Promise<number> {
  const { undoAccount } = await import('../context/open-account.js');
  const { uninitQuestion } = await import('../../terminal/text/setup/account-text.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  const report = await undoAccount({
    ...{ config: await settings(), environment, waitMs: runWaitMs, ...interruption },
    accept: async (foreseen) => {
      if (common.yes) return true;
      const answer = await output.confirm(uninitQuestion(foreseen));
      if (answer !== null) return answer;
      throw new Failure('usage', 'undoing an init: there is nobody to ask whether to; nothing was changed', {
        hint: 'Give --yes to do it.',
      });
    },
  });
  await output.report(report, namesOfNobody);
  return exitStatus.done;
}
