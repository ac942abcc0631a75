import { type Advice, commandText } from '../../../failure.js';
import type { Block } from '../../format/line-or-table.js';
import { line, type Span } from '../../format/styled-line.js';
import { commands } from '../../format/typed-commands.js';

/** A hint or a remedy under its label: sentences, and each command to be typed on a line of its own. */
export function labelledText(label: Span, text: Advice | string): Block[] {
  if (typeof text === 'string') return [line(label, text)];
  const [first, ...rest] = text.parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  if (first === undefined) return [];
  const begin = typeof first === 'string' ? [line(label, first.trim())] : [line(label), commands(commandText(first))];
  return [
    ...begin,
    ...rest.map((part) => (typeof part === 'string' ? line(part.trim()) : commands(commandText(part)))),
  ];
}
