import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import type { ForgetSelection } from '../../flow/restore/forget-missing-texts.js';
import { guidDigitsMin } from '../../flow/restore/restore-selection.js';
import type { Runner } from '../context/command-context.js';
import { type RawOptions, repeatable, runOption, textsOf } from '../options/common-options.js';
import { lookWaitMs, runWaitMs } from '../options/default-lock-wait-times.js';

/** `mrepl forget`. Without a selection it only lists what waits, and so does not wait long for another run. */
export function addForget(program: Command, run: Runner): void {
  program
    .command('forget')
    .summary('give up messages whose text is lost')
    .description(
      'Gives up messages that wait here for a text which is lost: they are expunged, and the next export tells the others.\n' +
        'What another host should have is left: exchange with that host. Without an option, shows what waits, and who should have it.',
    )
    .option('--all', 'all that no host is known to have')
    .addOption(runOption.mailbox())
    .addOption(repeatable('--message <message>', 'messages with a guid that begins so'))
    .addOption(runOption.dryRun())
    .addHelpText(
      'after',
      `
What several of these options take is what all of them take.
A text that turns up later, in a backup perhaps, can be put back as new mail.

Examples:
  $ mrepl forget                                 # what waits, and who should have it?
  $ mrepl forget --message 5d41402a
  $ mrepl forget --mailbox "Lists/*" --dry-run
  $ mrepl forget --all`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ raw, output, openAccount }) => {
        const selection = selectionFrom(raw);
        const { forgetLost } = await import('../../flow/restore/forget-missing-texts.js');
        const { namesFrom } = await import('../context/names-for-reports.js');
        const { statusOfRun } = await import('../context/exit-status-of-run.js');
        const session = await openAccount(selection === null ? lookWaitMs : runWaitMs);
        const report = await forgetLost(session, { dryRun: raw.dryRun === true, selection });
        await output.report(report, namesFrom(session));
        return statusOfRun([report], false);
      });
    });
}

/** Null where nothing was chosen. Throws `usage`. */
function selectionFrom(raw: RawOptions): ForgetSelection | null {
  const selection: ForgetSelection = { mailboxes: textsOf(raw.mailbox), messages: textsOf(raw.message) };
  for (const message of selection.messages) {
    if (/^[\da-f]{1,64}$/i.test(message) && message.length >= guidDigitsMin) continue;
    throw new Failure('usage', `option --message does not take "${message}"`, {
      hint: `Give the first ${guidDigitsMin} or more digits of a guid: "mrepl forget" shows them.`,
    });
  }
  const isCriterion = selection.mailboxes.length + selection.messages.length > 0;
  return isCriterion || raw.all === true ? selection : null;
}
