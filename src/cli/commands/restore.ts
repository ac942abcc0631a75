import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import { guidDigitsMin, type RestoreSelection } from '../../flow/restore/restore-selection.js';
import type { Runner } from '../context/command-context.js';
import { writePage } from '../context/write-page.js';
import { type RawOptions, repeatable, runOption, textOf, textsOf } from '../options/common-options.js';
import { lookWaitMs, runWaitMs } from '../options/default-lock-wait-times.js';
import { parseMoment } from '../options/parse-time.js';

/**
 * `mrepl restore`. Without a selection it only lists what can be brought back, and so does not wait long for another
 * run.
 */
export function addRestore(program: Command, run: Runner): void {
  program
    .command('restore')
    .summary('bring back what other hosts expunged')
    .description(
      'Brings back messages that an import expunged here within the last 30 days at least, in their mailboxes and with their flags and dates.\n' +
        'They are new mail of this host, and travel to the others with the next export. Without an option, shows what can be brought back.',
    )
    .option('--all', 'everything there is')
    .addOption(runOption.mailbox())
    .addOption(repeatable('--bundle <bundle>', 'what this bundle expunged, by its file name or number'))
    .addOption(repeatable('--message <message>', 'the message with this UID, or with a guid that begins so'))
    .option('--since <time>', 'what was expunged at that time or later, e.g. 2026-11-20, or 3d for three days ago')
    .option('--before <time>', 'what was expunged before that time')
    .addOption(runOption.dryRun())
    .addOption(runOption.report())
    .addHelpText(
      'after',
      `
What several of these options take is what all of them take.

Examples:
  $ mrepl restore                                # what is there?
  $ mrepl restore --message 5d41402a
  $ mrepl restore --bundle cabin-000017 --dry-run
  $ mrepl restore --mailbox "Lists/*" --since 3d`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async (context) => {
        const { raw, environment, output, openAccount } = context;
        const selection = selectionFrom(raw, Math.floor(environment.nowMs() / 1000));
        const { restoreFrom } = await import('../../flow/restore/restore-messages.js');
        const { namesFrom } = await import('../context/names-for-reports.js');
        const { statusOfRun } = await import('../context/exit-status-of-run.js');
        const session = await openAccount(selection === null ? lookWaitMs : runWaitMs);
        const report = await restoreFrom(session, { dryRun: raw.dryRun === true, selection });
        await output.report(report, namesFrom(session));
        await writePage(context, [report], namesFrom(session));
        return statusOfRun([report], false);
      });
    });
}

/** Null where nothing was chosen. Throws `usage`. */
function selectionFrom(raw: RawOptions, nowS: number): RestoreSelection | null {
  const momentOf = (option: 'since' | 'before'): number | null => {
    const text = textOf(raw[option]);
    return text === null ? null : parseMoment(text, { option: `--${option}`, nowS });
  };
  const selection: RestoreSelection = {
    mailboxes: textsOf(raw.mailbox),
    bundles: textsOf(raw.bundle),
    messages: textsOf(raw.message),
    sinceS: momentOf('since'),
    beforeS: momentOf('before'),
  };
  for (const message of selection.messages) {
    if (/^[1-9]\d{0,9}$/.test(message) || (/^[\da-f]{1,64}$/i.test(message) && message.length >= guidDigitsMin))
      continue;
    throw new Failure('usage', `option --message does not take "${message}"`, {
      hint: `Give a UID, or the first ${guidDigitsMin} or more digits of a guid: "mrepl restore" shows them.`,
    });
  }
  const { mailboxes, bundles, messages, sinceS, beforeS } = selection;
  const isCriterion = mailboxes.length + bundles.length + messages.length > 0 || sinceS !== null || beforeS !== null;
  return isCriterion || raw.all === true ? selection : null;
}
