import type { Environment } from './context.js';

/** How often the examples run, in minutes. */
const everyMinutes = 15;

/**
 * A crontab line and a systemd timer that work as they stand: programs by their absolute names, as cron's PATH is short, and the
 * places where desktops mount sticks, as patterns that mrepl expands itself.
 */
export function cronHelp({ program, userName }: Pick<Environment, 'program' | 'userName'>): string {
  const sticks = [`/media/${userName}/*`, `/run/media/${userName}/*`];
  const command = [...program, 'sync', '--quiet', '--if-present', ...sticks];
  const cron = command.map(shellWord).join(' ').replaceAll('%', '\\%');
  const unit = command.map(unitWord).join(' ');
  return `A run that finds no stick ends at once with status 0; one that finds nothing new
says nothing. Whatever goes wrong is printed, so that cron mails it. The patterns
stand for sticks that hold bundles already: take a new stick up by hand first,
with "mrepl sync DIR". Put any other directory in their place.

crontab (enter it with "crontab -e"):

*/${everyMinutes} * * * * ${cron}

systemd, ~/.config/systemd/user/mrepl.service:

[Unit]
Description=Exchange mail with other hosts by way of a stick

[Service]
Type=oneshot
ExecStart=${unit}
# Another run was still going: the next one does the work.
SuccessExitStatus=75

systemd, ~/.config/systemd/user/mrepl.timer:

[Unit]
Description=Exchange mail every ${everyMinutes} minutes

[Timer]
OnCalendar=*:0/${everyMinutes}
Persistent=true

[Install]
WantedBy=timers.target

Then:

systemctl --user daemon-reload
systemctl --user enable --now mrepl.timer
journalctl --user -u mrepl`;
}

function shellWord(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** systemd.service(5), "Command lines": C-style quotes; `%` and `$` are doubled. */
function unitWord(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@+=:,./*%$-]+$/.test(word) ? literal : `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
