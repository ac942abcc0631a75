import { quoted } from '../../format/format-amounts.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import type { SettingShown, SettingsReport } from '../../output/settings-report-type.js';
import type { View } from '../../output/view-options-and-names.js';

/**
 * Each setting, its value and where it came from; those that hold for one command only where they are set, or with
 * --verbose.
 */
export function settingsBlocks(report: SettingsReport, { verbose, columns }: View): Block[] {
  const { file, isThere, passedOver, settings } = report;
  const shown = settings.filter(({ command, from }) => verbose || command === null || from !== 'default');
  return [
    line(isThere ? `settings of ${quoted(file)}` : `no configuration file; it would be ${quoted(file)}`),
    ...(passedOver === null ? [] : [line(`${quoted(passedOver)} is not read any more, as there is a newer file`)]),
    line(`catalogs and keys are in ${quoted(report.dataDirectory)}`),
    line(),
    {
      columns: [{ title: 'SETTING' }, { title: 'VALUE', gives: true }, { title: 'FROM' }],
      rows: shown.map((setting) => [nameOf(setting), valueText(setting.value), originText(setting)]),
      widthMax: columns,
    },
    ...(shown.length === settings.length
      ? []
      : [line(), line('The options of each command can be set, too: --verbose shows all of them.')]),
  ];
}

function nameOf({ command, key }: SettingShown): string {
  return command === null ? key : `${command}.${key}`;
}

/** As it would be written in the file, but for the quotes of a text. */
function valueText(value: SettingShown['value']): string {
  if (value === null) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function originText({ from, origin }: SettingShown): string {
  if (from === 'default' || origin === null) return 'built in';
  return from === 'file' ? 'the file' : origin;
}
