/** How long a run waits for another one on the same account to end: a usual run is over by then, cron's next one comes anyway. */
export const runWaitMs = 30_000;

/** How long a look at the catalog waits. */
export const lookWaitMs = 5_000;
