import { join } from 'node:path';
import type { Command } from 'commander';
import { dataDirectoryOf } from '../config/config-paths.js';
import type { Config } from '../config/load-config.js';
import { Failure, isOfOneThing } from '../failure.js';
import type { Session } from '../flow/session/account-session.js';
import type { Reading } from '../flow/session/read-account.js';
import type { Trouble } from '../mail/item-trouble.js';
import type { Output } from '../terminal/output/output-interface.js';
import type { StandardStreams } from '../terminal/streams/standard-streams.js';
import type { Context, Environment, Runner } from './context/command-context.js';
import { exitStatus } from './context/exit-status.js';
import type { Interruption } from './context/listen-for-signals.js';
import type { SyncMemory } from './context/sync-memory.js';
import { type CommonOptions, parseCommon, type RawOptions } from './options/common-options.js';

/** What a command line meets with. */
export type World = {
  readonly environment: Environment;
  readonly streams: StandardStreams;
  readonly interruption: Interruption;
  readonly version: string;
};

/** How far a command line has come: who tells of it when it fails, and what is noted at its end. */
export type Course = {
  readonly argv: readonly string[];
  status: number;
  output: Output | null;
  memory: SyncMemory | null;
};

/**
 * Carries out the command that a command line names, and notes in `course` what came of it. `again` carries the same
 * line out for another account. The account is closed whatever happens.
 */
export function runnerFor(world: World, course: Course, again: Context['forAccount']): Runner {
  const { environment, streams, interruption } = world;
  const { signal } = interruption;
  return async (command, work, { reportsTo = 'stdout' } = {}) => {
    const { raw, config, failure } = await readSettings(command, world);
    const common = parseCommon(raw);
    course.memory = command.name() === 'sync' ? await memoryOf(common, world, config) : null;
    const output = await outputFor(common, world, { reportsTo, memory: course.memory, argv: course.argv });
    course.output = output;
    const secrets = { env: environment.env, ask: output.askSecret, leaveTerminal: output.close };
    const accounts: { close(): void | Promise<void> }[] = [];
    const later: (() => Promise<readonly Failure[]>)[] = [];
    const settings = once(async () => {
      if (failure !== null) throw failure;
      await output.warn(warningsOf(config, common));
      return config;
    });
    const openAccount = async (waitMs: number): Promise<Session> => {
      const { openAccountSession } = await import('./context/open-account.js');
      const { listener } = output;
      const session = await openAccountSession({
        ...{ config: await settings(), environment, secrets, waitMs, listener, signal },
      });
      accounts.push(session);
      interruption.arm(true);
      return session;
    };
    const readAccount = async (): Promise<Reading> => {
      const { openAccountReading } = await import('./context/open-account.js');
      const reading = await openAccountReading({ config: await settings(), environment, secrets, signal });
      accounts.push(reading);
      return reading;
    };
    const { memory } = course;
    const { argv } = course;
    const around = { environment, streams, secrets, output, interruption: { signal }, memory, forAccount: again };
    const context = { common, raw, argv, ...around };
    try {
      const afterwards: Context['afterwards'] = (what) => void later.push(what);
      course.status = await work({ ...context, settings, openAccount, readAccount, afterwards });
    } finally {
      interruption.arm(false);
      output.close();
      for (const account of accounts) await account.close();
    }
    const troubles: Failure[] = [];
    for (const what of later) for (const failure of await what()) troubles.push(failure);
    await output.warn(troubles.map((failure) => ({ subject: '-', failure })));
    if (troubles.length > 0 && course.status === exitStatus.done) course.status = exitStatus.partly;
  };
}

type SettingsRead =
  | { readonly config: Config; readonly failure: null }
  | { readonly config: null; readonly failure: Failure };

/**
 * The options of a command with what is set up for them, and the configuration. Where that is wrong it is a failure,
 * for the commands that need it: help and the rest go on.
 */
async function readSettings(
  command: Command,
  { environment }: World,
): Promise<{ readonly raw: RawOptions } & SettingsRead> {
  const { loadConfig } = await import('../config/load-config.js');
  const { settableOptions, withSettings } = await import('./options/settings-of-options.js');
  const raw: RawOptions = command.optsWithGlobals();
  try {
    const { account, config: file } = parseCommon(raw);
    const config = loadConfig(environment, { account, config: file, settable: settableOptions(programOf(command)) });
    return { raw: withSettings(command, { config, env: environment.env }), config, failure: null };
  } catch (error) {
    if (!isOfOneThing(error, 'config', 'usage')) throw error;
    return { raw, config: null, failure: error };
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

/** What syncs that nobody looks at remember of each other; null where somebody sits at the terminal. */
async function memoryOf(
  { account }: CommonOptions,
  { environment, streams }: World,
  config: Config | null,
): Promise<SyncMemory | null> {
  if (streams.stderr.isTTY === true) return null;
  const { openSyncMemory } = await import('./context/sync-memory.js');
  return openSyncMemory(join(dataDirectoryOf(environment).value, 'sync-state.json'), {
    about: config?.account.value ?? account ?? '',
    nowS: Math.floor(environment.nowMs() / 1000),
  });
}

/**
 * The way out for a command that speaks as `common` says. Complaints of quiet syncs that nobody looks at are not
 * repeated.
 */
export async function outputFor(
  common: CommonOptions,
  { streams, environment }: World,
  {
    reportsTo,
    memory,
    argv,
  }: { readonly reportsTo: 'stdout' | 'stderr'; readonly memory: SyncMemory | null; readonly argv: readonly string[] },
): Promise<Output> {
  const { outputTo } = await import('../terminal/open-output.js');
  const { env, nowMs } = environment;
  const seldom = memory !== null && common.quiet ? { isToSay: memory.isToSay } : {};
  return outputTo(streams, { reportsTo, argv, env, nowMs, ...common, ...seldom });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
