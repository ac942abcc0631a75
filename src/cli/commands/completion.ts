import { Argument, type Command } from 'commander';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { type NameKind, nameKinds } from './completion-grammar.js';
import { type Shell, shells } from './completion-scripts.js';

/** So long a shell that completes a line waits for another run of the account, in milliseconds: not at all. */
const completionWaitMs = 0;

/** `mrepl completion SHELL`, and below it the hidden `names KIND` that the scripts call. */
export function addCompletion(program: Command, run: Runner): void {
  const completion = program
    .command('completion')
    .summary('the script that completes command lines')
    .description('Prints the script that completes command lines of mrepl in a shell.')
    .usage('[options] <shell>')
    .helpCommand(false)
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  $ echo 'eval "$(mrepl completion bash)"' >> ~/.bashrc
  $ echo 'eval "$(mrepl completion zsh)"' >> ~/.zshrc       # behind compinit
  $ mrepl completion fish > ~/.config/fish/completions/mrepl.fish`,
    )
    .action(async (shell: Shell, _options: unknown, command: Command) => {
      await run(command, async ({ streams }) => {
        const { completionScript } = await import('./completion-scripts.js');
        const { grammarOf } = await import('./completion-grammar.js');
        streams.out(completionScript(shell, grammarOf(program)));
        return exitStatus.done;
      });
    });
  completion
    .command('names', { hidden: true })
    .description('Prints names for the completion of command lines, one a line.')
    .addArgument(new Argument('<kind>', 'which').choices(nameKinds))
    .action(async (kind: NameKind, _options: unknown, command: Command) => {
      await run(command, async (context) => {
        const names = await namesOf(kind, context);
        // A name that would not be one line of a terminal is not offered.
        for (const name of names) if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name)) context.streams.out(`${name}\n`);
        return exitStatus.done;
      });
    });
}

async function namesOf(kind: NameKind, { settings, openAccount }: Context): Promise<string[]> {
  switch (kind) {
    case 'accounts': {
      const { accountsIn } = await import('../../config/account-directories.js');
      return accountsIn((await settings()).dataDirectory.value);
    }
    case 'hosts':
      return (await openAccount(completionWaitMs)).catalog.pairedHosts().map(({ name }) => name);
    case 'mailboxes':
      return (await openAccount(completionWaitMs)).catalog
        .summaries()
        .filter(({ state }) => state.exists.on)
        .map(({ state }) => state.name);
    case 'bundles':
      return bundlesOnSticks((await settings()).directories.value);
    case 'bundles-to-restore':
      return [...new Set((await openAccount(completionWaitMs)).catalog.trash().map(({ bundle }) => bundle.fileName))];
    default:
      return kind satisfies never;
  }
}

/** The bundles in the directories of the configuration file, as far as those are there. */
async function bundlesOnSticks(patterns: readonly string[]): Promise<string[]> {
  const { directoriesOf } = await import('../options/directory-arguments.js');
  const { bundlesUnder } = await import('../../check/list-bundles-in-directory.js');
  const { isOfOneThing } = await import('../../failure.js');
  const paths: string[] = [];
  for (const pattern of patterns) {
    try {
      for (const directory of await directoriesOf([pattern])) {
        for (const path of await bundlesUnder(directory)) paths.push(path);
      }
    } catch (error) {
      if (!isOfOneThing(error, 'medium-absent', 'io')) throw error; // a stick that is elsewhere has no names to offer
    }
  }
  return paths;
}
