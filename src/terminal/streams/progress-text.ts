import type { FlowEvent } from '../../flow/reports/run-report-types.js';
import { bytes, counted, grouped } from '../format/format-amounts.js';
import { duration } from '../format/format-times.js';

type Stage = Extract<FlowEvent, { readonly kind: 'stage' }>;
export type Advance = Extract<FlowEvent, { readonly kind: 'progress' }>;

/** Share of the work that must be done before its speed is taken for an estimate. */
const estimateShareMin = 0.02;

/** Time that must have passed for it, in seconds. */
const estimateAfterS = 2;

const doing: Readonly<Record<Stage['stage'], string>> = {
  scan: 'looking at',
  examine: 'examining',
  read: 'reading',
  texts: 'taking texts from',
  apply: 'changing',
  write: 'writing',
  wait: 'waiting for',
};

/** `writing home-000042.tar.zst: 34 MB of 396 MB, 1,734 of 20,000 messages, 12 s left`. */
export function progressText(stage: Stage | null, advance: Advance | null, elapsedS: number): string {
  const what = stage === null ? 'working' : `${doing[stage.stage]} ${stage.subject}`;
  if (advance === null) return what;
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
  return parts.length === 0 ? what : `${what}: ${parts.join(', ')}`;
}
