import { setTimeout } from 'node:timers/promises';
import { Failure } from '../../failure.js';

/** SIGINT and SIGTERM: a run that is under way stops at the next safe place, anything else at once. */
export type Interruption = {
  readonly signal: AbortSignal;
  /** Which one came, if any. */
  received(): NodeJS.Signals | null;
  /** From now on, or no longer, signals ask instead of ending the process. */
  arm(on: boolean): void;
};

const statuses = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Listens for SIGINT and SIGTERM from now on. A second signal ends the process at once: nothing is lost by that either,
 * but the next run has to look at what was done.
 */
export function listenForSignals(): Interruption {
  const controller = new AbortController();
  let armed = false;
  let received: NodeJS.Signals | null = null;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!armed || received !== null) endNow(name);
      received = name;
      controller.abort(
        new Failure('interrupted', `stopped by ${name}: what was finished is kept, the rest is as it was`, {
          hint: 'Run the same command again: it goes on from there.',
        }),
      );
    });
  }
  return {
    signal: controller.signal,
    received: () => received,
    arm: (on) => {
      armed = on;
    },
  };
}

/** What is still under way by then keeps an interrupted run from its end. In milliseconds. */
const endMsMax = 500;

/** Milliseconds between two looks at what is under way. */
const lookEveryMs = 20;

/**
 * At the end of a run that a signal stopped: a read that was left to itself, from a disk or a server that does not
 * answer, would keep the process for as long as it lasts. Then the signal ends it as if nobody had listened.
 */
export async function endInterrupted(interruption: Interruption): Promise<void> {
  const name = interruption.received();
  if (name !== 'SIGINT' && name !== 'SIGTERM') return;
  for (let waitedMs = 0; isHeld(); waitedMs += lookEveryMs) {
    if (waitedMs >= endMsMax) endNow(name);
    await setTimeout(lookEveryMs);
  }
}

/** `process.exit` waits for threads that are in the middle of a system call. */
function endNow(name: keyof typeof statuses): void {
  if (!isHeld()) process.exit(statuses[name]);
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** Is anything under way that nobody can stop: a call to a file system, or a thread that was told to end? */
function isHeld(): boolean {
  return process.getActiveResourcesInfo().some((resource) => /^(?:FSReq|MessagePort)/.test(resource));
}
