import { commandText } from '../../../failure.js';
import type { Block } from '../../format/line-or-table.js';
import { line } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';
import type { View } from '../../output/view-options-and-names.js';

/**
 * Behind a dry run: `said`, and the command that does it, on a line of its own; with `details`, also the one that shows
 * every message. Nothing where further reports of the same command follow.
 */
export function applyBlocks(
  { command, isLast }: View,
  said: string,
  { details }: { readonly details: boolean },
): Block[] {
  if (!isLast) return [];
  const typed = (words: readonly string[]): Block => commands(commandText({ words: ['mrepl', ...words] }));
  const byMessage = [line('Message by message:'), typed(insertedOptions(command, ['--dry-run', '--details']))];
  return [line(`${said} To do it:`), typed(command), ...(details ? byMessage : [])];
}

/** The words of a command with more options, which stand before what may be no option. */
function insertedOptions(command: readonly string[], options: readonly string[]): string[] {
  const end = command.indexOf('--');
  return end < 0 ? [...command, ...options] : [...command.slice(0, end), ...options, ...command.slice(end)];
}
