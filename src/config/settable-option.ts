import { deleteLimitOf } from '../replica/delete-limit.js';
import { bytesOf } from './parse-size.js';

/** What an option may be set to. */
export type OptionValue = boolean | string | readonly string[];

/** An option of the command line that the configuration file can set. */
export type SettableOption = {
  /**
   * The command whose table it stands in; null where it stands at the top, as options of all commands and of runs do.
   */
  readonly command: string | null;
  /** Whether it also holds for this command where it stands at the top, or in the environment. */
  readonly atTop: boolean;
  /** Its long name without the dashes, and without `no-`. */
  readonly key: string;
  readonly takes: 'flag' | 'text' | 'list';
  /** The only values it has, where they are few. */
  readonly choices: readonly string[] | null;
  /** What it is where nobody sets it; null for nothing. */
  readonly otherwise: OptionValue | null;
};

/** One key, however it is written: `delete-max`, `delete_max` and `deleteMax`, as the JSON files of before have it. */
export function foldedKey(key: string): string {
  return key.replace(/[-_]/g, '').toLowerCase();
}

/** What a text must be, by the key of the option; those that are not here take any text, or say it themselves. */
const shapes: Readonly<Record<string, { readonly isOne: (text: string) => boolean; readonly must: string }>> = {
  'delete-max': {
    isOne: (text) => deleteLimitOf(text) !== null,
    must: 'a number of messages or a share of them, such as 100 or "5%"',
  },
  'max-size': { isOne: (text) => bytesOf(text) !== null, must: 'a number of bytes, such as "500M" or "2G"' },
};

/** What the option must be where this text is none of its values; null where it is one. */
export function whyNotText({ key, choices }: Pick<SettableOption, 'key' | 'choices'>, text: string): string | null {
  if (choices !== null && !choices.includes(text)) return `one of ${choices.map((each) => `"${each}"`).join(', ')}`;
  const shape = shapes[key];
  return shape === undefined || shape.isOne(text) ? null : shape.must;
}
