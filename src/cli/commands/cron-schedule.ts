import { dirname, join } from 'node:path';
import { accountsIn } from '../../config/account-directories.js';
import type { Config } from '../../config/load-config.js';
import type { Environment } from '../context/command-context.js';
import { shellWord, unitText, unitWord } from '../options/quote-words.js';

/** How often the examples run, in minutes. */
const everyMinutes = 15;

/** A directory for a stick is made a moment before the stick is mounted there. Seconds. */
const mountSeconds = 3;

/** How units that mrepl has written begin. */
export const unitMark = '# Written by "mrepl cron".';

/** A file with its name and content. */
export type UnitFile = { readonly name: string; readonly text: string };

/** What runs by itself on this machine, and what it is given. */
export type Schedule = {
  readonly program: readonly string[];
  /** The words behind `sync`. */
  readonly args: readonly string[];
  /** Directories and patterns; those of the configuration file, or where desktops mount the sticks of this user. */
  readonly directories: readonly string[];
  readonly areConfigured: boolean;
  readonly configFile: string;
  /** Where files are, as cron and systemd know nothing of this shell. */
  readonly variables: readonly (readonly [name: string, value: string])[];
};

/**
 * Programs by their absolute names, as cron's PATH is short; the account, the configuration and the catalogs that hold
 * here; the directories of the configuration file or, without any, the places where desktops mount sticks, as patterns
 * that mrepl expands itself. Throws `io` where the accounts of this host cannot be listed.
 */
export function scheduleFor(
  { program, userName, env }: Pick<Environment, 'program' | 'userName' | 'env'>,
  config: Config,
): Schedule {
  const configured = config.directories.value;
  const places = sticksOf(userName);
  return {
    program,
    args: [...optionsFor(config), '--quiet', '--if-present', ...(configured.length > 0 ? [] : places)],
    directories: configured.length > 0 ? configured : places,
    areConfigured: configured.length > 0,
    configFile: config.file.value,
    variables: variablesFor(config, env),
  };
}

/** Where desktops mount the sticks of a user. */
function sticksOf(userName: string): string[] {
  return [`/media/${userName}/*`, `/run/media/${userName}/*`];
}

/** What was chosen on the command line or in the environment; all accounts where there are several and none was. */
function optionsFor({ account, file, dataDirectory }: Config): string[] {
  const isChosen = ({ from }: Config['account'] | Config['file']): boolean =>
    from.kind === 'option' || (from.kind === 'environment' && from.name.startsWith('MREPL_'));
  const areSeveral = account.value === null && accountsIn(dataDirectory.value).length > 1;
  return [
    ...(isChosen(account) && account.value !== null ? ['--account', account.value] : []),
    ...(areSeveral ? ['--all-accounts'] : []),
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

/** A line for crontab(5). */
export function crontabLine({ program, args, variables }: Schedule): string {
  const assignments = variables.map(([name, value]) => `${name}=${shellWord(value)}`);
  const command = [...program, 'sync', ...args].map(shellWord);
  return `*/${everyMinutes} * * * * ${[...assignments, ...command].join(' ').replaceAll('%', '\\%')}`;
}

/** The units of this user: what runs, every quarter of an hour, and when a stick is plugged in. */
export function userUnits(schedule: Schedule): UnitFile[] {
  const { program, args, variables, directories } = schedule;
  const settings = variables.map(([name, value]) => `Environment=${unitText(`${name}=${value}`)}\n`).join('');
  const watched = [...new Set(directories.map(watchedPath))].map((path) => `PathChanged=${unitText(path)}\n`).join('');
  return [
    {
      name: 'mrepl.service',
      text: `${serviceHead('Exchange mail with other hosts by way of a stick')}${settings}${execution([...program, 'sync', ...args].map(unitWord))}`,
    },
    timer('mrepl.timer', `Exchange mail every ${everyMinutes} minutes`),
    { name: 'mrepl.path', text: pathUnit('Exchange mail when a stick is plugged in', watched) },
  ];
}

/** Units of the system, one template for all users: `mrepl@alice.service` runs as alice, with all her accounts. */
export function systemUnits({ program }: Schedule): UnitFile[] {
  const sticks = sticksOf('%i').map((pattern) => `"${pattern}"`);
  const command = [...[...program, 'sync', '--all-accounts', '--quiet', '--if-present'].map(unitWord), ...sticks];
  const watched = sticksOf('%i')
    .map((pattern) => `PathChanged=${dirname(pattern)}\n`)
    .join('');
  return [
    {
      name: 'mrepl@.service',
      text: `${serviceHead('Exchange the mail of %i by way of a stick')}User=%i\n${execution(command)}`,
    },
    timer('mrepl@.timer', `Exchange the mail of %i every ${everyMinutes} minutes`),
    { name: 'mrepl@.path', text: pathUnit('Exchange the mail of %i when a stick is plugged in', watched) },
  ];
}

function serviceHead(description: string): string {
  return `${unitMark}
[Unit]
Description=${description}
Documentation=man:mrepl(1)

[Service]
Type=oneshot
`;
}

function execution(command: readonly string[]): string {
  return `# A stick is mounted a moment after the directory for it was made.
ExecStartPre=sleep ${mountSeconds}
ExecStart=${command.join(' ')}
# Another run was still going: the next one does the work.
SuccessExitStatus=75
`;
}

function timer(name: string, description: string): UnitFile {
  const text = `${unitMark}
[Unit]
Description=${description}

[Timer]
OnCalendar=*:0/${everyMinutes}
Persistent=true

[Install]
WantedBy=timers.target
`;
  return { name, text };
}

function pathUnit(description: string, watched: string): string {
  return `${unitMark}
[Unit]
Description=${description}

[Path]
${watched}
[Install]
WantedBy=paths.target
`;
}

/** What changes when something comes: the directory above a pattern, or where bundles lie in a directory. */
function watchedPath(directory: string): string {
  const parts = directory.split('/');
  const wild = parts.findIndex((part) => /[*?[\]{}()!]/.test(part));
  if (wild > 0) return parts.slice(0, wild).join('/') || '/';
  return join(directory, 'mrepl');
}
