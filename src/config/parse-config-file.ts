import { isAbsolute, join } from 'node:path';
import { Failure } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import { readUntrusted } from '../fs/open-untrusted-file.js';
import { type DeleteLimit, deleteLimitOf } from '../replica/delete-limit.js';
import { type Right, rightOf, rights } from '../replica/peer-permission.js';
import { bytesOf } from './parse-size.js';

/** Bytes of a configuration file, inclusive: a thousand times what one takes. */
const fileBytesMax = 1 << 20;

/** What a configuration file says; a key that is not there is not set. */
export type FileSettings = {
  readonly account?: string;
  readonly waitSeconds?: number;
  readonly directories?: readonly string[];
  /** In bytes. */
  readonly trashSize?: number;
  readonly doveadm?: readonly string[];
  readonly pairRight?: Right;
  readonly deleteMax?: DeleteLimit;
};

/** Something in the file that is not understood and was passed over. */
export type ConfigWarning = { readonly file: string; readonly key: string; readonly message: string };

/** A day, inclusive: who waits longer for a lock has mistaken the unit. */
const waitSecondsMax = 86_400;

/**
 * Reads and checks a configuration file: a JSON object. Null where there is none. Throws `config` naming the file and
 * the key for anything that cannot be meant; keys nobody knows are warnings, so that a file may serve an older mrepl as
 * well.
 */
export function readConfigFile(
  file: string,
  home: string,
): { settings: FileSettings; warnings: readonly ConfigWarning[] } | null {
  let text: string | null;
  try {
    text = ifPresent(() => readUntrusted(file, { links: 'follow', bytesMax: fileBytesMax }))?.toString('utf8') ?? null;
  } catch (cause) {
    throw wrong(file, `cannot be read: ${(cause as Error).message}`, cause);
  }
  return text === null ? null : parseConfig(text, file, home);
}

/** As `readConfigFile`, of a text. `home` is what `~/` stands for. */
export function parseConfig(
  text: string,
  file: string,
  home: string,
): { settings: FileSettings; warnings: readonly ConfigWarning[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (cause) {
    throw wrong(file, `is not JSON: ${(cause as Error).message}`, cause);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong(file, 'is not a JSON object');

  const warnings: ConfigWarning[] = [];
  const settings: { -readonly [K in keyof FileSettings]: FileSettings[K] } = {};
  for (const [key, value] of Object.entries(parsed)) {
    switch (key) {
      case 'account':
        settings.account = parseAccount(value, file);
        break;
      case 'waitSeconds':
        settings.waitSeconds = parseWait(value, file);
        break;
      case 'directories':
        settings.directories = parseDirectories(value, file, home);
        break;
      case 'trashSize':
        settings.trashSize = parseTrashSize(value, file);
        break;
      case 'doveadm':
        settings.doveadm = parseCommand(value, file);
        break;
      case 'pairRight':
        settings.pairRight = parseRight(value, file);
        break;
      case 'deleteMax':
        settings.deleteMax = parseDeleteMax(value, file);
        break;
      default:
        warnings.push({ file, key, message: `${file}: "${key}" is no setting of this mrepl, and is passed over` });
    }
  }
  return { settings, warnings };
}

function parseAccount(value: unknown, file: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(file, '"account" must be the name of an account, such as "alice"');
}

function parseWait(value: unknown, file: string): number {
  if (typeof value === 'number' && value >= 0 && value <= waitSecondsMax) return value;
  throw wrong(file, `"waitSeconds" must be a number from 0 to ${waitSecondsMax}`);
}

function parseTrashSize(value: unknown, file: string): number {
  const bytes = typeof value === 'string' || typeof value === 'number' ? bytesOf(String(value)) : null;
  if (bytes !== null) return bytes;
  throw wrong(file, '"trashSize" must be a number of bytes, such as "500M" or "2G"');
}

/** Absolute or under the home directory: what a cron job means must not depend on where it runs. */
function parseDirectories(value: unknown, file: string, home: string): readonly string[] {
  const must = '"directories" must be a list of directories or patterns, such as ["/media/*/", "~/Mail exchange"]';
  if (!Array.isArray(value)) throw wrong(file, must);
  return value.map((entry: unknown) => {
    if (typeof entry !== 'string' || entry === '') throw wrong(file, must);
    if (entry === '~' || entry.startsWith('~/')) return join(home, entry.slice(1));
    if (isAbsolute(entry)) return entry;
    throw wrong(file, `"directories": ${JSON.stringify(entry)} must begin with / or ~/`);
  });
}

/** A program and its first arguments; an empty list for none. */
function parseCommand(value: unknown, file: string): readonly string[] {
  if (Array.isArray(value) && value.every((word): word is string => typeof word === 'string' && word !== ''))
    return value;
  throw wrong(file, '"doveadm" must be a list of words, such as ["/usr/bin/doveadm"], or [] for none');
}

function parseRight(value: unknown, file: string): Right {
  const right = rightOf(value);
  if (right !== null) return right;
  throw wrong(file, `"pairRight" must be one of ${rights.map((each) => `"${each}"`).join(', ')}`);
}

function parseDeleteMax(value: unknown, file: string): DeleteLimit {
  const limit = typeof value === 'string' || typeof value === 'number' ? deleteLimitOf(String(value)) : null;
  if (limit !== null) return limit;
  throw wrong(file, '"deleteMax" must be a number of messages or a share of them, such as 100 or "5%"');
}

function wrong(file: string, what: string, cause?: unknown): Failure {
  return new Failure('config', `the configuration file ${file} ${what.startsWith('"') ? `is wrong: ${what}` : what}`, {
    hint: 'Correct it, or name another with --config. `man mrepl` has every setting.',
    cause,
  });
}
