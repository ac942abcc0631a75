import { type Command, CommanderError } from 'commander';
import { nearestWord } from '../config/nearest-word.js';
import { Failure, isInterruption } from '../failure.js';
import { isWithoutDirectory } from '../fs/errno.js';
import { programFor } from './build-program.js';
import { type Course, outputFor, runnerFor, type World } from './carry-out-command.js';
import { statusOfFailure } from './context/exit-status.js';
import { type CommonOptions, parseCommon, type RawOptions } from './options/common-options.js';
import { suggestedCommand } from './options/suggestions.js';

/** Columns of help where there is no terminal to ask, and at most. */
const helpColumnsMax = 100;

/** Reads the command line, does what it says, and answers the exit status. Never throws: what goes wrong is told. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const argv = words.flatMap(plainColourOption);
  const { streams, interruption, version } = world;
  const course: Course = { argv, status: 0, output: null, memory: null };
  let program: Command | null = null;
  const again = (account: string): Promise<number> => runCommandLine([`--account=${account}`, ...argv], world);
  const run = runnerFor(world, course, again);
  try {
    const columns = Math.min(streams.stdout.columns || helpColumnsMax, helpColumnsMax);
    program = programFor(run, { out: streams.out, err: streams.err, version, columns });
    if (argv.length === 0) {
      const { showOverview } = await import('./commands/status.js');
      await run(program, showOverview);
    } else await program.parseAsync(argv, { from: 'user' });
    const trouble = await streams.trouble();
    return trouble === null ? course.status : await tell(trouble);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return await tell(asFailure(error, argv, program));
  } finally {
    course.memory?.close();
  }

  async function tell(failure: Failure): Promise<number> {
    const failed = statusOfFailure(failure.code, interruption.received());
    course.output ??= await outputFor(guessCommon(argv), world, { reportsTo: 'stdout', memory: null, argv });
    await course.output.failure(failure, failed);
    return failed;
  }
}

/** The options that say how to speak, of a command line that was not understood. */
function guessCommon(argv: readonly string[]): CommonOptions {
  return parseCommon({ json: argv.includes('--json'), verbose: false, ...colourOf(argv) });
}

function colourOf(argv: readonly string[]): RawOptions {
  if (argv.includes('--no-color')) return { color: false };
  return argv.includes('--color') ? { color: true } : {};
}

/** `--color=WHEN`, as other programs have it, in the words that there are here. */
function plainColourOption(word: string): string[] {
  switch (word) {
    case '--color=always':
      return ['--color'];
    case '--color=never':
      return ['--no-color'];
    case '--color=auto':
      return [];
    default:
      return [word];
  }
}

function asFailure(error: unknown, argv: readonly string[], program: Command | null): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof CommanderError) return usageFailure(error, argv, program);
  if (isInterruption(error)) return new Failure('interrupted', 'the run was stopped', { cause: error });
  if (isWithoutDirectory(error)) {
    return new Failure('medium-absent', 'the directory that this was run in is not there any more', {
      hint: 'Change to another one, or name all directories and files by their full paths.',
      cause: error,
    });
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure('internal', `unexpected error: ${message}`, { cause: error });
}

/** commander's `error: unknown option '--x'\n(Did you mean --y?)` in the form of all other failures. */
function usageFailure({ code, message }: CommanderError, argv: readonly string[], program: Command | null): Failure {
  if (code === 'commander.help') {
    return new Failure('usage', 'no command was given', { hint: 'See mrepl --help.' });
  }
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const words = argv.filter((word) => !word.startsWith('-'));
  const names = program?.commands.map((each) => each.name()) ?? [];
  if (code === 'commander.unknownCommand') {
    const near = suggestedCommand(/'(.*)'/.exec(first)?.[1] ?? '', names);
    return new Failure('usage', first, { hint: near === null ? 'See mrepl --help.' : `Did you mean ${near}?` });
  }
  const [command] = words;
  const below = program?.commands.find((each) => each.name() === command)?.commands.map((each) => each.name()) ?? [];
  const second = words[words.indexOf(command ?? '') + 1];
  if (code === 'commander.excessArguments' && below.length > 0 && second !== undefined && !below.includes(second)) {
    const near = suggestedCommand(second, below);
    const hint = near === null ? `See mrepl ${command} --help.` : `Did you mean ${command} ${near}?`;
    return new Failure('usage', `${command}: unknown command '${second}'`, { hint });
  }
  const hint =
    suggestion?.replace(/^\((.*)\)$/, '$1') ??
    nearestChoice(first) ??
    (command === undefined ? 'See mrepl --help.' : `See mrepl ${command} --help.`);
  return new Failure('usage', command === undefined ? first : `${command}: ${first}`, { hint });
}

/**
 * Of `... 'apend' is invalid ... Allowed choices are read, append, full.` the one that was meant; null where it is not
 * clear.
 */
function nearestChoice(message: string): string | null {
  const match = /'([^']*)' is invalid.*Allowed choices are (.*)\.$/.exec(message);
  const near = match === null ? null : nearestWord(match[1] ?? '', (match[2] ?? '').split(', '));
  return near === null ? null : `Did you mean ${near}?`;
}
