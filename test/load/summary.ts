import type { LoadFigures } from './load-run.js';

/** The figures as a table, as they stand in RESULTS.md. */
export function summaryOf(
  { tally, letters, rounds, messages, mailboxes, uidsSeen }: LoadFigures,
  how: { readonly minutes: number; readonly clients: number; readonly seed: number },
): string {
  const listed = (prefix: string): string =>
    tally
      .list(prefix)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const rows: readonly (readonly [string, string])[] = [
    ['minutes, clients on each host, seed', `${how.minutes}, ${how.clients}, ${how.seed}`],
    ['runs of sync, by status', listed('status: ')],
    ['what they said', listed('said: ')],
    ['changes', listed('change: ')],
    ['refused, as what was meant had just gone', listed('refused: ')],
    ['texts delivered, seen to be expunged', `${letters.delivered}, ${letters.expunged}`],
    ['moved just when an import gave them another UID, so that they are in both places', String(letters.doubled)],
    ['UIDs seen by clients', String(uidsSeen)],
    ['equal after', `${rounds} rounds in peace, with ${messages} messages in ${mailboxes} mailboxes`],
    ["in Dovecot's logs", listed('logged: ')],
  ];
  return ['| what | |', '|---|---|', ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
}
