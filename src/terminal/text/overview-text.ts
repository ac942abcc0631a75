import type { StatusReport } from '../../check/reports/check-report-types.js';
import { counted, listed } from '../format/format-amounts.js';
import { when } from '../format/format-times.js';

/** What is known of one account, and the names of the hosts that it is paired with. */
type Overview = { readonly status: StatusReport; readonly paired: readonly string[] };

/** Where no account is set up yet: what to do first. */
export const firstSteps: readonly string[] = [
  'No account is set up on this host yet. To begin:',
  '  mrepl init          # finds the mail, and asks',
  '  mrepl --help        # all commands',
];

/** Where this host has several accounts, and none was named. */
export function severalAccounts(names: readonly string[]): string[] {
  return [`This host has the accounts ${listed(names)}. Of one of them:`, `  mrepl status --account ${names[0]}`];
}

/** Where things stand, in a few lines, and what to do next. `nowS`: seconds since 1970. */
export function overviewLines({ status, paired }: Overview, nowS: number): string[] {
  const present = status.mailboxes.filter(({ present }) => present);
  const messages = present.reduce((sum, mailbox) => sum + mailbox.messages, 0);
  const mail = `${counted(messages, 'message')} in ${counted(present.length, 'mailbox', 'mailboxes')}`;
  const behind = status.peers.filter(({ name, mailboxesBehind }) => mailboxesBehind > 0 && paired.includes(name));
  const peers = status.peers.map(({ name, lastHeardS, mailboxesBehind, wantedTexts }) => {
    const heard = lastHeardS === null ? 'nothing heard of it yet' : `heard of ${when(lastHeardS, nowS)}`;
    const lacks = mailboxesBehind + wantedTexts === 0 ? '' : `, lacks ${lackOf(mailboxesBehind)}`;
    return `  ${name}: ${heard}${lacks}`;
  });
  return [
    `This host is ${status.host.name} in the account ${status.account}: ${mail}.`,
    ...peers,
    ...nextStep(status, { paired, behind: behind.map(({ name }) => name) }),
    'All of it: mrepl status. All commands: mrepl --help.',
  ];
}

function lackOf(count: number): string {
  return count === 0 ? 'a text that it asked for' : `something in ${counted(count, 'mailbox', 'mailboxes')}`;
}

function nextStep(
  { peers, lastExport }: StatusReport,
  { paired, behind }: { readonly paired: readonly string[]; readonly behind: readonly string[] },
): string[] {
  if (paired.length === 0) return ['It is paired with no other host. Next:', '  mrepl pair DIR'];
  if (lastExport === null || peers.length === 0) return [`Paired with ${listed(paired)}. Next:`, '  mrepl sync DIR'];
  if (behind.length > 0) return [`To bring it to ${listed(behind)}:`, '  mrepl sync DIR'];
  return ['As far as is known here, nothing waits.'];
}
