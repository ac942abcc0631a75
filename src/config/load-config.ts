import { Failure } from '../failure.js';
import { type Right, rightOf, rights } from '../replica/peer-permission.js';
import { configFileOf, dataDirectoryOf, type Surroundings } from './config-paths.js';
import { type ConfigFile, type ConfigWarning, type FileOption, readConfigFile } from './parse-config-file.js';
import { bytesOf } from './parse-size.js';
import type { SettableOption } from './settable-option.js';
import type { Origin, Setting } from './setting-with-origin.js';
import { type TurnedOver, turnOverJsonConfig } from './turn-over-json-config.js';
import { type TypedSettings, typedKeys } from './typed-settings.js';

/** What the user has set up, each value with its origin. Frozen. */
export type Config = {
  readonly file: Setting<string>;
  /** Is there such a file? */
  readonly fileThere: boolean;
  /** What became of a JSON file of before in this run; null where there was none to turn over. */
  readonly turnedOver: TurnedOver | null;
  /** The directory that has a directory for each account. */
  readonly dataDirectory: Setting<string>;
  /** The account that is meant; null where nobody has said. */
  readonly account: Setting<string | null>;
  /** How long to wait for another run to end, in milliseconds; null: as each command has it by default. */
  readonly waitMs: Setting<number | null>;
  /** What to sync with where no directory is named: absolute paths or patterns. */
  readonly directories: Setting<readonly string[]>;
  /** What the texts in the trash may come to, in bytes, inclusive; null: as much as they are. */
  readonly trashBytesMax: Setting<number | null>;
  /** How Dovecot's `doveadm` is run; empty: not at all. */
  readonly doveadm: Setting<readonly string[]>;
  /** What a host that is paired may do at most where nothing else is said; null where nobody has said. */
  readonly pairRight: Setting<Right | null>;
  /** The options of commands that the file sets. */
  readonly options: readonly FileOption[];
  readonly warnings: readonly ConfigWarning[];
};

/** What the command line says about the configuration, and which of its options a file may set. */
type ConfigRequest = {
  readonly account: string | null;
  readonly config: string | null;
  readonly settable: readonly SettableOption[];
};

/**
 * Puts the configuration together: the command line wins over the environment, that over the file, that over what is
 * built in. A JSON file of before is turned over first. Throws `config` for a file that is wrong, or was named and is
 * not there; `usage` for an empty name.
 */
export function loadConfig(surroundings: Surroundings, request: ConfigRequest): Config {
  const file = configFileOf(surroundings, request.config);
  const { read, turnedOver } = readFileOf(surroundings, request, file.value);
  const settings: TypedSettings = read?.settings ?? {};
  const path = turnedOver !== null && 'stillAt' in turnedOver ? turnedOver.stillAt : file.value;
  const fromFile = (name: keyof TypedSettings): Origin =>
    settings[name] === undefined ? { kind: 'default' } : { kind: 'file', file: path, key: typedKeys[name] };
  const waitMs = settings.waitSeconds === undefined ? null : Math.round(settings.waitSeconds * 1000);
  return deepFreeze({
    file: { ...file, value: path },
    fileThere: read !== null,
    turnedOver,
    dataDirectory: dataDirectoryOf(surroundings),
    account: accountOf(surroundings, request.account) ?? { value: settings.account ?? null, from: fromFile('account') },
    waitMs: { value: waitMs, from: fromFile('waitSeconds') },
    directories: { value: settings.directories ?? [], from: fromFile('directories') },
    trashBytesMax: trashSizeOf(surroundings) ?? { value: settings.trashSize ?? null, from: fromFile('trashSize') },
    doveadm: doveadmOf(surroundings) ?? { value: settings.doveadm ?? ['doveadm'], from: fromFile('doveadm') },
    pairRight: pairRightOf(surroundings) ?? { value: settings.pairRight ?? null, from: fromFile('pairRight') },
    options: read?.options ?? [],
    warnings: read?.warnings ?? [],
  });
}

function readFileOf(
  { env, home }: Surroundings,
  { config, settable }: ConfigRequest,
  file: string,
): { readonly read: ConfigFile | null; readonly turnedOver: TurnedOver | null } {
  const read = readConfigFile({ file, home, settable });
  if (read !== null) return { read, turnedOver: null };
  if (config !== null || env.MREPL_CONFIG) {
    throw new Failure('config', `the configuration file ${file} does not exist`, {
      hint: 'Without --config and MREPL_CONFIG none is needed.',
    });
  }
  const turnedOver = turnOverJsonConfig(file, { home, settable });
  const now = turnedOver !== null && 'stillAt' in turnedOver ? turnedOver.stillAt : file;
  return { read: turnedOver === null ? null : readConfigFile({ file: now, home, settable }), turnedOver };
}

function accountOf({ env }: Surroundings, option: string | null): Setting<string> | null {
  if (option === '') throw new Failure('usage', '--account needs the name of an account');
  if (option !== null) return { value: option, from: { kind: 'option', name: '--account' } };
  if (env.MREPL_ACCOUNT) return { value: env.MREPL_ACCOUNT, from: { kind: 'environment', name: 'MREPL_ACCOUNT' } };
  return null;
}

function trashSizeOf({ env }: Surroundings): Setting<number> | null {
  const text = env.MREPL_TRASH_SIZE;
  if (!text) return null;
  const value = bytesOf(text);
  if (value !== null) return { value, from: { kind: 'environment', name: 'MREPL_TRASH_SIZE' } };
  throw new Failure('config', `MREPL_TRASH_SIZE must be a number of bytes, such as 500M or 2G, not "${text}"`, {
    hint: 'Correct it, or leave it out.',
  });
}

/** Words apart by blanks; an empty value says that it is not to be run. */
function doveadmOf({ env }: Surroundings): Setting<readonly string[]> | null {
  const words = env.MREPL_DOVEADM;
  if (words === undefined) return null;
  return { value: words.split(/\s+/).filter(Boolean), from: { kind: 'environment', name: 'MREPL_DOVEADM' } };
}

function pairRightOf({ env }: Surroundings): Setting<Right> | null {
  const text = env.MREPL_PAIR_RIGHT;
  if (!text) return null;
  const value = rightOf(text);
  if (value !== null) return { value, from: { kind: 'environment', name: 'MREPL_PAIR_RIGHT' } };
  throw new Failure('config', `MREPL_PAIR_RIGHT must be one of ${rights.join(', ')}, not "${text}"`, {
    hint: 'Correct it, or leave it out.',
  });
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
