import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { Config } from '../../config/load-config.js';
import { optionValue } from '../../config/parse-config-file.js';
import type { OptionValue, SettableOption } from '../../config/settable-option.js';
import { describeOrigin, type Origin } from '../../config/setting-with-origin.js';
import { Failure } from '../../failure.js';
import { isRepeatable, type RawOptions } from './common-options.js';

/** Settings of their own have these names: see `config/typed-settings`. */
const withOwnSettings: ReadonlySet<string> = new Set(['account', 'config', 'version', 'help']);

/** The commands whose options may stand at the top of the file, each for all of them. */
const runs: ReadonlySet<string> = new Set(['export', 'import', 'sync']);

/** How a variable of the environment says yes and no. */
const flagWords: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'true', 'yes', 'on'].map((word) => [word, true] as const),
  ...['0', 'false', 'no', 'off'].map((word) => [word, false] as const),
]);

type World = { readonly config: Config; readonly env: Readonly<Record<string, string | undefined>> };

/** Every option of the command line that a file can set: at the top, or in the table of a command. */
export function settableOptions(program: Command): SettableOption[] {
  const common = program.options.filter(isSettable);
  const ofRuns = program.commands.filter((command) => runs.has(command.name())).flatMap(ownOptions);
  const top = new Map([...common, ...ofRuns].map((option) => [keyOf(option), option] as const));
  return [
    ...[...top.values()].map((option) => {
      // What has a yes and a no, such as --color and --no-color, is neither where nobody says one.
      const isTwoSided = program.options.filter((each) => isSettable(each) && keyOf(each) === keyOf(option)).length > 1;
      const described = describe(option, { command: null, atTop: true });
      return isTwoSided ? { ...described, otherwise: null } : described;
    }),
    ...program.commands.flatMap((command) => [
      ...ownOptions(command).map((option) => describe(option, placeOf(command))),
      ...common.map((option) => describe(option, { command: command.name(), atTop: true })),
    ]),
  ];
}

type OptionPlace = Pick<SettableOption, 'command' | 'atTop'>;

function placeOf(command: Command): OptionPlace {
  return { command: command.name(), atTop: runs.has(command.name()) };
}

function ownOptions(command: Command): Option[] {
  return command.options.filter(isSettable);
}

function isSettable(option: Option): boolean {
  return !option.hidden && !withOwnSettings.has(keyOf(option));
}

function keyOf({ long }: Option): string {
  return (long ?? '').replace(/^--(?:no-)?/, '');
}

function describe(option: Option, place: OptionPlace): SettableOption {
  const isFlag = !option.required && !option.optional;
  const takes = isFlag ? 'flag' : isRepeatable(option) ? 'list' : 'text';
  return { ...place, key: keyOf(option), takes, choices: option.argChoices ?? null, otherwise: valueByDefault(option) };
}

function valueByDefault({ required, optional, negate, defaultValue }: Option): OptionValue | null {
  if (typeof defaultValue === 'boolean' || typeof defaultValue === 'string') return defaultValue;
  if (typeof defaultValue === 'number') return String(defaultValue);
  if (Array.isArray(defaultValue)) return defaultValue.map(String);
  return required || optional ? null : negate;
}

/** Commands that do nothing but show something: who wants quiet runs does not mean these. */
const showingCommands: ReadonlySet<string> = new Set(['config', 'inspect', 'log', 'peers', 'status', 'support']);

/**
 * What an option is set to, other than on the command line: by the environment, in the table of its command, or at the
 * top of the file, where `quiet` is not for commands that only show something. Null where nobody sets it. Throws
 * `config` for a variable that cannot be meant.
 */
export function settingOf(
  option: SettableOption,
  { config, env }: World,
): { readonly value: OptionValue; readonly from: Origin } | null {
  const name = `MREPL_${option.key.toUpperCase().replaceAll('-', '_')}`;
  const isForOthers = option.key === 'quiet' && showingCommands.has(option.command ?? '');
  const takesTop = option.atTop && !isForOthers;
  const text = takesTop ? env[name] : undefined;
  if (text) {
    const read = optionValue(option, option.takes === 'flag' ? flagWords.get(text.toLowerCase()) : text);
    if ('value' in read) return { value: read.value, from: { kind: 'environment', name } };
    throw new Failure('config', `${name} must be ${read.must}, not "${text}"`, {
      hint: 'Correct it, or leave it out.',
    });
  }
  const inTable = (table: string | null): Config['options'][number] | undefined =>
    config.options.find((each) => each.command === table && each.key === option.key);
  const set = inTable(option.command) ?? (takesTop ? inTable(null) : undefined);
  if (set === undefined) return null;
  return { value: set.value, from: { kind: 'file', file: config.file.value, key: set.written } };
}

/**
 * The options of a command line, with what the environment and the file set where it is silent. Throws `config` for a
 * value that cannot be meant.
 */
export function withSettings(command: Command, world: World): RawOptions {
  const raw: Record<string, unknown> = { ...command.optsWithGlobals() };
  const isGiven = (name: string): boolean =>
    !['default', undefined].includes(command.getOptionValueSourceWithGlobals(name));
  for (const { option, settable } of optionsOf(command)) {
    const name = option.attributeName();
    if (isGiven(name) || conflictsOf(option).some(isGiven)) continue;
    const set = settingOf(settable, world);
    if (set !== null) raw[name] = parsed(option, set);
  }
  return raw;
}

function optionsOf(command: Command): { readonly option: Option; readonly settable: SettableOption }[] {
  const lines = lineageOf(command);
  const [program, first] = lines;
  if (program === undefined) return [];
  const common = { command: first?.name() ?? null, atTop: true };
  return [
    ...program.options.filter(isSettable).map((option) => ({ option, settable: describe(option, common) })),
    ...lines
      .slice(1)
      .flatMap((each) =>
        ownOptions(each).map((option) => ({ option, settable: describe(option, placeOf(first ?? each)) })),
      ),
  ];
}

/** The program, its command, and what lies below that, down to `command`. */
function lineageOf(command: Command): Command[] {
  return command.parent === null ? [command] : [...lineageOf(command.parent), command];
}

/** The names of options that contradict this one, either way. */
function conflictsOf(option: Option): readonly string[] {
  const named: unknown = Reflect.get(option, 'conflictsWith');
  const own = Array.isArray(named) ? named.map(String) : [];
  return option.attributeName() === 'verbose' ? [...own, 'quiet'] : own;
}

/** As the command line would have read it. Throws `config`. */
function parsed(option: Option, { value, from }: { readonly value: OptionValue; readonly from: Origin }): unknown {
  if (typeof value !== 'string' || option.parseArg === undefined) return value;
  try {
    return option.parseArg(value, undefined);
  } catch (cause) {
    if (!(cause instanceof InvalidArgumentError)) throw cause;
    throw new Failure('config', `${describeOrigin(from)} cannot be "${value}": ${cause.message}`, {
      hint: 'Correct it, or leave it out.',
      cause,
    });
  }
}
