import type { Keep } from '../sql/transactions.js';

/** Changes that happen all or not at all. */
export interface Transactional {
  /**
   * Does all that `work` changes here, or nothing of it: durable when this returns, or when its promise is fulfilled;
   * undone when `work` throws, or when the commit fails, which is thrown then. (Whether a commit that failed happened
   * all the same, as where the disk went away in the middle of it, only the next run can tell.) Undone too, and no
   * failure, where `keep` is false, as for a dry run, or says no to the result. Within another transaction it is a part
   * of that one, which can be undone by itself. Whatever is changed while an asynchronous one is open belongs to it.
   */
  transaction<T>(work: () => T, options?: { readonly keep?: Keep<T> | undefined }): T;
}
