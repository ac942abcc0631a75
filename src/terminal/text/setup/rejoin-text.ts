import type { RejoinReport } from '../../../flow/identity/rejoin-as-new-host.js';
import { counted, listed } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, type Line, line, strong } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';

/** What was done, or would be, and what is to be done next on every host. */
export function rejoinBlocks(report: RejoinReport): Block[] {
  if (!report.done) return [line('Nothing was changed.')];
  if (report.dryRun) return foreseen(report);
  const { host, before, account } = report;
  const as = before.name === host.name ? '' : `, a copy of ${before.name}`;
  return [
    line(
      'This host is now a new ',
      strong(host.name),
      ' in the account ',
      strong(account),
      `${as}: ${amount(report)}.`,
    ),
    ...consequences(report).map((text) => line(`  ${text}`)),
    ...nextSteps(report),
  ];
}

/** What is asked before it is done. */
export function rejoinQuestion(report: RejoinReport): Line[] {
  return [...foreseen(report), line('Do it?')];
}

function foreseen(report: RejoinReport): Line[] {
  const { host, before } = report;
  const as =
    before.name === host.name
      ? line('This host becomes a new ', strong(host.name), `: a new id and new keys, and ${amount(report)}.`)
      : line(
          'This copy of ',
          strong(before.name),
          ' becomes a host of its own, ',
          strong(host.name),
          `: ${amount(report)}.`,
        );
  return [as, ...consequences(report).map((text) => line(`  ${text}`))];
}

function amount({ mailboxes, messages }: RejoinReport): string {
  return `${counted(mailboxes, 'mailbox', 'mailboxes')} with ${counted(messages, 'message')}, as they are here`;
}

function consequences({ before, host, missing, renumbered, peers }: RejoinReport): string[] {
  const said = [];
  if (missing > 0) {
    said.push(
      `${counted(missing, 'message')} that its catalog knows ${missing === 1 ? 'is' : 'are'} not here, and will come from the other hosts if they have ${missing === 1 ? 'it' : 'them'}`,
    );
  }
  said.push('what was expunged since the backup, or since the other hosts last heard of this one, may return');
  if (renumbered > 0) {
    said.push(
      `${counted(renumbered, 'mailbox', 'mailboxes')} ${renumbered === 1 ? 'gets' : 'get'} another UIDVALIDITY: mail programs load them anew, on every host`,
    );
  }
  if (before.name === host.name) said.push(`if another machine goes on as ${host.name}, this one needs --name`);
  if (peers.length > 0) said.push(`${listed(peers)} must pair with it again`);
  return said;
}

function nextSteps({ host, before, peers }: RejoinReport): Block[] {
  if (peers.length === 0) return [];
  const isCopy = before.name !== host.name;
  return [
    line(),
    line('Next:'),
    commands(
      ['mrepl pair DIR', 'here: leaves the new card on the stick mounted at DIR'],
      ['mrepl export DIR', 'here: leaves what is here'],
      ['mrepl pair DIR', `on ${listed(peers)}: takes up the new ${host.name}, after a look at its fingerprint`],
      ['mrepl sync DIR', 'there, and then here'],
    ),
    ...(isCopy
      ? []
      : [
          line(faint('A host that does not pair with it still waits for the old one. To end that, there:')),
          commands(`mrepl peers revoke ${before.name}`),
        ]),
  ];
}
