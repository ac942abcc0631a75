import { parse, TomlError } from 'smol-toml';
import { Failure } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import { readUntrusted } from '../fs/open-untrusted-file.js';
import { nearestWord } from './nearest-word.js';
import { foldedKey, type OptionValue, type SettableOption, whyNotText } from './settable-option.js';
import { type TypedSettings, typedKeys, WrongValue, withSetting } from './typed-settings.js';

/** Bytes of a configuration file, inclusive: a thousand times what one takes. */
const fileBytesMax = 1 << 20;

/** An option that the file sets, with the key as it is written there (`sync.max-size`). */
export type FileOption = {
  /** The command in whose table it stands; null at the top. */
  readonly command: string | null;
  readonly key: string;
  readonly written: string;
  readonly value: OptionValue;
};

/** Something in the file that is not understood and was passed over. */
export type ConfigWarning = { readonly file: string; readonly key: string; readonly message: string };

/** What a configuration file says. */
export type ConfigFile = {
  readonly settings: TypedSettings;
  readonly options: readonly FileOption[];
  readonly warnings: readonly ConfigWarning[];
};

/** Which file is read, what `~/` stands for there, and what it may set beside the settings. */
type ConfigSource = {
  readonly file: string;
  readonly home: string;
  readonly settable: readonly SettableOption[];
};

/**
 * Reads and checks a configuration file. Null where there is none. Throws `config` naming the file and the key for
 * anything that cannot be meant; keys nobody knows are warnings, so that a file may serve an older mrepl as well.
 */
export function readConfigFile(source: ConfigSource): ConfigFile | null {
  const text = readConfigText(source.file);
  return text === null ? null : parseConfig(text, source);
}

/** The text of a configuration file, null where there is none. Throws `config`. */
export function readConfigText(file: string): string | null {
  try {
    return ifPresent(() => readUntrusted(file, { links: 'follow', bytesMax: fileBytesMax }))?.toString('utf8') ?? null;
  } catch (cause) {
    throw wrong(file, `cannot be read: ${(cause as Error).message}`, cause);
  }
}

/**
 * As `readConfigFile`, of a text: TOML, or a JSON object, as configuration files were once; no TOML begins with a
 * brace.
 */
export function parseConfig(text: string, source: ConfigSource): ConfigFile {
  const reading: Reading = { source, settings: {}, options: [], warnings: [], seen: new Map() };
  for (const [key, value] of Object.entries(recordIn(text, source.file))) readTop(reading, key, value);
  const { settings, options, warnings } = reading;
  return { settings, options, warnings };
}

/** The keys and values of a file. Throws `config` where it is neither TOML nor a JSON object. */
export function recordIn(text: string, file: string): Readonly<Record<string, unknown>> {
  const bare = text.replace(/^\ufeff/, '');
  const isJson = file.endsWith('.json') || bare.trimStart().startsWith('{');
  try {
    const parsed: unknown = isJson ? JSON.parse(bare) : parse(bare);
    if (isRecord(parsed)) return parsed;
  } catch (cause) {
    if (isJson) throw wrong(file, `is not JSON: ${(cause as Error).message}`, cause);
    throw wrong(file, `is not TOML: ${tomlComplaint(cause)}`, cause);
  }
  throw wrong(file, 'is not a JSON object');
}

/** The first line of what the parser says, and where: it quotes the file below that. */
function tomlComplaint(cause: unknown): string {
  const [first = ''] = (cause as Error).message.split('\n');
  const what = first.replace(/^Invalid TOML document: /, '');
  return cause instanceof TomlError ? `line ${cause.line}, column ${cause.column}: ${what}` : what;
}

type Reading = {
  readonly source: ConfigSource;
  settings: TypedSettings;
  readonly options: FileOption[];
  readonly warnings: ConfigWarning[];
  /** By folded keys with their tables: how each was written. */
  readonly seen: Map<string, string>;
};

