import { commandText } from '../../failure.js';
import type { Block } from '../format/line-or-table.js';
import { line } from '../format/styled-line.js';
import { commands } from '../format/typed-commands.js';
import type { View } from '../output/view-options-and-names.js';

/**
 * Behind a dry run: `said`, and the command that does it, on a line of its own. Nothing where further reports of the
 * same command follow.
 */
export function applyBlocks({ command, isLast }: View, said: string): Block[] {
  if (!isLast) return [];
  return [line(`${said} To do it:`), commands(commandText({ words: ['mrepl', ...command] }))];
}
