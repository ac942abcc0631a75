import type { MessageChange } from '../../../flow/reports/message-change-type.js';
import { bytes } from '../../../mail/size-for-people.js';
import { counted } from '../../format/format-amounts.js';
import { date } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { line, strong } from '../../format/styled-line.js';
import type { View } from '../../output/view-options-and-names.js';

const headings: readonly (readonly [what: MessageChange['what'], word: string])[] = [
  ['goes', 'GOES'],
  ['anew', 'ANEW'],
  ['comes', 'COMES'],
  ['moves', 'MOVES'],
  ['flags', 'FLAGS'],
  ['same', 'SAME'],
  ['uid', 'UIDS'],
];

/** Messages of one kind and mailbox that are listed before the rest is only counted; --verbose lists all. */
const messagesShownMax = 200;

/** Characters of a sender's name. */
const senderShownMax = 16;

/** Every message under its heading and mailbox, the oldest first; nothing where nobody asked for it. */
export function messageBlocks(messages: readonly MessageChange[] | null, view: View): Block[] {
  return headings.flatMap(([what, word]) => {
    const all = (messages ?? []).filter((message) => message.what === what);
    const places = [...new Set(all.map(placeOf))];
    return places.flatMap((place) =>
      placeBlocks(
        `${word}  ${place}`,
        all.filter((message) => placeOf(message) === place),
        view,
      ),
    );
  });
}

function placeOf({ mailbox, from }: MessageChange): string {
  return from === null ? mailbox : `${from} -> ${mailbox}`;
}

function placeBlocks(title: string, messages: readonly MessageChange[], view: View): Block[] {
  const sorted = [...messages].sort((a, b) => a.receivedS - b.receivedS);
  const shown = view.verbose ? sorted : sorted.slice(0, messagesShownMax);
  const rest = sorted.length - shown.length;
  return [
    line(),
    line(strong(title)),
    {
      columns: [
        { title: 'RECEIVED' },
        { title: 'UID', align: 'right' },
        { title: 'FROM' },
        { title: 'SUBJECT', gives: true },
        { title: 'SIZE', align: 'right' },
      ],
      rows: shown.map((message) => [
        date(message.receivedS),
        uidText(message),
        nameOf(message.sender),
        message.subject ?? '-',
        bytes(message.sizeBytes),
      ]),
      widthMax: view.columns,
    },
    ...(rest > 0 ? [line(`and ${counted(rest, 'more message')} (--verbose shows all)`)] : []),
  ];
}

function uidText({ uidBefore, uidAfter }: MessageChange): string {
  if (uidBefore === null || uidAfter === null || uidBefore === uidAfter) return String(uidAfter ?? uidBefore ?? '-');
  return `${uidBefore}->${uidAfter}`;
}

/** `Alice` of `Alice <alice@example.org>`, else the address. */
function nameOf(sender: string | null): string {
  if (sender === null) return '-';
  const name = /^\s*"?(.*?)"?\s*</.exec(sender)?.[1]?.trim();
  const shown = [...(name === undefined || name === '' ? sender.replace(/^.*<(.*)>.*$/, '$1') : name)];
  return shown.length <= senderShownMax ? shown.join('') : `${shown.slice(0, senderShownMax - 3).join('')}...`;
}
