import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock, Tick } from '../../replica/version-vector.js';
import { asCount, asFilledText, asList, asText, asTuple, Garbled } from '../sql/parse-column.js';
import type { HostTable } from './host-number-rows.js';

/** `1.12.40 2.3.9`: number of the host, serial, modseq. Short, because every export keeps one for every mailbox. */
export interface ClockCells {
  toCell(clock: Clock): string;
  fromCell(cell: unknown, what: string): Clock;
  toMapCell(clocks: ReadonlyMap<MailboxName, Clock>): string;
  fromMapCell(cell: unknown, what: string): ReadonlyMap<MailboxName, Clock>;
  /** To be called after a rollback, with that of the host table. */
  forget(): void;
}

/** Clocks in cells, by the numbers of the host table. */
export function clockCells(hosts: HostTable): ClockCells {
  // From one export to the next most mailboxes have the same clock: it is parsed once.
  const parsed = new Map<string, Clock>();

  function toCell(clock: Clock): string {
    return [...clock].map(([host, tick]) => `${hosts.numberOf(host)}.${tick.serial}.${tick.modseq}`).join(' ');
  }

  function fromCell(cell: unknown, what: string): Clock {
    const text = asText(cell, what);
    let clock = parsed.get(text);
    if (clock === undefined) {
      clock = parse(text, what);
      parsed.set(text, clock);
    }
    return clock;
  }

  function parse(text: string, what: string): Clock {
    const clock = new Map<HostId, Tick>();
    if (text === '') return clock;
    for (const part of text.split(' ')) {
      const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(part);
      if (match === null) throw new Garbled(`${what} is not a clock`);
      const host = hosts.hostOf(Number(match[1]), what);
      clock.set(host, { serial: asCount(Number(match[2]), what), modseq: asCount(Number(match[3]), what) });
    }
    return clock;
  }

  return {
    toCell,
    fromCell,
    toMapCell: (clocks) => JSON.stringify([...clocks].map(([mailbox, clock]) => [mailbox, toCell(clock)])),
    fromMapCell(cell, what) {
      const clocks = new Map<MailboxName, Clock>();
      for (const entry of asList(cell, what)) {
        const [mailbox, clock] = asTuple(entry, 2, what);
        clocks.set(asFilledText(mailbox, what), fromCell(clock, what));
      }
      return clocks;
    },
    forget: () => parsed.clear(),
  };
}
