import type { Argument, Command, Option } from 'commander';
import { commonOptionList } from '../options/common-options.js';
import { topicNames } from './help.js';

/** What the hidden command behind completion can list: names that only the catalog, or a stick, knows. */
export const nameKinds = ['accounts', 'hosts', 'mailboxes', 'bundles', 'bundles-to-restore'] as const;

/** One of the lists that a shell may ask for. */
export type NameKind = (typeof nameKinds)[number];

/** What may stand in a place of the command line, in one line: `files`, `names hosts`, `words full append`. */
export type Place = 'files' | 'directories' | 'nothing' | `names ${NameKind}` | `words ${string}`;

/** Something to type, with its explanation. */
type Choice = { readonly word: string; readonly about: string };

/** A command, or one below it (`peers limit`), as completion scripts need it. */
export type CommandGrammar = {
  /** Empty for the program itself. */
  readonly path: string;
  readonly commands: readonly Choice[];
  readonly options: readonly Choice[];
  /** The options that take a value, by every spelling. */
  readonly values: readonly { readonly spellings: readonly string[]; readonly place: Place }[];
  readonly arguments: readonly { readonly place: Place; readonly repeats: boolean }[];
};

/** The places of arguments by their names, where those have no choices of their own. */
const argumentPlaces: Readonly<Record<string, Place>> = {
  dir: 'directories',
  'dir|file': 'names bundles',
  'dir|card': 'files',
  file: 'names bundles',
  store: 'directories',
  peer: 'names hosts',
};

/** The places of values by the options' long names, where those have no choices of their own. */
const valuePlaces: Readonly<Record<string, Place>> = {
  '--account': 'names accounts',
  '--config': 'files',
  '--output': 'files',
  '--mailbox': 'names mailboxes',
  '--bundle': 'names bundles-to-restore',
};

/** The whole command line, the program itself first; hidden commands and options are left out. */
export function grammarOf(program: Command): CommandGrammar[] {
  return describe(program, '');
}

function describe(command: Command, path: string): CommandGrammar[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((one) => command.commands.includes(one));
  const own = help.visibleOptions(command);
  const options = [...own, ...commonOptionList().filter(({ long }) => own.every((one) => one.long !== long))];
  const grammar: CommandGrammar = {
    path,
    commands: commands.map((one) => ({ word: one.name(), about: one.summary() || one.description() })),
    options: options.flatMap((option) =>
      spellingsOf(option).map((word) => ({ word, about: firstLine(option.description) })),
    ),
    values: options
      .filter(({ required, optional }) => required || optional)
      .map((option) => ({ spellings: spellingsOf(option), place: placeOfValue(option) })),
    arguments: command.registeredArguments.map((argument) => ({
      place: placeOfArgument(argument, path, commandNames(command)),
      repeats: argument.variadic,
    })),
  };
  return [grammar, ...commands.flatMap((one) => describe(one, path === '' ? one.name() : `${path} ${one.name()}`))];
}

function spellingsOf({ short, long }: Option): string[] {
  return [short, long].filter((spelling) => spelling !== undefined && spelling !== null);
}

function placeOfValue({ argChoices, long }: Option): Place {
  return argChoices === undefined ? (valuePlaces[long ?? ''] ?? 'nothing') : `words ${argChoices.join(' ')}`;
}

function placeOfArgument(argument: Argument, path: string, siblings: readonly string[]): Place {
  const { argChoices } = argument;
  if (argChoices !== undefined) return `words ${argChoices.join(' ')}`;
  if (path === 'help') return `words ${[...siblings, ...topicNames].join(' ')}`;
  return argumentPlaces[argument.name()] ?? 'nothing';
}

function commandNames({ parent }: Command): string[] {
  return parent === null ? [] : parent.commands.map((one) => one.name());
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
