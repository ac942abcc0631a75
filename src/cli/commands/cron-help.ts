import { crontabLine, type Schedule, systemUnits, type UnitFile, userUnits } from './cron-schedule.js';

/** A crontab line and systemd units that work on this machine as they stand. */
export function cronHelp(schedule: Schedule): string {
  return `A run that finds no stick ends at once with status 0; one that finds nothing new
says nothing. What somebody has to do something about is printed, so that cron
mails it, and not again for a week while it stays the same. ${whereText(schedule)}
crontab (enter it with "crontab -e"):

${crontabLine(schedule)}

systemd, for you alone: "mrepl cron --install" puts these three into
~/.config/systemd/user and starts them, "mrepl cron --remove" undoes that.
They run while you are logged in; "loginctl enable-linger" has them run always.

${filesText('~/.config/systemd/user', userUnits(schedule))}
By hand:

systemctl --user daemon-reload
systemctl --user enable --now mrepl.timer mrepl.path
journalctl --user -u mrepl

systemd, for several users of this machine, by its administrator. Each has set
up mrepl for himself; a unit runs as the user behind the @, with all accounts
that he has, and takes what lies under /media/USER and /run/media/USER. node and
mrepl have to be where all of them may read.

${filesText('/etc/systemd/system', systemUnits(schedule))}
Then, for each user, here alice:

systemctl daemon-reload
systemctl enable --now mrepl@alice.timer mrepl@alice.path
journalctl -u mrepl@alice`;
}

function filesText(directory: string, files: readonly UnitFile[]): string {
  return files.map(({ name, text }) => `${directory}/${name}:\n\n${text}`).join('\n');
}

function whereText({ areConfigured, configFile, directories }: Schedule): string {
  if (!areConfigured) {
    return `The patterns
stand for sticks that hold bundles already: take a new stick up by hand first,
with "mrepl sync DIR". Put any other directory in their place.
`;
  }
  const list = directories.map((directory) => `  ${directory}\n`).join('');
  return `The directories are\nthose of ${configFile}:\n${list}`;
}
