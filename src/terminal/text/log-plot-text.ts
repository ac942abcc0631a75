import { bytes, counted, grouped } from '../format/format-amounts.js';
import { dateTime, duration } from '../format/format-times.js';
import type { Block } from '../format/line-or-table.js';
import { faint, type Line, line, strong } from '../format/styled-line.js';
import { type LogItem, type LogRecord, logItem } from '../output/summarise-log-entry.js';

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
  const bytesOf = ({ what, textBytes, bundles }: LogItem): number =>
    what === 'import' ? (textBytes ?? 0) : bundles.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const most = items.reduce((max, { texts }) => Math.max(max, texts), 1);
  const largest = items.reduce((max, item) => Math.max(max, bytesOf(item)), 1);
  return [
    line(strong('Messages and bytes of each run')),
    ...items.map((item) => {
      const size = bytesOf(item);
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
  const lags = new Map<string, number[]>();
  for (const { atS, bundles } of items) {
    for (const { from, madeAtS } of bundles) {
      if (from === null || madeAtS === null) continue;
      lags.set(from, [...(lags.get(from) ?? []), Math.max(atS - madeAtS, 0)]);
    }
  }
  if (lags.size === 0) return [];
  const width = [...lags.keys()].reduce((widest, { length }) => Math.max(widest, length), 0);
  return [
    line(),
    line(strong('How old the news of each peer was when it came')),
    ...[...lags].sort().map(([name, all]) => {
      const shown = all.slice(-lagsShownMax);
      const most = shown.reduce((max, lag) => Math.max(max, lag), 1);
      const row = shown.map((lag) => steps[Math.round((lag / most) * (steps.length - 1))] ?? '').join('');
      const last = `${duration(shown.at(-1) ?? 0)} at last, ${duration(most)} at the most`;
      return line(`${name.padEnd(width)}  ${row}  `, faint(`${last}, ${counted(all.length, 'bundle')}`));
    }),
  ];
}
