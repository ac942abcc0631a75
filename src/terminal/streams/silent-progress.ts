import type { Listener } from '../../flow/reports/run-report-types.js';

/** Shows how far a run is. `stop` clears it away, and must come before anything else is written. */
export type Progress = { readonly listener: Listener; stop(): void };

/** For everything that is no terminal. */
export const silentProgress: Progress = { listener: () => undefined, stop: () => undefined };
