import type { InitReport } from '../../../flow/identity/init-account.js';
import { counted } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, type Line, line, strong } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';

/** What was set up, and what to do next. */
export function initBlocks({ account, hostName, store, foundBy, mailboxes, messages, catalog }: InitReport): Block[] {
  const found =
    messages === 0
      ? 'no mail yet'
      : `${counted(mailboxes, 'mailbox', 'mailboxes')} with ${counted(messages, 'message')}, left as they are`;
  return [
    line('This host is now ', strong(hostName), ' in the account ', strong(account), '.'),
    line(`  store    ${store}: ${found}`),
    ...foundBy.map((why) => line('           ', faint(why))),
    line(`  catalog  ${catalog}`),
    line(),
    line('Next:'),
    commands(
      ['mrepl pair DIR', 'leaves its identity card on the stick mounted at DIR'],
      [`mrepl init --account ${account}`, 'on the other host, under the same account name'],
      ['mrepl pair DIR', 'there, and here once more: each takes up the other'],
      ['mrepl sync DIR', 'from then on, on either host, whenever the stick is there'],
    ),
  ];
}

/** Asked before a store is taken that the user did not name. `why` are sentences without a full stop. */
export function foundStoreQuestion({ spec, why }: { readonly spec: string; readonly why: readonly string[] }): Line[] {
  return [
    line('Your mail seems to be ', strong(spec), ':'),
    ...why.map((sentence) => line('  ', faint(sentence))),
    line('Is this the store?'),
  ];
}

/** Asked before an empty store is made. `why` as in `foundStoreQuestion`; empty where the user named the store. */
export function emptyStoreQuestion({ root, why }: { readonly root: string; readonly why: readonly string[] }): Line[] {
  return [
    line('No mail lies in ', strong(root), ' yet.'),
    ...why.map((sentence) => line('  ', faint(sentence))),
    line(faint('If there should be some, say no, and look whether its disk is mounted.')),
    line('Make an empty Maildir there, for the mail of the other hosts?'),
  ];
}
