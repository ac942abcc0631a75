import type { Command } from 'commander';
import type { Config } from '../../config/load-config.js';
import type { Failure } from '../../failure.js';
import type { Session } from '../../flow/session/account-session.js';
import type { Reading } from '../../flow/session/read-account.js';
import type { SecretSurroundings } from '../../store/interface/store-context.js';
import type { Output } from '../../terminal/output/output-interface.js';
import type { StandardStreams } from '../../terminal/streams/standard-streams.js';
import type { CommonOptions, RawOptions } from '../options/common-options.js';
import type { SyncMemory } from './sync-memory.js';

/** The world outside, as `main` found it. */
export type Environment = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly cwd: string;
  readonly userName: string;
  readonly machineName: string;
  readonly nowMs: () => number;
  /** How this program was started, for crontabs: the interpreter and the script, absolute. */
  readonly program: readonly [node: string, script: string];
};

/** What a command works with. */
export type Context = {
  readonly common: CommonOptions;
  readonly raw: RawOptions;
  /** The words of the command line. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly streams: StandardStreams;
  /** Where passwords of accounts on servers can be got. */
  readonly secrets: SecretSurroundings;
  readonly output: Output;
  /** Tells that somebody asked the run to stop. */
  readonly interruption: { readonly signal: AbortSignal };
  /** What the user has set up; read when it is first asked for. */
  settings(): Promise<Config>;
  /** Opens the account that the options and the configuration name; it is closed when the command ends. */
  openAccount(waitMs: number): Promise<Session>;
  /** The same for a look at what is known of it, which waits for no other run and needs no store. */
  readAccount(): Promise<Reading>;
  /** Does something once the account is closed again, so that others can open it; what it answers are troubles. */
  afterwards(work: () => Promise<readonly Failure[]>): void;
  /** Carries the same command line out for one of several accounts; answers the exit status. */
  forAccount(name: string): Promise<number>;
  /** What runs without anybody looking have said and seen; null where somebody looks. */
  readonly memory: SyncMemory | null;
};

/**
 * Carries out a command: `work` answers the exit status. Parsing a command line loads nothing but the grammar; the rest
 * comes with the work.
 */
export type Runner = (
  command: Command,
  work: (context: Context) => Promise<number>,
  settings?: { readonly reportsTo?: 'stdout' | 'stderr' },
) => Promise<void>;