function readTop(reading: Reading, key: string, value: unknown): void {
  const { source } = reading;
  const commands = [...new Set(source.settable.flatMap(({ command }) => (command === null ? [] : [command])))];
  if (isRecord(value)) {
    if (commands.includes(key)) {
      for (const [inner, each] of Object.entries(value)) readOption(reading, { table: key, key: inner, value: each });
    } else passOver(reading, key, { what: 'is no command with options', near: suggested(key, commands) });
    return;
  }
  const typed = (Object.keys(typedKeys) as (keyof TypedSettings)[]).find((name) => foldedKey(name) === foldedKey(key));
  if (typed === undefined) {
    readOption(reading, { table: null, key, value });
    return;
  }
  onlyOnce(reading, key, key);
  try {
    reading.settings = withSetting(reading.settings, [typed, value], source.home);
  } catch (cause) {
    if (!(cause instanceof WrongValue)) throw cause;
    throw wrong(source.file, `"${key}" ${cause.message}`, cause);
  }
}

function readOption(
  reading: Reading,
  { table, key, value }: { readonly table: string | null; readonly key: string; readonly value: unknown },
): void {
  const { settable, file } = reading.source;
  const written = table === null ? key : `${table}.${key}`;
  const isMeant = (option: SettableOption): boolean =>
    option.command === table && foldedKey(option.key) === foldedKey(key);
  const option = settable.find(isMeant);
  if (option === undefined) {
    passOver(reading, written, { what: 'is no setting of this mrepl', near: placeOrName(settable, table, key) });
    return;
  }
  onlyOnce(reading, written, written);
  const read = optionValue(option, value);
  if ('must' in read) throw wrong(file, `"${written}" must be ${read.must}`);
  reading.options.push({ command: table, key: option.key, written, value: read.value });
}

/** The value of an option as a file or a variable gives it, or what it must be. */
export function optionValue(
  option: SettableOption,
  value: unknown,
): { readonly value: OptionValue } | { readonly must: string } {
  switch (option.takes) {
    case 'flag':
      return typeof value === 'boolean' ? { value } : { must: 'true or false' };
    case 'text': {
      const text = typeof value === 'number' ? String(value) : value;
      if (typeof text !== 'string') return { must: whyNotText(option, '') ?? 'a text' };
      const must = whyNotText(option, text);
      return must === null ? { value: text } : { must };
    }
    case 'list': {
      const list: unknown = typeof value === 'string' ? [value] : value;
      const isText = (each: unknown): each is string => typeof each === 'string';
      return Array.isArray(list) && list.every(isText) ? { value: list } : { must: 'a text, or a list of texts' };
    }
    default:
      return option.takes satisfies never;
  }
}

/** Where an option belongs that stands in the wrong place, or the key that is written most like one of that place. */
function placeOrName(settable: readonly SettableOption[], table: string | null, key: string): string | null {
  const keys = settable.filter(({ command }) => command === table).map((option) => option.key);
  const near = suggested(key, [...keys, ...(table === null ? Object.values(typedKeys) : [])]);
  if (near !== null) return near;
  const elsewhere = settable.find((option) => foldedKey(option.key) === foldedKey(key));
  if (elsewhere === undefined) return null;
  return elsewhere.command === null ? `put it above all tables` : `put it into a table [${elsewhere.command}]`;
}

function suggested(key: string, words: readonly string[]): string | null {
  const near = nearestWord(key, words);
  return near === null ? null : `did you mean "${near}"?`;
}

function passOver(
  { source: { file }, warnings }: Reading,
  key: string,
  { what, near }: { readonly what: string; readonly near: string | null },
): void {
  const message = `${file}: "${key}" ${what}, and is passed over${near === null ? '' : `: ${near}`}`;
  warnings.push({ file, key, message });
}

/** Two spellings of one key would contradict each other. Throws `config`. */
function onlyOnce({ source: { file }, seen }: Reading, key: string, written: string): void {
  const before = seen.get(foldedKey(key));
  if (before !== undefined) throw wrong(file, `"${before}" and "${written}" are the same setting`);
  seen.set(foldedKey(key), written);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Date);
}

function wrong(file: string, what: string, cause?: unknown): Failure {
  return new Failure('config', `the configuration file ${file} ${what.startsWith('"') ? `is wrong: ${what}` : what}`, {
    hint: 'Correct it, or name another with --config. `man mrepl` has every setting.',
    cause,
  });
}
