import { type Command, CommanderError } from 'commander';
import type { Config } from '../config/load-config.js';
import { nearestWord } from '../config/nearest-word.js';
import { Failure, isInterruption } from '../failure.js';
import type { Session } from '../flow/session/account-session.js';
import { isWithoutDirectory } from '../fs/errno.js';
import type { Trouble } from '../mail/item-trouble.js';
import type { Output } from '../terminal/output/output-interface.js';
import type { StandardStreams } from '../terminal/streams/standard-streams.js';
import { programFor } from './build-program.js';
import type { Environment, Runner } from './context/command-context.js';
import { statusOfFailure } from './context/exit-status.js';
import type { Interruption } from './context/listen-for-signals.js';
import { type CommonOptions, parseCommon, type RawOptions } from './options/common-options.js';
import { suggestedCommand } from './options/suggestions.js';

type World = {
  readonly environment: Environment;
  readonly streams: StandardStreams;
  readonly interruption: Interruption;
  readonly version: string;
};

/** Columns of help where there is no terminal to ask, and at most. */
const helpColumnsMax = 100;

/** Reads the command line, does what it says, and answers the exit status. Never throws: what goes wrong is told. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<number> {
  const { environment, streams, interruption, version } = world;
  let status = 0;
  let output: Output | null = null;
  let program: Command | null = null;
  const run: Runner = async (command, work, { reportsTo = 'stdout' } = {}) => {
    const read = await readSettings(command, world);
    const { raw } = read;
    const common = parseCommon(raw);
    const opened = await outputFor(common, world, reportsTo);
    output = opened;
    const sessions: Session[] = [];
    const settings = once(async () => {
      if (read.config instanceof Failure) throw read.config;
      await opened.warn(warningsOf(read.config, common));
      return read.config;
    });
    const openAccount = async (waitMs: number): Promise<Session> => {
      const { openAccountSession } = await import('./context/open-account.js');
      const { listener } = opened;
      const { signal } = interruption;
      const session = await openAccountSession({ config: await settings(), environment, waitMs, listener, signal });
      sessions.push(session);
      interruption.arm(true);
      return session;
    };
    try {
      const { signal } = interruption;
      const context = { common, raw, environment, streams, output: opened, interruption: { signal } };
      status = await work({ ...context, settings, openAccount });
    } finally {
      interruption.arm(false);
      opened.close();
      for (const session of sessions) await session.close();
    }
  };
  try {
    const columns = Math.min(streams.stdout.columns || helpColumnsMax, helpColumnsMax);
    program = programFor(run, { out: streams.out, err: streams.err, version, columns });
    if (argv.length === 0) {
      const { showOverview } = await import('./commands/overview.js');
      await run(program, showOverview);
    } else await program.parseAsync(argv, { from: 'user' });
    const trouble = await streams.trouble();
    return trouble === null ? status : await tell(trouble);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    return await tell(asFailure(error, argv, program));
  }

  async function tell(failure: Failure): Promise<number> {
    const failed = statusOfFailure(failure.code, interruption.received());
    output ??= await outputFor(guessCommon(argv), world, 'stdout');
    await output.failure(failure, failed);
    return failed;
  }
}

/**
 * The options of a command with what is set up for them, and the configuration. Where that is wrong it is a failure,
 * for the commands that need it: help and the rest go on.
 */
async function readSettings(
  command: Command,
  { environment }: World,
): Promise<{ readonly raw: RawOptions; readonly config: Config | Failure }> {
  const { loadConfig } = await import('../config/load-config.js');
  const { settableOptions, withSettings } = await import('./options/settings-of-options.js');
  const raw: RawOptions = command.optsWithGlobals();
  try {
    const { account, config: file } = parseCommon(raw);
    const config = loadConfig(environment, { account, config: file, settable: settableOptions(programOf(command)) });
    return { raw: withSettings(command, { config, env: environment.env }), config };
  } catch (error) {
    if (error instanceof Failure) return { raw, config: error };
    throw error;
  }
}

function programOf(command: Command): Command {
  return command.parent === null ? command : programOf(command.parent);
}

/** What of the configuration is not as it should be; that a file was turned over is no news for who wants none. */
function warningsOf({ file, warnings, turnedOver }: Config, { quiet }: CommonOptions): Trouble[] {
  const turned =
    turnedOver === null || 'stillAt' in turnedOver || quiet
      ? []
      : [
          {
            file: file.value,
            message: `the settings of ${turnedOver.from} are in ${file.value} now; it is kept as ${turnedOver.kept}`,
          },
        ];
  return [...turned, ...warnings].map(({ file: subject, message }) => ({
    subject,
    failure: new Failure('config', message),
  }));
}

async function outputFor(common: CommonOptions, world: World, reportsTo: 'stdout' | 'stderr'): Promise<Output> {
  const { streams, environment } = world;
  const { outputTo } = await import('../terminal/open-output.js');
  const { env, nowMs } = environment;
  return outputTo(streams, { reportsTo, env, nowMs, ...common });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** The options that say how to speak, of a command line that was not understood. */
function guessCommon(argv: readonly string[]): CommonOptions {
  return parseCommon({ json: argv.includes('--json'), verbose: false, color: !argv.includes('--no-color') });
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
