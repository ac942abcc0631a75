import { listed } from '../format/format-amounts.js';
import type { Block } from '../format/line-or-table.js';
import { line } from '../format/styled-line.js';
import { commands } from '../format/typed-commands.js';
import type { OverviewReport } from '../output/output-interface.js';
import type { View } from '../output/view-options-and-names.js';
import { glanceBlocks } from './glance-text.js';

/** What `mrepl` alone says: where things stand, or what to do first. */
export function overviewBlocks({ accounts, status }: OverviewReport, view: View): Block[] {
  const [first] = accounts;
  if (first === undefined) {
    return [
      line('No account is set up on this host yet. To begin:'),
      commands(['mrepl init', 'finds the mail, and asks'], ['mrepl --help', 'all commands']),
    ];
  }
  if (status === null) {
    return [
      line(`This host has the accounts ${listed(accounts)}. Of one of them:`),
      commands(`mrepl status --account ${first}`),
    ];
  }
  return [
    ...glanceBlocks(status, view),
    line(),
    commands(['mrepl status', 'the same, with all mailboxes'], ['mrepl --help', 'all commands']),
  ];
}
