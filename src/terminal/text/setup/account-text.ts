import type { AccountReport } from '../../../flow/reports/account-report-type.js';
import { listed } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line, strong } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';

/** What became of this host's place in its account. */
export function accountBlocks(report: AccountReport): Block[] {
  const { account, hostName, formerName, store, formerStore, peers, kept } = report;
  switch (report.done) {
    case null:
      return [line('Nothing was changed.')];
    case 'renamed':
      return [
        line('This host is called ', strong(hostName), ' in the account ', strong(account), ' now.'),
        ...(hostName === formerName ? [line('So it was before.')] : renamedNext(peers, report)),
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
        ...(peers.length === 0 ? [] : revoking(peers, hostName)),
      ];
    default:
      return report.done satisfies never;
  }
}

function renamedNext(
  peers: readonly string[],
  { hostName, formerName }: Pick<AccountReport, 'hostName' | 'formerName'>,
): Block[] {
  if (peers.length === 0) {
    return [line('To leave its card under this name:'), commands('mrepl pair DIR')];
  }
  return [
    line(`${listed(peers)} may go on calling it ${formerName}. To change that, there:`),
    commands(`mrepl peers rename ${formerName} ${hostName}`),
  ];
}

/** What is asked before it is done. */
export function uninitQuestion({ account, hostName, peers, kept }: AccountReport): Block[] {
  return [
    line('This host, ', strong(hostName), ', leaves the account ', strong(account), '. Its mail is left as it is.'),
    line(kept === null ? 'Its catalog is removed.' : `Its catalog is put aside, as ${kept}.`),
    ...(peers.length === 0 ? [] : revoking(peers, hostName)),
    line('Do it?'),
  ];
}

function revoking(peers: readonly string[], hostName: string): Block[] {
  return [
    line(`${listed(peers)} still ${peers.length === 1 ? 'waits' : 'wait'} for it. To end that, there:`),
    commands(`mrepl peers revoke ${hostName}`),
  ];
}
