import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'smol-toml';
import { replaceFile } from '../fs/durable-write.js';
import { errnoOf, ifPresent } from '../fs/errno.js';
import { formerConfigName } from './config-paths.js';
import { parseConfig, readConfigText, recordIn } from './parse-config-file.js';
import { foldedKey, type SettableOption } from './settable-option.js';
import { typedKeys } from './typed-settings.js';

const heading =
  '# Settings of mrepl, converted from config.json. "mrepl config" shows which hold, "man mrepl" every setting.\n\n';

/** What became of a JSON file beside the place of today's: its path where settings are still read from it, or were. */
export type TurnedOver = { readonly from: string; readonly kept: string } | { readonly stillAt: string };

/**
 * Writes what the JSON file of before says, where there is one and `file` is not there, to `file`, and keeps it under
 * `.old`. Where nothing can be written it stays what is read. Null where there was nothing to do. Throws `config` for a
 * file that is wrong.
 */
export function turnOverJsonConfig(
  file: string,
  { home, settable }: { readonly home: string; readonly settable: readonly SettableOption[] },
): TurnedOver | null {
  const former = join(dirname(file), formerConfigName);
  const text = readConfigText(former);
  if (text === null) return null;
  parseConfig(text, { file: former, home, settable }); // what cannot be meant stays where it is, to be corrected
  const kept = `${former}.old`;
  const entries = Object.entries(recordIn(text, former)).filter(([, value]) => value !== null);
  try {
    replaceFile(file, heading + stringify(Object.fromEntries(entries.map(renamed))), {
      fileMode: 0o600,
      dirMode: 0o700,
    });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { stillAt: former }; // the directory may not be written to
  }
  ifPresent(() => renameSync(former, kept)); // another run may have been as quick
  return { from: former, kept };

  function renamed([key, value]: readonly [string, unknown]): [string, unknown] {
    const known = [...Object.values(typedKeys), ...settable.map((option) => option.key)];
    return [known.find((each) => foldedKey(each) === foldedKey(key)) ?? key, value];
  }
}
