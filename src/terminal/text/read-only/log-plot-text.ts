import { bytes } from '../../../mail/size-for-people.js';
import { counted, grouped } from '../../format/format-amounts.js';
import { dateTime, duration } from '../../format/format-times.js';
import type { Block } from '../../format/line-or-table.js';
import { faint, type Line, line, strong } from '../../format/styled-line.js';
import { exchangedBytes, newsAges } from '../../output/log-figures.js';
import { type LogItem, type LogRecord, logItem } from '../../output/summarise-log-entry.js';

/** Columns of a bar, at the most. */
const barColumns = 9;

/** From the least to the most, for a value among others in a row. */
const steps = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** Values of a row that are shown, the newest last. */
const lagsShownMax = 40;

/**
 * A drawing of what was exchanged: for each run that carried something how many messages and bytes, and for each peer
 * how old its news was when it came here, bundle after bundle. The newest last.
 */
export function logPlotBlocks(records: readonly LogRecord[]): Block[] {
  const items = records.map(logItem).filter(({ what }) => what === 'import' || what === 'export');
  if (items.length === 0) return [line('Nothing was exchanged in that time.')];
  return [...exchangeLines(items), ...lagLines(items)];
}

function exchangeLines(items: readonly LogItem[]): Line[] {
  const most = items.reduce((max, { texts }) => Math.max(max, texts), 1);
  const largest = items.reduce((max, item) => Math.max(max, exchangedBytes(item)), 1);
  return [
    line(strong('Messages and bytes of each run')),
    ...items.map((item) => {
      const size = exchangedBytes(item);
      const mail = `${bar(item.texts / most)} ${grouped(item.texts).padStart(6)}`;
      const weight = `${bar(size / largest)} ${(size === 0 ? '-' : bytes(size)).padStart(7)}`;
      return line(dateTime(item.atS), item.what === 'import' ? '  in   ' : '  out  ', `${mail}  ${weight}`);
    }),
  ];
}

/** What is not nothing has half a column at least. */
function bar(share: number): string {
  const halves = share <= 0 ? 0 : Math.max(1, Math.round(share * barColumns * 2));
  return ('█'.repeat(Math.floor(halves / 2)) + (halves % 2 === 1 ? '▌' : '')).padEnd(barColumns);
}

function lagLines(items: readonly LogItem[]): Line[] {
  const ages = newsAges(items);
  if (ages.length === 0) return [];
  const width = ages.reduce((widest, { peer }) => Math.max(widest, peer.length), 0);
  return [
    line(),
    line(strong('How old the news of each peer was when it came')),
    ...ages.map(({ peer, news }) => {
      const shown = news.slice(-lagsShownMax).map(({ ageS }) => ageS);
      const most = shown.reduce((max, lag) => Math.max(max, lag), 1);
      const row = shown.map((lag) => steps[Math.round((lag / most) * (steps.length - 1))] ?? '').join('');
      const last = `${duration(shown.at(-1) ?? 0)} at last, ${duration(most)} at the most`;
      return line(`${peer.padEnd(width)}  ${row}  `, faint(`${last}, ${counted(news.length, 'bundle')}`));
    }),
  ];
}
