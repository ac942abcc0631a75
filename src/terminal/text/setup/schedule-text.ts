import { listed, quoted } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';
import type { ScheduleReport } from '../../output/schedule-report-type.js';

/** What was put in place or taken away, and how that is undone. */
export function scheduleBlocks(report: ScheduleReport): Block[] {
  const { done, directory, files, kept, why, toType } = report;
  const where = `${quoted(directory)}: ${listed(files)}`;
  const untold =
    why === null
      ? []
      : [line(`systemd was not told: ${why}. To tell it:`), ...toType.map((command) => commands(command))];
  if (done === 'removed') {
    const left = kept.map((name) => line(`${name} is left: it is not as mrepl has written it`));
    const removed = files.length === 0 ? `nothing is there of mrepl in ${quoted(directory)}` : `removed from ${where}`;
    return [line(removed), ...left, ...untold];
  }
  const running = 'Mail is exchanged every 15 minutes, and when a stick is plugged in, while you are logged in.';
  return [
    line(`installed in ${where}`),
    ...kept.map((name) => line(`what was there before is kept as ${name}`)),
    ...untold,
    ...(why === null ? [line(running)] : []),
    line('Of use later:'),
    commands(
      ['systemctl --user list-timers mrepl.timer', 'when it runs next'],
      ['journalctl --user -u mrepl', 'what it said'],
      ['loginctl enable-linger', 'also while you are not logged in'],
      ['mrepl cron --remove', 'undoes this'],
    ),
  ];
}
