import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { advice, Failure, typed } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import type { Config } from './load-config.js';
import { nearestWord } from './nearest-word.js';
import { describeOrigin } from './setting-with-origin.js';

/** What makes a directory that of an account: `init` puts the catalog there. */
const catalogFileName = 'catalog.db';

/** Where the catalog of an account is, or will be. */
export function catalogPathOf(dataDirectory: string, account: string): string {
  return join(dataDirectory, account, catalogFileName);
}

/** Where the private keys of an account are. */
export function keysPathOf(dataDirectory: string, account: string): string {
  return join(dataDirectory, account, 'keys');
}

/** The accounts this host has, by name. Throws `io` where the data directory cannot be read. */
export function accountsIn(dataDirectory: string): string[] {
  try {
    const names = ifPresent(() => readdirSync(dataDirectory)) ?? [];
    return names.filter((name) => ifPresent(() => statSync(catalogPathOf(dataDirectory, name))) !== null).sort();
  } catch (cause) {
    throw new Failure('io', `cannot look for accounts in ${dataDirectory}: ${(cause as Error).message}`, { cause });
  }
}

/** An account that exists here. */
type Account = { readonly name: string; readonly catalog: string; readonly keys: string };

/**
 * The account that is meant: the one chosen, else the only one there is. Throws `usage` where there are several and
 * none was chosen, `config` where there is none, or not the one chosen.
 */
export function chooseAccount({ dataDirectory, account }: Pick<Config, 'dataDirectory' | 'account'>): Account {
  const names = accountsIn(dataDirectory.value);
  const here = names.length === 0 ? 'none' : names.join(', ');
  if (account.value !== null && !names.includes(account.value)) {
    const near = nearestWord(account.value, names);
    const setUp = advice`To set it up: ${typed('mrepl', 'init', '--account', account.value)}`;
    throw new Failure(
      'config',
      `this host has no account "${account.value}", which ${describeOrigin(account.from)} names (accounts here: ${here})`,
      { hint: near === null ? setUp : advice`Did you mean ${near}? ${setUp}` },
    );
  }
  const name = account.value ?? names[0];
  if (name === undefined) {
    throw new Failure('config', `no account is set up on this host (looked in ${dataDirectory.value})`, {
      hint: advice`Set one up; this finds the mail, and asks: ${typed('mrepl', 'init')}`,
    });
  }
  if (account.value === null && names.length > 1) {
    throw new Failure('usage', `this host has several accounts: ${here}; which one is meant?`, {
      hint: `Say it with --account ${name}, MREPL_ACCOUNT, or "account" in the configuration file.`,
    });
  }
  return {
    name,
    catalog: catalogPathOf(dataDirectory.value, name),
    keys: keysPathOf(dataDirectory.value, name),
  };
}
