import type { NextStep, StatusReport } from './reports/check-report-types.js';

/**
 * What whoever keeps an account in step does next, the most urgent first; empty where nothing waits, as far as is
 * known.
 */
export function nextSteps({
  mailboxes,
  peers,
  unconfirmed,
  lastExport,
}: Omit<StatusReport, 'kind' | 'next'>): NextStep[] {
  if (peers.length === 0) return [{ step: 'pair' }];
  const steps: NextStep[] = [];
  const directory = unconfirmed.at(-1)?.directory ?? null;
  const waiting = mailboxes.reduce((sum, mailbox) => sum + mailbox.waiting, 0);
  const isDoubtful = mailboxes.some(({ present, stored, damaged }) => damaged > 0 || (present && !stored));
  const unwritten = peers.filter(({ unwritten, wantedTexts }) => unwritten.mailboxes + wantedTexts > 0);
  if (unwritten.length > 0 || lastExport === null) {
    steps.push({ step: 'sync', directory, for: unwritten.map(({ name }) => name) });
  }
  for (const place of new Set(unconfirmed.map((bundle) => bundle.directory))) {
    const bundles = unconfirmed.filter((bundle) => bundle.directory === place);
    steps.push({ step: 'carry', directory: place, to: [...new Set(bundles.flatMap(({ by }) => by))].sort() });
  }
  if (waiting > 0 || isDoubtful) steps.push({ step: 'doctor' });
  return steps;
}
