import { setTimeout as sleep } from 'node:timers/promises';
import { isOfOneThing } from '../../../failure.js';
import type { Session } from './session.js';

/** The session of a store, opened when it is first needed, and anew where the connection was lost. */
export type KeptSession = {
  /** The one there is. For what must not be said twice: whoever lost the connection does not know what was done. */
  current(): Promise<Session>;
  /** Reads something, and again over another connection where this one was lost. */
  reading<T>(read: (session: Session) => Promise<T>): Promise<T>;
  close(): void;
};

/** So many connections one reading may lose, inclusive, before it is told. */
const lossesMax = 2;

/** Before each further attempt to connect to a server that was there before, as one that restarts: milliseconds. */
const pausesMs = [1000, 2000, 4000, 8000, 16_000];

type Waiting = { readonly signal?: AbortSignal | undefined; readonly pauses?: readonly number[] };

/** Keeps what `open` opens. `pauses`: those before further attempts where a connection was lost, in milliseconds. */
export function keepSession(open: () => Promise<Session>, { signal, pauses = pausesMs }: Waiting = {}): KeptSession {
  let wasOpen = false;
  /** A server that was never reached is told at once: its name may be wrong. */
  const openAgain = async (): Promise<Session> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const session = await open();
        wasOpen = true;
        return session;
      } catch (error) {
        const pauseMs = pauses[attempt];
        if (!isOfOneThing(error, 'io') || !wasOpen || pauseMs === undefined) throw error;
        await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
      }
    }
  };
  let kept: Session | null = null;
  const current = async (): Promise<Session> => {
    if (kept === null || kept.lost() !== null) {
      kept?.close();
      kept = null;
      kept = await openAgain();
    }
    return kept;
  };
  return {
    current,
    async reading(read) {
      for (let losses = 0; ; losses++) {
        const session = await current();
        try {
          return await read(session);
        } catch (error) {
          if (!isOfOneThing(error, 'io') || session.lost() === null || losses === lossesMax) throw error;
        }
      }
    },
    close() {
      kept?.close();
      kept = null;
    },
  };
}
