import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import type { Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { hostName } from '../options/account-and-host-names.js';
import { runOption, textOf } from '../options/common-options.js';
import { runWaitMs } from '../options/default-lock-wait-times.js';

/** `mrepl rejoin`. Throws `usage` where a yes is needed and nobody sits at a terminal to give it. */
export function addRejoin(program: Command, run: Runner): void {
  program
    .command('rejoin')
    .summary('after a restored backup, or on a cloned disk')
    .description(
      'For a host whose catalog or mail come from a backup, or whose disk is a copy of that of another host. It begins again as a\n' +
        'new host with the mail that is here: a new id, new keys, and a new UIDVALIDITY of every mailbox, so that mail programs load\n' +
        'everything anew, on all hosts. Nothing is lost, and nothing is there twice; what had been expunged since the backup may return.\n' +
        'Its peers have to pair with it again. What it would do is shown, and asked for a yes, before anything is changed.',
    )
    .option('--name <host>', 'for a copy: what it is called from now on; its original keeps its name')
    .option('--keep-uids', 'keep all UIDs: for a copy, or where only the catalog comes from a backup')
    .option('--allow-empty', 'go on even if there is no mail here: all of it is to come from the other hosts')
    .addOption(runOption.dryRun())
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl rejoin                           # this host was restored from a backup
  $ mrepl rejoin --keep-uids               # only its catalog was; the mail was not
  $ mrepl rejoin --name cabin --keep-uids  # this disk is a copy of that of home, and both go on`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ common, raw, output, openAccount }) => {
        const { rejoin } = await import('../../flow/identity/rejoin-as-new-host.js');
        const { rejoinQuestion } = await import('../../terminal/text/setup/rejoin-text.js');
        const { namesOfNobody } = await import('../context/names-for-reports.js');
        const name = textOf(raw.name);
        const report = await rejoin(await openAccount(runWaitMs), {
          dryRun: raw.dryRun === true,
          newName: name === null ? null : hostName(name, name),
          keepUids: raw.keepUids === true,
          allowEmpty: raw.allowEmpty === true,
          randomHostId: () => randomBytes(16).toString('hex'),
          accept: async (foreseen) => {
            if (common.yes) return true;
            const answer = await output.confirm(rejoinQuestion(foreseen));
            if (answer === null) throw nobodyToAsk();
            return answer;
          },
        });
        await output.report(report, namesOfNobody);
        return report.troubles.length > 0 ? exitStatus.partly : exitStatus.done;
      });
    });
}

function nobodyToAsk(): Failure {
  return new Failure('usage', 'rejoining: there is nobody to ask whether to; nothing was changed', {
    hint: 'Give --yes to do it, or --dry-run to see what would be done.',
  });
}
