import type { MessageChange } from '../../../flow/reports/message-change-type.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted, quoted } from '../../format/format-amounts.js';
import { dateTime, relative } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, line } from '../../format/styled-line.js';
import type { LogReport } from '../../output/output-interface.js';
import { type LogItem, logItem } from '../../output/summarise-log-entry.js';
import type { View } from '../../output/view-options-and-names.js';
import { messageBlocks } from '../sections/message-changes-text.js';
import { totalsText } from '../sections/totals-text.js';

/** One line for each run that exchanged something, the newest last; below it the messages that it names. */
export function logBlocks({ records, messages }: Pick<LogReport, 'records' | 'messages'>, view: View): Block[] {
  if (records.length === 0) return [line('Nothing has been exchanged yet.')];
  const ages = records.map(({ atS }) => relative(atS, view.nowS));
  const width = ages.reduce((widest, age) => Math.max(widest, age.length), 0);
  return records.map(logItem).flatMap((item, index): Block[] => {
    const age = (ages[index] ?? '').padEnd(width);
    return [
      line(`${dateTime(item.atS)}  `, faint(age), `  ${item.what.padEnd(7)}  ${itemText(item)}`),
      ...namedBlocks(messages?.[index] ?? [], item.moreMessages, view),
    ];
  });
}

function namedBlocks(messages: readonly MessageChange[], more: number, view: View): Block[] {
  if (messages.length === 0) return [];
  return [
    ...messageBlocks(messages, view),
    ...(more > 0 ? [line(`and ${counted(more, 'more message')}, which the log does not name`)] : []),
    line(),
  ];
}

function itemText({ where, bundles, changes, expungedIn, passedOn, texts, textBytes }: LogItem): string {
  const files = bundles.map(({ fileName, from, outcome, sizeBytes }) => {
    const sender = from === null ? '' : ` from ${from}`;
    const size = sizeBytes === null ? '' : ` (${bytes(sizeBytes)})`;
    return `${quoted(fileName)}${sender}${size}${outcome === null || outcome === 'taken' ? '' : ` (${outcome})`}`;
  });
  const parts = totalsText(changes, { newBytes: null, expungedIn });
  if (texts > 0) parts.push(counted(texts, 'text') + (textBytes === null ? '' : ` (${bytes(textBytes)})`));
  if (passedOn > 0) {
    parts.push(`${passedOn} expunged${expungedIn > 1 ? ` in ${counted(expungedIn, 'mailbox', 'mailboxes')}` : ''}`);
  }
  const what = [files.join(', '), parts.join(', ')].filter((part) => part !== '').join(': ');
  return `${where === null ? '' : `${quoted(where)}: `}${what}`;
}
