import { type Command, Option } from 'commander';
import { nearestWord } from '../../config/nearest-word.js';
import { Failure } from '../../failure.js';
import type { Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';

/** Pages of help that belong to no command, each with what it is about. */
const helpTopics: Readonly<Record<string, string>> = {
  cron: 'a crontab line and systemd units for this machine',
  admin: 'installing, running and watching mrepl',
  imap: 'an IMAP account as a host',
  beside: 'mrepl beside other programs for mail',
  bundle: 'what a bundle is made of',
  trust: 'what protects the mail, and what does not',
  'json-schema': 'the JSON Schema of a line of --json output',
  'mrepl-sync': 'what becomes of changes on two hosts',
};

/** The manual pages that topics show. "sync" is a command, whose help comes first. */
const topicPages: ReadonlyMap<string, string> = new Map([
  ['admin', 'mrepl-admin.7'],
  ['imap', 'mrepl-imap.7'],
  ['beside', 'mrepl-beside.7'],
  ['bundle', 'mrepl-bundle.5'],
  ['trust', 'mrepl-trust.7'],
  ['mrepl-sync', 'mrepl-sync.7'],
]);

/** What `mrepl help` explains beside the commands. */
export const topicNames: readonly string[] = Object.keys(helpTopics);

/**
 * `mrepl help [COMMAND|TOPIC]`. Throws `usage` for what is neither. `help cron` needs the configuration, no account.
 */
export function addHelp(program: Command, run: Runner): void {
  program
    .command('help')
    .summary('help on a command or topic')
    .description('Shows help on a command, or on a topic.')
    .addOption(new Option('--install').hideHelp()) // of the topic cron, which is a command, too
    .addOption(new Option('--remove').hideHelp())
    .argument('[topic]', `a command, or: ${topicNames.join(', ')}`)
    .addHelpText(
      'after',
      `
Topics:
${Object.entries(helpTopics)
  .map(([topic, about]) => `  ${topic.padEnd(12)}${about}`)
  .join('\n')}

Examples:
  $ mrepl help sync
  $ mrepl help cron
  $ mrepl help trust`,
    )
    .action(async (topic: string | undefined, _options: unknown, command: Command) => {
      if (topic === undefined) {
        program.outputHelp();
      } else if (topic === 'cron') {
        await run(command, async (context) => {
          const { cron } = await import('./cron.js');
          return cron(context);
        });
      } else if (topic === 'json-schema') {
        await run(command, async ({ streams }) => {
          const { outputSchema } = await import('../../terminal/json/schema/output-schema.js');
          streams.out(`${JSON.stringify(outputSchema, null, 2)}\n`);
          return exitStatus.done;
        });
      } else if (topicPages.has(topic)) {
        await run(command, async (context) => {
          const { showManualPage } = await import('./help-manual-page.js');
          return showManualPage(topicPages.get(topic) ?? '', context);
        });
      } else {
        const found = program.commands.find((candidate) => candidate.name() === topic);
        if (found === undefined) {
          const names = [...program.commands.map((each) => each.name()), ...topicNames];
          const near = nearestWord(topic, names);
          throw new Failure('usage', `there is no help on "${topic}": neither a command nor a topic`, {
            hint: near === null ? 'See mrepl --help for the commands.' : `Did you mean mrepl help ${near}?`,
          });
        }
        found.outputHelp();
      }
    });
}
