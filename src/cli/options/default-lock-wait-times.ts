/** How long a run waits for another one of the account to end: most are over by then, and cron's next comes anyway. */
export const runWaitMs = 30_000;

/** How long a command waits that only looks at the catalog. */
export const lookWaitMs = 5_000;
