import { Command } from 'commander';
import { addAccountCommands } from './account-commands.js';
import type { Runner } from './context.js';
import { addDoctor } from './doctor.js';
import { addExport } from './export.js';
import { addForget } from './forget.js';
import { addHelp } from './help.js';
import { addImport } from './import.js';
import { addInit } from './init.js';
import { addInspect } from './inspect.js';
import { addLog } from './log.js';
import { commonOptionList } from './options.js';
import { addPair } from './pair.js';
import { addPeers } from './peers.js';
import { addRejoin } from './rejoin.js';
import { addRestore } from './restore.js';
import { addStatus } from './status.js';
import { addSync } from './sync.js';
import { addVerify } from './verify.js';

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
    .configureOutput({ writeOut: out, writeErr: err, outputError: () => undefined, getOutHasColors: () => false });
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
      addInspect,
      addVerify,
      addLog,
      addHelp,
    ],
  ];
  for (const add of commands) add(program, run);
  return program.addHelpText(
    'after',
    `
First steps:
  $ mrepl init maildir:~/Maildir --name home    # once on each host
  $ mrepl pair /media/usb                       # here, there, and here once more
  $ mrepl sync /media/usb                       # both, from then on

More help:
  mrepl help <command>    the options of a command
  mrepl help cron         a crontab line and a systemd timer
  man mrepl               everything`,
  );
}
