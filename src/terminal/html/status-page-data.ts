/** What a page about an account is made of; all texts are shown as they are, never as markup. */
export type StatusPageData = {
  readonly title: string;
  /** Where things stand and what to do next, as a terminal shows it; a command is to be typed. */
  readonly glance: readonly { readonly text: string; readonly isCommand: boolean }[];
  readonly charts: readonly StatusChart[];
  readonly mailboxes: {
    readonly heads: readonly string[];
    /** The name first. */
    readonly rows: readonly (readonly string[])[];
  };
};

/** Bars from left to right, the oldest first, and the same in words. */
export type StatusChart = {
  readonly title: string;
  /** What the tallest bar stands for, and the like. */
  readonly note: string;
  readonly heads: readonly string[];
  readonly bars: readonly {
    /** From 0 to 1. */
    readonly height: number;
    /** in: it came here. out: it went from here. */
    readonly way: 'in' | 'out';
    /** One for each of `heads`. */
    readonly cells: readonly string[];
  }[];
};
