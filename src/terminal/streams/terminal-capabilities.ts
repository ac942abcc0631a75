/** The parts of a `tty.WriteStream` that decide how to write to it. */
export type Screen = { readonly isTTY?: boolean; readonly columns?: number };

type Capabilities = {
  /** Colours on standard output and on standard error. */
  readonly outColours: boolean;
  readonly errColours: boolean;
  /** A line that is written over again and again. */
  readonly spinner: boolean;
  /** Width for tables. */
  readonly columns: number;
  /** Width at which lines are broken on standard output and on standard error; null where no terminal shows them. */
  readonly outWrap: number | null;
  readonly errWrap: number | null;
  /** A person reads standard output as it comes. */
  readonly interactive: boolean;
};

/** Width assumed where there is no terminal to ask: wide enough not to cut names in logs and mails. */
export const columnsElsewhere = 200;

type Wishes = {
  /** Null: where a terminal takes them. */ readonly colour: boolean | null;
  readonly json: boolean;
  readonly quiet: boolean;
};

/**
 * What may be shown where: nothing fancy for cron, pipes, dumb terminals, CI, NO_COLOR (set and not empty, see
 * no-color.org) and --no-color. --color asks for colours whatever there is.
 */
export function capabilities(
  { stdout, stderr }: { readonly stdout: Screen; readonly stderr: Screen },
  env: Readonly<Record<string, string | undefined>>,
  wishes: Wishes,
): Capabilities {
  const ci = isSet(env.CI);
  const capable = env.TERM !== 'dumb' && !ci;
  const taken = wishes.colour ?? (capable && !isSet(env.NO_COLOR));
  const coloured = ({ isTTY }: Screen): boolean => {
    return taken && !wishes.json && (wishes.colour === true || isTTY === true);
  };
  const outWrap = widthOf(stdout);
  return {
    outColours: coloured(stdout),
    errColours: coloured(stderr),
    // A terminal that reports 0 columns makes ora 9.4 write for ever.
    spinner: capable && stderr.isTTY === true && (stderr.columns ?? 0) > 0 && !wishes.json && !wishes.quiet,
    columns: outWrap ?? columnsElsewhere,
    outWrap,
    errWrap: widthOf(stderr),
    interactive: stdout.isTTY === true && !wishes.json && !wishes.quiet,
  };
}

/** Null where there is no terminal, or one that does not know. */
function widthOf({ isTTY, columns = 0 }: Screen): number | null {
  return isTTY === true && columns > 0 ? columns : null;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
