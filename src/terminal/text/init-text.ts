import type { InitReport } from '../../flow/identity/init-account.js';
import { counted } from '../format/format-amounts.js';
import { faint, type Line, line, strong } from '../format/styled-line.js';

/** What was set up, and what to do next. */
export function initLines({ account, hostName, store, foundBy, mailboxes, messages, catalog }: InitReport): Line[] {
  const found = `${counted(mailboxes, 'mailbox', 'mailboxes')} with ${counted(messages, 'message')}`;
  const next: [string, string][] = [
    ['mrepl pair DIR', 'leaves its identity card on the stick mounted at DIR'],
    [`mrepl init STORE --account ${account}`, 'on the other host, under the same account name'],
    ['mrepl pair DIR', 'there, and here once more: each takes up the other'],
    ['mrepl sync DIR', 'from then on, on either host, whenever the stick is there'],
  ];
  const width = Math.max(...next.map(([command]) => command.length));
  return [
    line('This host is now ', strong(hostName), ' in the account ', strong(account), '.'),
    line(`  store    ${store}: ${found}, left as they are`),
    ...foundBy.map((why) => line('           ', faint(why))),
    line(`  catalog  ${catalog}`),
    line(),
    line('Next:'),
    ...next.map(([command, why]) => line(`  ${command.padEnd(width)}   `, faint(`# ${why}`))),
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
