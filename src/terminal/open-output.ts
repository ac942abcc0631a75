import { colourPalette, plainPalette } from './format/styled-line.js';
import { commandWithoutDryRun } from './output/command-without-dry-run.js';
import type { Output, OutputRequest } from './output/output-interface.js';
import { silentProgress } from './streams/silent-progress.js';
import type { StandardStreams } from './streams/standard-streams.js';
import { capabilities } from './streams/terminal-capabilities.js';

type OutputWishes = {
  /** `stderr` where a bundle goes to standard output. */
  readonly reportsTo: 'stdout' | 'stderr';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Null: where a terminal takes them. */
  readonly colour: boolean | null;
  /** The words of the command line. */
  readonly argv: readonly string[];
  /** See `OutputRequest`. */
  readonly isToSay?: OutputRequest['isToSay'];
};

/**
 * Output to this process's own streams, as fancy as they can take. Colours and spinner are loaded only where they will
 * be shown.
 */
export async function outputTo(streams: StandardStreams, wishes: OutputWishes): Promise<Output> {
  const { json, quiet, verbose, colour, nowMs, reportsTo } = wishes;
  const screens = { stdout: reportsTo === 'stdout' ? streams.stdout : streams.stderr, stderr: streams.stderr };
  const can = capabilities(screens, wishes.env, { json, quiet, colour });
  const coloured = can.outColours || can.errColours ? await colourPalette() : plainPalette;
  const progress = can.spinner
    ? (await import('./streams/progress-spinner.js')).spinnerProgress(streams.stderr, {
        nowMs,
        colours: can.errColours,
      })
    : silentProgress;
  const request = {
    out: reportsTo === 'stdout' ? streams.out : streams.err,
    err: streams.err,
    ask: streams.ask,
    askSecret: streams.askSecret,
    progress,
    nowS: () => Math.floor(nowMs() / 1000),
    command: commandWithoutDryRun(wishes.argv),
    quiet,
    verbose,
    ...(wishes.isToSay === undefined ? {} : { isToSay: wishes.isToSay }),
  };
  if (json) return (await import('./json/json-output.js')).jsonOutput(request);
  const { textOutput } = await import('./text/text-output.js');
  return textOutput({
    ...request,
    outPalette: can.outColours ? coloured : plainPalette,
    errPalette: can.errColours ? coloured : plainPalette,
    columns: can.columns,
    outWrap: can.outWrap,
    errWrap: can.errWrap,
    interactive: can.interactive,
  });
}
