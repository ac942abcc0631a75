export type LogEntry = {
  readonly atS: number;
  readonly what: 'export' | 'import' | 'scan' | 'restore' | 'forget' | 'rejoin';
  readonly details: Record<string, unknown>;
};

/** What the runs of this host have done. */
export interface LogCatalog {
  log(entry: LogEntry): void;
  /** Newest last. */
  entries(limit: number): LogEntry[];
}
