import { isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import type { Setting } from './setting-with-origin.js';

/** The world outside, as far as the configuration depends on it. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Asked for only where a path is relative: it may be gone. */
  readonly cwd: string;
};

/** The name of configuration files in JSON, as they were once, beside that of today. */
export const formerConfigName = 'config.json';

/** The configuration file: `--config`, MREPL_CONFIG, or where the XDG Base Directory Specification has it. */
export function configFileOf(surroundings: Surroundings, option: string | null): Setting<string> {
  const { env, home } = surroundings;
  const absolute = (path: string): string => (isAbsolute(path) ? resolve(path) : resolve(surroundings.cwd, path));
  if (option !== null) {
    if (option === '') throw new Failure('usage', '--config needs the name of a file');
    return { value: absolute(option), from: { kind: 'option', name: '--config' } };
  }
  if (env.MREPL_CONFIG) {
    return { value: absolute(env.MREPL_CONFIG), from: { kind: 'environment', name: 'MREPL_CONFIG' } };
  }
  const { value, from } = baseDirectory(env, 'XDG_CONFIG_HOME', join(home, '.config'));
  return { value: join(value, 'mrepl', 'config.toml'), from };
}

/** The directory that has a directory for each account. */
export function dataDirectoryOf({ env, home }: Surroundings): Setting<string> {
  const { value, from } = baseDirectory(env, 'XDG_DATA_HOME', join(home, '.local', 'share'));
  return { value: join(value, 'mrepl'), from };
}

/** A variable of the XDG Base Directory Specification, which has relative paths ignored, or what stands in for it. */
function baseDirectory(env: Surroundings['env'], name: string, otherwise: string): Setting<string> {
  const value = env[name];
  if (value !== undefined && isAbsolute(value)) return { value, from: { kind: 'environment', name } };
  return { value: otherwise, from: { kind: 'default' } };
}
