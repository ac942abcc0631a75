import { capabilities } from './capabilities.js';
import { plainPalette } from './line.js';
import type { Output } from './output.js';
import { silentProgress } from './progress-silent.js';
import type { StandardStreams } from './standard-streams.js';

export type OutputWishes = {
  /** `stderr` where a bundle goes to standard output. */
  readonly reportsTo: 'stdout' | 'stderr';
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colour: boolean;
};

/** Output to this process's own streams, as fancy as they can take. Colours and spinner are loaded only where they will be shown. */
export async function outputTo(streams: StandardStreams, wishes: OutputWishes): Promise<Output> {
  const { json, quiet, verbose, colour, nowMs, reportsTo } = wishes;
  const screens = { stdout: reportsTo === 'stdout' ? streams.stdout : streams.stderr, stderr: streams.stderr };
  const can = capabilities(screens, wishes.env, { json, quiet, colour });
  const coloured =
    can.outColours || can.errColours ? await (await import('./palette.js')).colourPalette() : plainPalette;
  const progress = can.spinner
    ? (await import('./progress.js')).spinnerProgress(streams.stderr, { nowMs, colours: can.errColours })
    : silentProgress;
  const request = {
    out: reportsTo === 'stdout' ? streams.out : streams.err,
    err: streams.err,
    ask: streams.ask,
    progress,
    nowS: () => Math.floor(nowMs() / 1000),
    quiet,
    verbose,
  };
  if (json) return (await import('./json-output.js')).jsonOutput(request);
  const { textOutput } = await import('./text-output.js');
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
