import { listed, quoted } from '../format/format-amounts.js';
import { faint, type Line, line } from '../format/styled-line.js';
import type { ScheduleReport } from '../output/schedule-report-type.js';

/** What was put in place or taken away, and how that is undone. */
export function scheduleLines(report: ScheduleReport): Line[] {
  const { done, directory, files, kept, why, toType } = report;
  const names = files.length === 0 ? 'nothing of mrepl' : listed(files);
  const where = `${quoted(directory)}: ${names}`;
  const untold =
    why === null
      ? []
      : [line(`systemd was not told: ${why}`), ...(toType === null ? [] : [line('To do it:   ', toType)])];
  if (done === 'removed') {
    const left = kept.map((name) => line(`${name} is left: it is not as mrepl has written it`));
    return [
      line(files.length === 0 ? `Nothing is there of mrepl in ${quoted(directory)}` : `removed from ${where}`),
      ...left,
      ...untold,
    ];
  }
  return [
    line(`installed in ${where}`),
    ...kept.map((name) => line(`what was there before is kept as ${name}`)),
    ...untold,
    ...(why === null
      ? [line('Mail is exchanged every 15 minutes, and when a stick is plugged in, while you are logged in.')]
      : []),
    line(faint('To see it:   systemctl --user list-timers mrepl.timer; journalctl --user -u mrepl')),
    line(faint('Also while nobody is logged in:   loginctl enable-linger')),
    line(faint('To undo it:   mrepl cron --remove')),
  ];
}
