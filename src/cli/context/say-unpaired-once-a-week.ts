import { isOfOneThing } from '../../failure.js';
import type { Session } from '../../flow/session/account-session.js';
import type { Context } from './command-context.js';

/**
 * Does `work`; null where it is refused because no host is paired, nobody sits at a terminal, and it was said within
 * the last week: cron would mail the same every quarter of an hour.
 */
export async function sayingSeldom<T>(
  { common, streams, environment }: Pick<Context, 'common' | 'streams' | 'environment'>,
  { session, dryRun }: { readonly session: Session; readonly dryRun: boolean },
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (cause) {
    if (!isOfOneThing(cause, 'unpaired') || streams.stderr.isTTY === true || common.json || dryRun) throw cause;
    const { isToSayUnpaired } = await import('../../catalog/facts/own-host/when-unpaired-was-said.js');
    if (isToSayUnpaired(session.catalog, Math.floor(environment.nowMs() / 1000))) throw cause;
    return null;
  }
}
