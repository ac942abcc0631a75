import type { FlowEvent } from '../../flow/reports/run-report-types.js';
import { bytes } from '../../mail/size-for-people.js';
import { visible } from '../format/escape-control-characters.js';
import { counted, grouped } from '../format/format-amounts.js';
import { duration } from '../format/format-times.js';
import { unicodeMeasure } from '../format/unicode-text-width.js';

type Stage = Extract<FlowEvent, { readonly kind: 'stage' }>;
export type Advance = Extract<FlowEvent, { readonly kind: 'progress' }>;

/** Share of the work that must be done before its speed is taken for an estimate. */
const estimateShareMin = 0.02;

/** Time that must have passed for it, in seconds. */
const estimateAfterS = 2;

/** What is worked on is named in so many columns at least, as long as any number fits beside it. */
const subjectColumnsMin = 16;

const doing: Readonly<Record<Stage['stage'], string>> = {
  scan: 'looking at',
  examine: 'examining',
  read: 'reading',
  texts: 'taking texts from',
  apply: 'changing',
  write: 'writing',
  wait: 'waiting for',
};

/**
 * `writing home-000042.tar.zst: 34 MB of 396 MB, 1,734 of 20,000 messages, 12 s left`, in at most `columns`. What is
 * worked on is cut in the middle before a number goes; then the messages go, then the bytes.
 */
export function progressText(
  stage: Stage | null,
  advance: Advance | null,
  { elapsedS, columns }: { readonly elapsedS: number; readonly columns: number },
): string {
  const what = visible(whatIsDone(stage));
  const parts = partsOf(advance, elapsedS);
  if (parts.length === 0) return unicodeMeasure.cutMiddle(what, columns);
  const choices = [parts, parts.filter((_, index) => index !== 1), parts.slice(-1)];
  for (const choice of choices) {
    const numbers = `: ${choice.join(', ')}`;
    const room = columns - numbers.length;
    if (room >= subjectColumnsMin) return unicodeMeasure.cutMiddle(what, room) + numbers;
  }
  return unicodeMeasure.cut(parts.at(-1) ?? what, columns);
}

function whatIsDone(stage: Stage | null): string {
  return stage === null ? 'working' : `${doing[stage.stage]} ${stage.subject}`;
}

function partsOf(advance: Advance | null, elapsedS: number): string[] {
  if (advance === null) return [];
  const { doneBytes, totalBytes, doneMessages, totalMessages } = advance;
  const parts: string[] = [];
  if (totalBytes > 0) parts.push(`${bytes(doneBytes)} of ${bytes(totalBytes)}`);
  else if (doneBytes > 0) parts.push(bytes(doneBytes));
  if (totalMessages > 0) parts.push(`${grouped(doneMessages)} of ${counted(totalMessages, 'message')}`);
  else if (doneMessages > 0) parts.push(counted(doneMessages, 'message'));
  const share = totalBytes > 0 ? doneBytes / totalBytes : totalMessages > 0 ? doneMessages / totalMessages : 0;
  if (share >= estimateShareMin && share < 1 && elapsedS >= estimateAfterS) {
    parts.push(`${duration((elapsedS / share) * (1 - share))} left`);
  }
  return parts;
}
