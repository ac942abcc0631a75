import { setImmediate } from 'node:timers/promises';

/**
 * Lets a signal come through that arrived while something was done in one piece, and stops there if one did: throws its
 * reason.
 */
export async function heedSignal(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/**
 * What `work` comes to, unless the signal comes before: then its reason is thrown, and the work is left to itself, as
 * nothing can end it. What it comes to after all is given to `discard`, as nobody else has it.
 */
export async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  discard: (late: T) => unknown = () => undefined,
): Promise<T> {
  if (signal === undefined) return work;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } catch (error) {
    work.then(discard).catch(() => undefined); // what goes wrong with it from now on concerns nobody
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
