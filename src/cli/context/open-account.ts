import { randomBytes } from 'node:crypto';
import { accountsIn, catalogPathOf, chooseAccount, keysPathOf } from '../../config/account-directories.js';
import type { Config } from '../../config/load-config.js';
import { type InitReport, initAccount } from '../../flow/identity/init-account.js';
import { type UninitRequest, undoInit } from '../../flow/identity/leave-account.js';
import { type RelocateRequest, relocate } from '../../flow/identity/relocate-store.js';
import type { AccountReport } from '../../flow/reports/account-report-type.js';
import type { Listener } from '../../flow/reports/run-report-types.js';
import { openSession, type Session } from '../../flow/session/account-session.js';
import { type Reading, readAccount } from '../../flow/session/read-account.js';
import type { SecretSurroundings } from '../../store/interface/store-context.js';
import { accountName, hostName } from '../options/account-and-host-names.js';
import type { Environment } from './command-context.js';

type Setting = {
  readonly config: Config;
  readonly environment: Environment;
  readonly secrets: SecretSurroundings;
};

/** Sets up an account, with names found out where none were given. */
export async function setUpAccount(
  request: Setting & {
    readonly store: string;
    readonly hostName: string | null;
    /** How the store was found; left out where the user named it. */
    readonly foundBy?: readonly string[];
    /** Makes the store where it is not there yet; asked only for an account that is not set up. */
    readonly beginEmptyStore: () => Promise<void>;
    readonly listener: Listener;
  },
): Promise<InitReport> {
  const { config, environment, secrets, listener } = request;
  const account = accountName(config.account.value, environment.userName);
  const name = hostName(request.hostName, environment.machineName);
  const accounts = accountsIn(config.dataDirectory.value);
  if (!accounts.includes(account)) await request.beginEmptyStore();
  return initAccount({
    spec: request.store,
    account,
    foundBy: request.foundBy ?? [],
    otherAccounts: accounts
      .filter((other) => other !== account)
      .map((other) => ({ name: other, catalogPath: catalogPathOf(config.dataDirectory.value, other) })),
    hostName: name,
    catalogPath: catalogPathOf(config.dataDirectory.value, account),
    keysPath: keysPathOf(config.dataDirectory.value, account),
    home: environment.home,
    machineName: environment.machineName,
    now: environment.nowMs,
    secrets,
    randomHostId: () => randomBytes(16).toString('hex'),
    listener,
  });
}

/** Opens the account that is meant. `waitMs` holds where the configuration has no other. */
export async function openAccountSession(
  request: Setting & { readonly waitMs: number; readonly listener: Listener; readonly signal: AbortSignal },
): Promise<Session> {
  const { config, environment, secrets, waitMs, listener, signal } = request;
  const { catalog, keys } = chooseAccount(config);
  return openSession({
    catalogPath: catalog,
    keysPath: keys,
    home: environment.home,
    machineName: environment.machineName,
    doveadm: config.doveadm.value,
    waitMs: config.waitMs.value ?? waitMs,
    trashBytesMax: config.trashBytesMax.value,
    now: environment.nowMs,
    listener,
    signal,
    secrets,
  });
}

/** Opens the account that is meant for a look at what is known of it. */
export async function openAccountReading(request: Setting & { readonly signal: AbortSignal }): Promise<Reading> {
  const { config, environment, secrets, signal } = request;
  const { catalog, keys } = chooseAccount(config);
  const { home, machineName, nowMs } = environment;
  return readAccount({ catalogPath: catalog, keysPath: keys, home, machineName, now: nowMs, signal, secrets });
}

/** Points the account that is meant at another path of its store. */
export async function relocateAccount(
  request: Setting & Pick<RelocateRequest, 'waitMs' | 'signal' | 'spec'>,
): Promise<AccountReport> {
  const { config, environment, ...rest } = request;
  const { catalog } = chooseAccount(config);
  const { home, machineName, nowMs } = environment;
  return relocate({ ...rest, catalogPath: catalog, home, machineName, now: nowMs });
}

/** Undoes the `init` of the account that is meant. */
export async function undoAccount(
  request: Omit<Setting, 'secrets'> & Pick<UninitRequest, 'waitMs' | 'signal' | 'accept'>,
): Promise<AccountReport> {
  const { config, environment, ...rest } = request;
  const { catalog, keys } = chooseAccount(config);
  return undoInit({ ...rest, catalogPath: catalog, keysPath: keys, now: environment.nowMs });
}
