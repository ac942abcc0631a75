import type { FlowEvent } from '../../flow/reports/run-report-types.js';
import { type Advance, progressText } from './progress-text.js';
import type { Progress } from './silent-progress.js';
import type { StandardStreams } from './standard-streams.js';

/** What takes less than this is over before anybody wonders. */
const shownAfterMs = 400;

/** How often the numbers change on the screen. */
const refreshMs = 200;

/** Columns that ora's spinner and a margin need. */
const spinnerColumns = 4;

/** A spinner on standard error, for terminals that `capabilities` found able. ora is loaded when it is first shown. */
export function spinnerProgress(
  stream: StandardStreams['stderr'],
  { nowMs, colours }: { readonly nowMs: () => number; readonly colours: boolean },
): Progress {
  let stage: Extract<FlowEvent, { kind: 'stage' }> | null = null;
  let stageStartMs = nowMs();
  let advance: Advance | null = null;
  let spinner: { text: string; stop(): unknown } | null = null;
  let refresh: NodeJS.Timeout | null = null;
  let stopped = false;

  const text = (): string => {
    const columns = Math.max((stream.columns ?? 0) - spinnerColumns, 1);
    return progressText(stage, advance, { elapsedS: (nowMs() - stageStartMs) / 1000, columns });
  };
  const start = setTimeout(async () => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    // `discardStdin` would take a bundle that comes in by the pipe, and Ctrl-C.
    const shown = ora({ text: text(), stream, color: colours && 'cyan', discardStdin: false, isEnabled: true }).start();
    spinner = shown;
    refresh = setInterval(() => {
      shown.text = text();
    }, refreshMs);
    refresh.unref();
  }, shownAfterMs);
  start.unref();

  const stop = (): void => {
    stopped = true;
    clearTimeout(start);
    if (refresh !== null) clearInterval(refresh);
    stream.off('resize', stopAtZero);
    spinner?.stop();
    spinner = null;
  };
  // A window may shrink to nothing while the run goes on: see `capabilities`.
  const stopAtZero = (): void => {
    if ((stream.columns ?? 0) === 0) stop();
  };
  stream.on('resize', stopAtZero);

  return {
    listener(event) {
      if (event.kind === 'progress') {
        advance = event;
        return;
      }
      stage = event;
      stageStartMs = nowMs();
      advance = null;
    },
    stop,
  };
}
