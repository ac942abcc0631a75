import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';

/** `mrepl cron`: what runs a sync by itself. Prints it, or puts it in place for this user. */
export function addCron(program: Command, run: Runner): void {
  program
    .command('cron')
    .summary('run by itself: crontab, systemd')
    .description(
      'Prints a crontab line and systemd units that exchange mail every quarter of an hour, and when a stick is\n' +
        'plugged in, as they work on this machine. With --install the units of this user are put in place.',
    )
    .option('--install', 'put the systemd units of this user in place, and start them')
    .option('--remove', 'undo --install')
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl cron
  $ mrepl cron --install
  $ mrepl cron --remove`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, cron);
    });
}

/** Prints the schedule, or installs or removes it, as the options say. Answers the exit status. Throws as those do. */
export async function cron({ raw, environment, streams, output, settings }: Context): Promise<number> {
  const { scheduleFor, userUnits } = await import('./cron-schedule.js');
  const config = await settings();
  const schedule = scheduleFor(environment, config);
  if (raw.install !== true && raw.remove !== true) {
    const { cronHelp } = await import('./cron-help.js');
    const { visible } = await import('../../terminal/format/escape-control-characters.js');
    for (const text of cronHelp(schedule).split('\n')) streams.out(`${visible(text)}\n`);
    return exitStatus.done;
  }
  if (raw.install === true && raw.remove === true) {
    throw new Failure('usage', 'cron: --install and --remove undo each other', { hint: 'Give one of them.' });
  }
  const { installUnits, removeUnits } = await import('./cron-install.js');
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  if (raw.install === true) {
    const { chooseAccount } = await import('../../config/account-directories.js');
    if (!schedule.args.includes('--all-accounts')) chooseAccount(config);
  }
  const units = userUnits(schedule);
  const report = raw.install === true ? installUnits(units, environment) : removeUnits(units, environment);
  await output.report(report, namesOfNobody);
  return report.why === null ? exitStatus.done : exitStatus.partly;
}
