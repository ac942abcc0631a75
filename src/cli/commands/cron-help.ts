import type { Config } from '../../config/load-config.js';
import type { Environment } from '../context/command-context.js';

/** How often the examples run, in minutes. */
const everyMinutes = 15;

/**
 * A crontab line and a systemd timer that work as they stand: programs by their absolute names, as cron's PATH is
 * short; the account, the configuration and the catalogs that hold here, as cron knows nothing of this shell; the
 * directories of the configuration file or, without any, the places where desktops mount sticks, as patterns that mrepl
 * expands itself.
 */
export function cronHelp(
  { program, userName, env }: Pick<Environment, 'program' | 'userName' | 'env'>,
  config: Config,
): string {
  const configured = config.directories.value;
  const sticks = configured.length > 0 ? [] : [`/media/${userName}/*`, `/run/media/${userName}/*`];
  const command = [...program, 'sync', ...optionsFor(config), '--quiet', '--if-present', ...sticks];
  const variables = variablesFor(config, env);
  const assignments = variables.map(([name, value]) => `${name}=${shellWord(value)}`);
  const cron = [...assignments, ...command.map(shellWord)].join(' ').replaceAll('%', '\\%');
  const unit = command.map(unitWord).join(' ');
  const settings = variables.map(([name, value]) => `Environment=${unitText(`${name}=${value}`)}\n`).join('');
  const where =
    configured.length > 0
      ? `The directories are
those of ${config.file.value}:
${configured.map((directory) => `  ${directory}\n`).join('')}`
      : `The patterns
stand for sticks that hold bundles already: take a new stick up by hand first,
with "mrepl sync DIR". Put any other directory in their place.
`;
  return `A run that finds no stick ends at once with status 0; one that finds nothing new
says nothing. Whatever goes wrong is printed, so that cron mails it. ${where}
crontab (enter it with "crontab -e"):

*/${everyMinutes} * * * * ${cron}

systemd, ~/.config/systemd/user/mrepl.service:

[Unit]
Description=Exchange mail with other hosts by way of a stick

[Service]
Type=oneshot
${settings}ExecStart=${unit}
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

/** What was chosen on the command line or in the environment. */
function optionsFor({ account, file }: Config): string[] {
  const isChosen = ({ from }: Config['account'] | Config['file']): boolean =>
    from.kind === 'option' || (from.kind === 'environment' && from.name.startsWith('MREPL_'));
  return [
    ...(isChosen(account) && account.value !== null ? ['--account', account.value] : []),
    ...(isChosen(file) ? ['--config', file.value] : []),
  ];
}

/** The variables that say where files are; there are no options for them. */
function variablesFor({ dataDirectory, file }: Config, env: Environment['env']): [name: string, value: string][] {
  return [dataDirectory, file].flatMap(({ from }): [string, string][] => {
    if (from.kind !== 'environment' || !from.name.startsWith('XDG_')) return [];
    return [[from.name, env[from.name] ?? '']];
  });
}

/** A word as a POSIX shell has to be given it: in quotes where it holds more than harmless characters. */
export function shellWord(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** systemd.service(5), "Command lines": C-style quotes; `%` and `$` are doubled. */
function unitWord(word: string): string {
  return unitText(word.replaceAll('$', '$$$$'));
}

/** The same where `$` means nothing, as in `Environment=`. */
function unitText(text: string): string {
  const literal = text.replaceAll('%', '%%');
  return /^[\w@+=:,./*%$-]+$/.test(text) ? literal : `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
