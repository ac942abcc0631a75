import { Failure } from '../failure.js';
import { type DeleteLimit, deleteLimitOf } from '../replica/delete-limit.js';
import { type Right, rightOf, rights } from '../replica/peer-permission.js';
import { configFileOf, dataDirectoryOf, type Surroundings } from './config-paths.js';
import { type ConfigWarning, type FileSettings, readConfigFile } from './parse-config-file.js';
import { bytesOf } from './parse-size.js';
import type { Origin, Setting } from './setting-with-origin.js';

/** What the user has set up, each value with its origin. Frozen. */
export type Config = {
  readonly file: Setting<string>;
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
  /** How many messages a run may expunge; null where nobody has said. */
  readonly deleteMax: Setting<DeleteLimit | null>;
  readonly warnings: readonly ConfigWarning[];
};

/**
 * Puts the configuration together: the command line wins over the environment, that over the file, that over what is
 * built in. Throws `config` for a file that is wrong, or was named and is not there; `usage` for an empty name.
 */
export function loadConfig(
  surroundings: Surroundings,
  options: { readonly account: string | null; readonly config: string | null },
): Config {
  const file = configFileOf(surroundings, options.config);
  const read = readConfigFile(file.value, surroundings.home);
  if (read === null && (options.config !== null || surroundings.env.MREPL_CONFIG)) {
    throw new Failure('config', `the configuration file ${file.value} does not exist`, {
      hint: 'Without --config and MREPL_CONFIG none is needed.',
    });
  }
  const settings: FileSettings = read?.settings ?? {};
  const fromFile = (key: keyof FileSettings): Origin =>
    settings[key] === undefined ? { kind: 'default' } : { kind: 'file', file: file.value, key };
  const waitMs = settings.waitSeconds === undefined ? null : Math.round(settings.waitSeconds * 1000);
  return deepFreeze({
    file,
    dataDirectory: dataDirectoryOf(surroundings),
    account: accountOf(surroundings, options.account) ?? { value: settings.account ?? null, from: fromFile('account') },
    waitMs: { value: waitMs, from: fromFile('waitSeconds') },
    directories: { value: settings.directories ?? [], from: fromFile('directories') },
    trashBytesMax: trashSizeOf(surroundings) ?? { value: settings.trashSize ?? null, from: fromFile('trashSize') },
    doveadm: doveadmOf(surroundings) ?? { value: settings.doveadm ?? ['doveadm'], from: fromFile('doveadm') },
    pairRight: pairRightOf(surroundings) ?? { value: settings.pairRight ?? null, from: fromFile('pairRight') },
    deleteMax: deleteMaxOf(surroundings) ?? { value: settings.deleteMax ?? null, from: fromFile('deleteMax') },
    warnings: read?.warnings ?? [],
  });
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

function deleteMaxOf({ env }: Surroundings): Setting<DeleteLimit> | null {
  const text = env.MREPL_DELETE_MAX;
  if (!text) return null;
  const value = deleteLimitOf(text);
  if (value !== null) return { value, from: { kind: 'environment', name: 'MREPL_DELETE_MAX' } };
  throw new Failure(
    'config',
    `MREPL_DELETE_MAX must be a number of messages or a share, such as 100 or 5%, not "${text}"`,
    {
      hint: 'Correct it, or leave it out.',
    },
  );
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part);
  return Object.freeze(value);
}
