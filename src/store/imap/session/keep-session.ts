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

/** Keeps what `open` opens. */
export function keepSession(open: () => Promise<Session>): KeptSession {
  let kept: Session | null = null;
  const current = async (): Promise<Session> => {
    if (kept === null || kept.lost() !== null) {
      kept?.close();
      kept = null;
      kept = await open();
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
