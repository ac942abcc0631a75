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
      if (!armed || received !== null) process.exit(statuses[name]);
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
