import type { ScanReport } from '../../../flow/reports/run-report-types.js';
import type { Loss } from '../../../merge/observe/observation.js';
import type { LedgerEntry } from '../../format/align-ledger.js';
import { counted, quoted } from '../../format/format-amounts.js';
import type { View } from '../../output/view-options-and-names.js';
import { cutList } from './plan-text.js';

/** What happened in the store since the last run; nothing where nothing did. */
export function scanEntries({ changes, renamed, mended }: ScanReport, view: Pick<View, 'verbose'>): LedgerEntry[] {
  if (changes.length + renamed.length + mended.length === 0) return [];
  const items = [
    ...mended.map(({ mailbox, ref, how }) => ({
      name: mailbox,
      amount: '',
      text: `${quoted(ref)} ${mendedText[how]}`,
    })),
    ...renamed.map(({ from, to }) => ({ name: from, amount: '', text: `is called ${quoted(to)} now` })),
    ...changes.map((change) => ({ name: change.mailbox, amount: '', text: localText(change) })),
  ];
  return [{ word: 'HERE', amount: '', text: 'since the last run:', items: cutList(items, view) }];
}

const lossText: Readonly<Record<Loss, string>> = {
  uids: 'the UID list was lost, and is made again',
  keywords: 'names of keywords were lost, and are given again',
  subscription: 'the subscription was lost, and is made again',
};

/** What was done about damaged messages, and such as were written anew, for a summary. */
export function mendedSummary({ mended }: Pick<ScanReport, 'mended'>): string[] {
  const replaced = mended.filter(({ how }) => how === 'replaced').length;
  const apart = mended.length - replaced;
  return [
    ...(replaced === 0 ? [] : [`replaced ${counted(replaced, 'damaged text')}`]),
    ...(apart === 0 ? [] : [`took ${counted(apart, 'message')} written anew for new`]),
  ];
}

const mendedText: Readonly<Record<ScanReport['mended'][number]['how'], string>> = {
  replaced: 'was damaged, and holds its text again',
  'set-apart': 'was written anew, and is a new message from now on',
};

function localText({
  born,
  expunged,
  rewritten,
  flagged,
  renumbered,
  created,
  deleted,
  uidValidity,
  exhausted,
  lost,
}: ScanReport['changes'][number]): string {
  const parts: string[] = [];
  if (created) parts.push('mailbox created');
  if (deleted) parts.push('mailbox deleted');
  if (born > 0) parts.push(counted(born, 'new message'));
  if (flagged > 0) parts.push(`flags of ${counted(flagged, 'message')}`);
  if (rewritten > 0) parts.push(`${rewritten} written anew`);
  if (expunged > 0) parts.push(`${expunged} expunged`);
  if (renumbered > 0) parts.push(`${renumbered} renumbered by the store`);
  if (exhausted !== null) parts.push(`its UIDs are nearly used up (UIDNEXT ${exhausted})`);
  if (uidValidity !== null) parts.push(`UIDVALIDITY ${uidValidity.from} -> ${uidValidity.to}`);
  parts.push(...lost.map((loss) => lossText[loss]));
  return parts.join(', ');
}
