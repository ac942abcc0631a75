import type { Context } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { lookWaitMs } from '../options/default-lock-wait-times.js';

/** `mrepl` alone: where things stand, and what to do next. Answers the exit status. */
export async function showOverview({ environment, streams, settings, openAccount }: Context): Promise<number> {
  const { firstSteps, overviewLines, severalAccounts } = await import('../../terminal/text/overview-text.js');
  const { accountsIn } = await import('../../config/account-directories.js');
  const { visible } = await import('../../terminal/format/escape-control-characters.js');
  const { dataDirectory, account } = await settings();
  const names = accountsIn(dataDirectory.value);
  const print = (lines: readonly string[]): void => {
    for (const line of lines) streams.out(`${visible(line)}\n`);
  };
  if (names.length === 0) print(firstSteps);
  else if (names.length > 1 && account.value === null) print(severalAccounts(names));
  else {
    const { statusOf } = await import('../../check/account-status.js');
    const { catalog } = await openAccount(lookWaitMs);
    const { readersIn } = await import('../../catalog/interface/recipients-and-permissions.js');
    const paired = readersIn(catalog).map(({ name }) => name);
    print(overviewLines({ status: statusOf(catalog), paired }, Math.floor(environment.nowMs() / 1000)));
  }
  return exitStatus.done;
}
