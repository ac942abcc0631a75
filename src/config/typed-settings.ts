import { isAbsolute, join } from 'node:path';
import { type Right, rightOf, rights } from '../replica/peer-permission.js';
import { bytesOf } from './parse-size.js';

/** What is set up beside the options of commands; a key that is not there is not set. */
export type TypedSettings = {
  readonly account?: string;
  readonly waitSeconds?: number;
  readonly directories?: readonly string[];
  /** In bytes. */
  readonly trashSize?: number;
  readonly doveadm?: readonly string[];
  readonly pairRight?: Right;
};

/** A value that cannot be meant, and what it must be: `must be a number ...`. */
export class WrongValue extends Error {}

/** A day, inclusive: who waits longer for a lock has mistaken the unit. */
const waitSecondsMax = 86_400;

/** Reads what stands behind a key; `home` is what `~/` stands for. Throws `WrongValue`. */
type Reader<T> = (value: unknown, home: string) => T;

const readers: { readonly [K in keyof TypedSettings]-?: Reader<NonNullable<TypedSettings[K]>> } = {
  account: (value) => {
    if (typeof value === 'string' && value !== '') return value;
    throw new WrongValue('must be the name of an account, such as "alice"');
  },
  waitSeconds: (value) => {
    if (typeof value === 'number' && value >= 0 && value <= waitSecondsMax) return value;
    throw new WrongValue(`must be a number from 0 to ${waitSecondsMax}`);
  },
  directories: readDirectories,
  trashSize: (value) => {
    const bytes = typeof value === 'string' || typeof value === 'number' ? bytesOf(String(value)) : null;
    if (bytes !== null) return bytes;
    throw new WrongValue('must be a number of bytes, such as "500M" or "2G"');
  },
  doveadm: (value) => {
    const isWord = (word: unknown): word is string => typeof word === 'string' && word !== '';
    if (Array.isArray(value) && value.every(isWord)) return value;
    throw new WrongValue('must be a list of words, such as ["/usr/bin/doveadm"], or [] for none');
  },
  pairRight: (value) => {
    const right = rightOf(value);
    if (right !== null) return right;
    throw new WrongValue(`must be one of ${rights.map((each) => `"${each}"`).join(', ')}`);
  },
};

/** As they are written in the file. */
export const typedKeys: Readonly<Record<keyof TypedSettings, string>> = {
  account: 'account',
  waitSeconds: 'wait-seconds',
  directories: 'directories',
  trashSize: 'trash-size',
  doveadm: 'doveadm',
  pairRight: 'pair-right',
};

/** `settings` with what stands behind `name`. Throws `WrongValue`. */
export function withSetting<K extends keyof TypedSettings>(
  settings: TypedSettings,
  [name, value]: readonly [name: K, value: unknown],
  home: string,
): TypedSettings {
  return { ...settings, [name]: readers[name](value, home) };
}

/** Absolute or under the home directory: what a cron job means must not depend on where it runs. */
function readDirectories(value: unknown, home: string): readonly string[] {
  const must = 'must be a list of directories or patterns, such as ["/media/*/", "~/Mail exchange"]';
  if (!Array.isArray(value)) throw new WrongValue(must);
  return value.map((entry: unknown) => {
    if (typeof entry !== 'string' || entry === '') throw new WrongValue(must);
    if (entry === '~' || entry.startsWith('~/')) return join(home, entry.slice(1));
    if (isAbsolute(entry)) return entry;
    throw new WrongValue(`cannot hold ${JSON.stringify(entry)}: a directory must begin with / or ~/`);
  });
}
