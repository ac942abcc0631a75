/** What a page is made of; all texts are shown as they are, never as markup. */
export type PageData = {
  readonly title: string;
  /** What is, or was, done, in a sentence. */
  readonly verdict: string;
  /** From whom, to whom, when. */
  readonly facts: readonly string[];
  /** What to type so that it is done; null where it was done, or nothing is to do. */
  readonly command: string | null;
  readonly plans: readonly PagePlan[];
  /** Null where no message is listed. */
  readonly messages: readonly PageMessage[] | null;
  /** What is not here yet, and from whom it may come; null where nothing is. */
  readonly waits: string | null;
  readonly troubles: readonly { readonly subject: string; readonly message: string; readonly hint: string | null }[];
  readonly rules: readonly { readonly id: string; readonly name: string; readonly text: string }[];
};

/** One half of a run. */
export type PagePlan = {
  readonly title: string;
  readonly tiles: readonly PageTile[];
  readonly mailboxes: readonly PageMailbox[];
  readonly conflicts: readonly { readonly where: string; readonly what: string; readonly rule: string }[];
  /** How what is lost in a conflict, or goes, comes back. */
  readonly undo: string | null;
  /** All of it in words, as a terminal shows it. */
  readonly words: readonly { readonly word: string; readonly text: string; readonly items: readonly string[] }[];
};

/** A count. */
export type PageTile = {
  readonly label: string;
  readonly count: number;
  /** What the messages have that it counts, or `conflict` for those of conflicts; null where they are no messages. */
  readonly kind: string | null;
  /** The id of the part of the page that has it, where that is not the list of messages. */
  readonly part?: string;
};

export type PageMailbox = {
  readonly name: string;
  readonly goes: number;
  /** Null where nobody knows. */
  readonly goesBytes: number | null;
  readonly comes: number;
  readonly comesBytes: number;
  readonly changes: number;
};

/** Short names, as there may be many. */
export type PageMessage = {
  /** What becomes of it. */
  readonly k: string;
  readonly m: string;
  /** The mailbox that it moves from. */
  readonly o: string | null;
  readonly u: string;
  /** Flags before and after, in words. */
  readonly f: string;
  readonly s: string;
  readonly t: string;
  /** Received, in seconds since 1970. */
  readonly r: number;
  readonly b: number;
  /** Who did it. */
  readonly h: string;
  /** 1: two hosts changed it. */
  readonly c?: 1;
};
