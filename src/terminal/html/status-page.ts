import type { StatusReport } from '../../check/reports/check-report-types.js';
import { commandText } from '../../failure.js';
import { bytes } from '../../mail/size-for-people.js';
import { visible } from '../format/escape-control-characters.js';
import { counted, grouped } from '../format/format-amounts.js';
import { dateTime, duration } from '../format/format-times.js';
import { type Block, isCommands, isLedger, isTable } from '../format/line-or-table.js';
import { plainText } from '../format/styled-line.js';
import { exchangedBytes, newsAges } from '../output/log-figures.js';
import { type LogItem, type LogRecord, logItem } from '../output/summarise-log-entry.js';
import type { View } from '../output/view-options-and-names.js';
import { glanceBlocks } from '../text/read-only/glance-text.js';
import { mailboxTable } from '../text/read-only/status-text.js';
import { selfContainedPage } from './self-contained-page.js';
import type { StatusChart, StatusPageData } from './status-page-data.js';

/** What runs in the browser: a file beside this one. The package has it with all that it imports in it. */
const scriptUrl = new URL('./status-page-script.js', import.meta.url);

/** Exchanges, and bundles of a peer, that are drawn; the newest of more. */
const barsMax = 200;

/**
 * An account as one page for a browser: where things stand, mail and bytes of each exchange, how old the news of each
 * peer was when it came, and the mailboxes. `records`: the log, oldest first.
 */
export function statusPage(report: StatusReport, records: readonly LogRecord[], view: View): string {
  const data = statusPageData(report, records, view);
  return selfContainedPage(data.title, data, scriptUrl);
}

function statusPageData(report: StatusReport, records: readonly LogRecord[], view: View): StatusPageData {
  const items = records.map(logItem).filter(({ what }) => what === 'import' || what === 'export');
  const present = report.mailboxes.filter((mailbox) => mailbox.present);
  const { columns, rows } = mailboxTable(present, view);
  return {
    title: visible(`mrepl: ${report.account} on ${report.host.name}, ${dateTime(view.nowS)}`),
    glance: glanceBlocks(report, view).flatMap(glanceLine),
    charts: [...exchangeCharts(items.slice(-barsMax)), ...ageCharts(items)],
    mailboxes: {
      heads: columns.map(({ title }) =>
        title.startsWith('UID') ? title : title.slice(0, 1) + title.slice(1).toLowerCase(),
      ),
      rows: rows.map((cells) => cells.map(visible)),
    },
  };
}

function glanceLine(block: Block): StatusPageData['glance'][number][] {
  if (isTable(block) || isLedger(block)) return [];
  if (isCommands(block)) {
    return block.commands.map(({ words }) => ({ text: visible(commandText({ words })), isCommand: true }));
  }
  const text = visible(plainText(block)).trim();
  return text === '' ? [] : [{ text, isCommand: false }];
}

function exchangeCharts(items: readonly LogItem[]): StatusChart[] {
  const mail = items.map(({ texts }) => texts);
  const sizes = items.map(exchangedBytes);
  const chart = (title: string, values: readonly number[], shown: (value: number) => string): StatusChart => {
    const most = values.reduce((max, value) => Math.max(max, value), 1);
    return {
      title,
      note: `${counted(items.length, 'run')}; at most ${shown(most)}`,
      heads: ['When', 'Way', 'Messages', 'Bytes'],
      bars: items.map((item, index) => ({
        height: (values[index] ?? 0) / most,
        way: item.what === 'import' ? 'in' : 'out',
        cells: [
          dateTime(item.atS),
          item.what === 'import' ? 'in' : 'out',
          grouped(item.texts),
          sizes[index] === 0 ? '-' : bytes(sizes[index] ?? 0),
        ],
      })),
    };
  };
  if (items.length === 0) return [];
  return [
    chart('Messages of each run', mail, (most) => counted(most, 'message')),
    chart('Bytes of each run', sizes, bytes),
  ];
}

function ageCharts(items: readonly LogItem[]): StatusChart[] {
  return newsAges(items).map(({ peer, news }): StatusChart => {
    const shown = news.slice(-barsMax);
    const most = shown.reduce((max, { ageS }) => Math.max(max, ageS), 1);
    const last = shown.at(-1)?.ageS ?? 0;
    return {
      title: visible(`How old the news of ${peer} was when it came`),
      note: `${counted(news.length, 'bundle')}; ${duration(last)} at last, ${duration(most)} at the most`,
      heads: ['Came', 'Age'],
      bars: shown.map(({ atS, ageS }) => ({
        height: ageS / most,
        way: 'in',
        cells: [dateTime(atS), duration(ageS)],
      })),
    };
  });
}
