import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { formerConfigName } from '../../config/config-paths.js';
import type { Config } from '../../config/load-config.js';
import type { Origin, Setting } from '../../config/setting-with-origin.js';
import { typedKeys } from '../../config/typed-settings.js';
import type { SettingShown, SettingsReport } from '../../terminal/output/settings-report-type.js';
import type { Environment, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { settableOptions, settingOf } from '../options/settings-of-options.js';

/** `mrepl config`: each setting, its value, and where it came from. Needs no account. */
export function addConfig(program: Command, run: Runner): void {
  program
    .command('config')
    .summary('the settings, and where each came from')
    .description(
      'Shows each setting, its value, and where it came from: the command line, the environment, the configuration\n' +
        'file, or what is built in. Changes nothing. The file is TOML; a setting is named like its option:\n' +
        'max-size = "700M" holds for every run, and in a table [export] for that command alone.',
    )
    .addHelpText(
      'after',
      `
Examples:
  $ mrepl config
  $ mrepl config --verbose            # also the options of each command
  $ mrepl config --json`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, async ({ output, environment, settings }) => {
        const { namesOfNobody } = await import('../context/names-for-reports.js');
        await output.report(settingsReport(program, await settings(), environment), namesOfNobody);
        return exitStatus.done;
      });
    });
}

function settingsReport(program: Command, config: Config, { env }: Pick<Environment, 'env'>): SettingsReport {
  const { file, fileThere } = config;
  const former = join(dirname(file.value), formerConfigName);
  const options = settableOptions(program).flatMap((option): SettingShown[] => {
    const { command, key, atTop, otherwise } = option;
    const set = settingOf(option, { config, env });
    const shown = shownOrigin(set?.from ?? { kind: 'default' });
    // What holds for several commands is said once, unless the table of one has it otherwise.
    if (command !== null && atTop && shown.origin?.startsWith(`${command}.`) !== true) return [];
    return [{ command, key, value: set?.value ?? otherwise, ...shown }];
  });
  return {
    kind: 'config',
    file: file.value,
    isThere: fileThere,
    dataDirectory: config.dataDirectory.value,
    passedOver: former !== file.value && existsSync(former) ? former : null,
    settings: [...typedSettings(config), ...options],
  };
}

function typedSettings(config: Config): SettingShown[] {
  const { account, waitMs, directories, trashBytesMax, doveadm, pairRight } = config;
  const waitSeconds = { ...waitMs, value: waitMs.value === null ? null : waitMs.value / 1000 };
  const shown = (key: string, { value, from }: Setting<SettingShown['value']>): SettingShown => ({
    ...{ command: null, key, value },
    ...shownOrigin(from),
  });
  return [
    shown(typedKeys.account, account),
    shown(typedKeys.directories, directories),
    shown(typedKeys.doveadm, doveadm),
    shown(typedKeys.pairRight, pairRight),
    shown(typedKeys.trashSize, trashBytesMax),
    shown(typedKeys.waitSeconds, waitSeconds),
  ];
}

function shownOrigin(from: Origin): Pick<SettingShown, 'from' | 'origin'> {
  switch (from.kind) {
    case 'option':
    case 'environment':
      return { from: from.kind, origin: from.name };
    case 'file':
      return { from: 'file', origin: from.key };
    case 'default':
      return { from: 'default', origin: null };
    default:
      return from satisfies never;
  }
}
