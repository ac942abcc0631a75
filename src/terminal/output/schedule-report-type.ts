/** What `mrepl cron` has put in place, or taken away. */
export type ScheduleReport = {
  readonly kind: 'cron';
  readonly done: 'installed' | 'removed';
  readonly directory: string;
  /** The files that were written or removed, by name. */
  readonly files: readonly string[];
  /** Files of these names that mrepl had not written: kept under these names, or left where they are. */
  readonly kept: readonly string[];
  /** Whether systemd was told, and what is to be typed where it was not. */
  readonly isRunning: boolean;
  readonly toType: readonly string[];
  /** Why systemd was not told; null where it was. */
  readonly why: string | null;
};
