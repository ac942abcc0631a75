import { Option } from 'commander';
import { bytesOf } from '../../config/parse-size.js';
import { Failure } from '../../failure.js';
import { type DeleteLimit, deleteLimitOf } from '../../replica/delete-limit.js';

/** The options every command knows. */
export type CommonOptions = {
  readonly account: string | null;
  readonly config: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Null: where a terminal takes them. */
  readonly colour: boolean | null;
  readonly yes: boolean;
};

/** What commander hands out, before anything in it is believed. */
export type RawOptions = Readonly<Record<string, unknown>>;

/** The options of every command, in the order in which help shows them. */
export function commonOptionList(): Option[] {
  return [
    new Option('--account <name>', 'the account, where this host has several'),
    new Option('--config <file>', 'another configuration file'),
    new Option('--json', 'one JSON object per line on standard output'),
    new Option('-q, --quiet', 'say nothing when all is well').conflicts('verbose'),
    new Option('-v, --verbose', 'say everything: all of long lists, causes of errors'),
    new Option('--color', 'colours, also where no terminal shows them'),
    new Option('--no-color', 'no colours (also: NO_COLOR in the environment)'),
    new Option('-y, --yes', 'never ask, take yes for the answer'),
  ];
}

/** Takes the common options from what commander made of a command line; what is missing has its default. */
export function parseCommon(raw: RawOptions): CommonOptions {
  return {
    account: textOf(raw.account),
    config: textOf(raw.config),
    json: raw.json === true,
    quiet: raw.quiet === true,
    verbose: raw.verbose === true,
    colour: typeof raw.color === 'boolean' ? raw.color : null,
    yes: raw.yes === true,
  };
}

/** What an export, import or sync may be told. */
type RunOptions = {
  readonly dryRun: boolean;
  readonly full: boolean;
  readonly texts: 'always' | 'unseen' | 'never';
  readonly plain: boolean;
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
  readonly maxBytes?: number;
  readonly deleteMax?: DeleteLimit;
  readonly exitCode: boolean;
  readonly ifPresent: boolean;
  /** Of each message: for --details, and for a page. */
  readonly details: boolean;
};

export const runOption = {
  dryRun: () => new Option('-n, --dry-run', 'show what would be done, and change nothing'),
  full: () => new Option('--full', 'say everything, whatever the peers are known to have'),
  texts: () =>
    new Option('--texts <which>', 'message texts to send: all; those the peers have not seen; or none, until they ask')
      .choices(['always', 'unseen', 'never'])
      .default('unseen'),
  plain: () => new Option('--plain', 'do not seal: whoever has the bundle can read it'),
  mailbox: () =>
    repeatable('--mailbox <pattern>', 'only mailboxes with such a name, e.g. "Lists/*"').default([], 'all'),
  maxSize: () =>
    new Option('--max-size <size>', 'write at most so many bytes, e.g. 700M; the rest goes next time (K, MB, GiB)'),
  newMedium: () =>
    new Option('--new-medium', 'use DIR though it is the home directory, the root, above mount points or within mail'),
  allowExpunge: () => new Option('--allow-expunge', 'go on even if more than half of the messages would be expunged'),
  deleteMax: () =>
    new Option('--delete-max <limit>', 'stop before more messages would be expunged: a number, or a share such as 5%'),
  exitCode: () => new Option('--exit-code', 'with --dry-run: exit with 2 if there is something to do'),
  exec: () => new Option('--exec <command>', 'run this after an import that changed something, e.g. "notmuch new"'),
  details: () => new Option('--details', 'tell of each message: date, sender, subject, size'),
  report: () => new Option('--report <file>', 'write what is, or would be, done as a page for a browser'),
  ifPresent: () => new Option('--if-present', 'exit quietly with 0 where the directory or the store is not there'),
} as const;

/** An option that may be given several times; `textsOf` reads it. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, `${description} (may be repeated)`).argParser(collect);
}

/** Was it made by `repeatable`? */
export function isRepeatable({ parseArg }: Option): boolean {
  return parseArg === collect;
}

function collect(value: string, previous: unknown): string[] {
  return [...(Array.isArray(previous) ? previous.map(String) : []), value];
}

/**
 * The options of an export, import or sync. Throws `usage` for a size that is none, and for options that make no sense
 * together.
 */
export function parseRun(raw: RawOptions): RunOptions {
  const options: RunOptions = {
    dryRun: raw.dryRun === true,
    full: raw.full === true,
    texts: raw.texts === 'always' || raw.texts === 'never' ? raw.texts : 'unseen',
    plain: raw.plain === true,
    mailboxes: textsOf(raw.mailbox),
    allowExpunge: raw.allowExpunge === true,
    ...(raw.maxSize === undefined ? {} : { maxBytes: parseSize(raw.maxSize) }),
    ...(raw.deleteMax === undefined ? {} : { deleteMax: parseDeleteMax(raw.deleteMax) }),
    exitCode: raw.exitCode === true,
    ifPresent: raw.ifPresent === true,
    details: raw.details === true || raw.report !== undefined,
  };
  if (options.exitCode && !options.dryRun) {
    throw new Failure('usage', 'option --exit-code says what a dry run found: it needs --dry-run');
  }
  return options;
}

/** The values of an option that may be given several times; none where it was not given. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function parseSize(value: unknown): number {
  const bytes = bytesOf(String(value));
  if (bytes !== null) return bytes;
  throw new Failure('usage', `option --max-size takes a number of bytes, such as 500K, 700M or 3.5G, not "${value}"`);
}

/** The value of an option; null where it was not given. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function parseDeleteMax(value: unknown): DeleteLimit {
  const limit = deleteLimitOf(String(value));
  if (limit !== null) return limit;
  throw new Failure(
    'usage',
    `option --delete-max takes a number of messages or a share of them, such as 100 or 5%, not "${value}"`,
  );
}
