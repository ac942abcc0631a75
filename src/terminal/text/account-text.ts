import type { AccountReport } from '../../flow/reports/account-report-type.js';
import { listed } from '../format/format-amounts.js';
import { type Line, line, strong } from '../format/styled-line.js';

/** What became of this host's place in its account. */
export function accountLines(report: AccountReport): Line[] {
  const { account, hostName, formerName, store, formerStore, peers, kept } = report;
  switch (report.done) {
    case null:
      return [line('Nothing was changed.')];
    case 'renamed':
      return [
        line('This host is called ', strong(hostName), ' in the account ', strong(account), ' now.'),
        ...(hostName === formerName ? [line('So it was before.')] : renamedNext(peers, formerName)),
      ];
    case 'relocated':
      return [
        line('The mail of the account ', strong(account), ` is ${store} now.`),
        line(store === formerStore ? 'So it was before.' : `It was ${formerStore}. No mail was moved.`),
      ];
    case 'undone':
      return [
        line('This host is in the account ', strong(account), ' no more. Its mail was left as it is.'),
        ...(kept === null ? [] : [line(`What it knew is kept as ${kept}.`)]),
        ...(peers.length === 0 ? [] : [line(revoking(peers, hostName))]),
      ];
    default:
      return report.done satisfies never;
  }
}

function renamedNext(peers: readonly string[], formerName: string): Line[] {
  if (peers.length === 0) return [line('The next "mrepl pair DIR" leaves its card under this name.')];
  return [line(`${listed(peers)} may go on calling it ${formerName}: there, "mrepl peers rename" changes that.`)];
}

/** What is asked before it is done. */
export function uninitQuestion({ account, hostName, peers, kept }: AccountReport): Line[] {
  return [
    line('This host, ', strong(hostName), ', leaves the account ', strong(account), '. Its mail is left as it is.'),
    line(kept === null ? 'Its catalog is removed.' : `Its catalog is put aside, as ${kept}.`),
    ...(peers.length === 0 ? [] : [line(revoking(peers, hostName))]),
    line('Do it?'),
  ];
}

function revoking(peers: readonly string[], hostName: string): string {
  return `${listed(peers)} still ${peers.length === 1 ? 'waits' : 'wait'} for it: there, "mrepl peers revoke ${hostName}" ends that.`;
}
