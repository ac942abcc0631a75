import { Command, Option } from 'commander';
import { fitHelpText } from '../terminal/format/fit-help-text.js';
import { addCompletion } from './commands/completion.js';
import { addConfig } from './commands/config.js';
import { addCron } from './commands/cron.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addForget } from './commands/forget-lost-messages.js';
import { addHelp } from './commands/help.js';
import { addImport } from './commands/import.js';
import { addInit } from './commands/init.js';
import { addInspect } from './commands/inspect.js';
import { addLog } from './commands/log.js';
import { addPair } from './commands/pair.js';
import { addPeers } from './commands/peers-and-permissions.js';
import { addRejoin } from './commands/rejoin.js';
import { addAccountCommands } from './commands/rename-relocate-uninit.js';
import { addRestore } from './commands/restore.js';
import { addStatus } from './commands/status.js';
import { addSupport } from './commands/support.js';
import { addSync } from './commands/sync.js';
import { addVerify } from './commands/verify.js';
import type { Runner } from './context/command-context.js';
import { commonOptionList } from './options/common-options.js';

/** Explanations are broken between words as long as so many columns are left for them. */
const wrappedWidthMin = 20;

type Voice = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly version: string;
  readonly columns: number;
};

/** The grammar of the command line. Errors of usage are thrown as `CommanderError`; help and version go to `out`. */
export function programFor(run: Runner, { out, err, version, columns }: Voice): Command {
  const program = new Command('mrepl')
    .description('Keeps mailboxes the same on hosts that are never, or hardly ever, online together.')
    .usage('[options] <command>')
    .version(version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, helpWidth: columns, minWidthToWrap: wrappedWidthMin })
    // Errors are told by `runCommandLine`, in the same words and form as all others.
    .configureOutput({
      writeOut: (text) => out(fitHelpText(text, columns)),
      writeErr: err,
      outputError: () => undefined,
      getOutHasColors: () => false,
    });
  for (const option of commonOptionList()) program.addOption(option);
  const commands = [
    ...[addInit, addPair, addPeers, addExport, addImport, addSync],
    ...[
      addRestore,
      addForget,
      addRejoin,
      addAccountCommands,
      addStatus,
      addDoctor,
      addConfig,
      addCron,
      addInspect,
      addVerify,
      addLog,
      addHelp,
      addCompletion,
    ],
  ];
  for (const add of commands) add(program, run);
  addSupport(program, run, version);
  for (const command of [program, ...program.commands]) addOpposites(command);
  return program.addHelpText(
    'after',
    `
First steps:
  $ mrepl init --name home                      # once on each host: finds the mail
  $ mrepl pair /media/usb                       # here, there, and here once more
  $ mrepl sync /media/usb                       # both, from then on

More help:
  mrepl help <command>    the options of a command
  mrepl help cron         a crontab line and systemd units
  mrepl help admin        a topic: also beside, bundle, trust, mrepl-sync
  man mrepl               everything`,
  );
}

/** A flag that the configuration file sets is taken back by its opposite, which help does not list. */
function addOpposites(command: Command): void {
  for (const { long, required, optional, negate } of [...command.options]) {
    if (!long || required || optional || long === '--version') continue;
    const opposite = negate ? long.replace('--no-', '--') : long.replace('--', '--no-');
    if (command.options.some((option) => option.long === opposite)) continue;
    command.addOption(new Option(opposite).hideHelp());
  }
}
