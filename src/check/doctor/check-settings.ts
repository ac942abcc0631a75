import { isAbsolute } from 'node:path';
import type { Config } from '../../config/load-config.js';
import type { Finding } from '../reports/doctor-finding.js';

/** Options that lift a safeguard, with what that means where the file sets them. */
const standingConsents: ReadonlyMap<string, string> = new Map([
  ['allow-expunge', 'nothing stops a run that expunges most of the mail'],
  ['new-medium', 'no directory is asked about before bundles are written to it'],
  ['plain', 'bundles are not sealed, and whoever has one can read it'],
  ['yes', 'nothing is asked, and every new card is taken up'],
]);

const directoryVariables = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME'] as const;

/** Settings that were passed over, in the configuration file and in the environment. */
export function checkSettings(config: Config, env: Readonly<Record<string, string | undefined>>): Finding[] {
  const findings: Finding[] = config.warnings.map(({ file, key, message }) => ({
    code: 'settings',
    weight: 'fault',
    where: file,
    what: message,
    remedy: `Correct or remove "${key}": man mrepl has every setting.`,
  }));
  for (const { key, written, value } of config.options) {
    const consent = standingConsents.get(key);
    if (consent === undefined || value !== true) continue;
    findings.push({
      code: 'settings',
      weight: 'notice',
      where: config.file.value,
      what: `"${written}" is set for every run: ${consent}`,
      remedy: `Where that is not meant, remove "${written}" and give --${key} when it is needed.`,
    });
  }
  for (const name of directoryVariables) {
    const value = env[name];
    if (value === undefined || value === '' || isAbsolute(value)) continue;
    findings.push({
      code: 'settings',
      weight: 'fault',
      where: name,
      what: `${name} is passed over, as ${value} is no absolute path`,
      remedy: `Set ${name} to an absolute path, or not at all.`,
    });
  }
  return findings;
}
