import { isAbsolute } from 'node:path';
import type { Config } from '../../config/load-config.js';
import type { Finding } from '../reports/doctor-finding.js';

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
