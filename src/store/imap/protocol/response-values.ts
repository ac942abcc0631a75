import { listDepthMax } from './protocol-limits.js';
import { type Literal, ProtocolError, type RawResponse } from './response-assembler.js';

/** A value within a response. Texts have one character per byte. NIL is an atom. */
export type Value =
  | { readonly kind: 'atom'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'streamed'; readonly sizeBytes: number };

/**
 * The values of a response from `from` in its first line on. Throws `ProtocolError` where lists do not close or strings
 * do not end.
 */
export function valuesOf({ lines, literals }: RawResponse, from: number): readonly Value[] {
  const open: Value[][] = [[]];
  const add = (value: Value): void => void open.at(-1)?.push(value);
  for (const [index, line] of lines.entries()) {
    const literal = literals[index];
    const text = literal === undefined ? line : line.replace(/~?\{\d+\+?\}$/, '');
    readLine(text, index === 0 ? from : 0, { open, add });
    if (literal !== undefined) add(valueOfLiteral(literal));
  }
  if (open.length !== 1) throw new ProtocolError('sent a list without an end');
  return open[0] ?? [];
}

function valueOfLiteral(literal: Literal): Value {
  if ('streamedBytes' in literal) return { kind: 'streamed', sizeBytes: literal.streamedBytes };
  return { kind: 'string', text: Buffer.from(literal.bytes).toString('latin1') };
}

type Reading = { readonly open: Value[][]; add(value: Value): void };

function readLine(line: string, from: number, { open, add }: Reading): void {
  for (let at = from; at < line.length; ) {
    const char = line[at];
    if (char === ' ') at++;
    else if (char === '(') {
      if (open.length > listDepthMax) throw new ProtocolError(`sent lists more than ${listDepthMax} deep`);
      open.push([]);
      at++;
    } else if (char === ')') {
      const items = open.length > 1 ? open.pop() : undefined;
      if (items === undefined) throw new ProtocolError('closed a list that was not open');
      add({ kind: 'list', items });
      at++;
    } else if (char === '"') at = readQuoted(line, at, add);
    else {
      const end = endOfAtom(line, at);
      add({ kind: 'atom', text: line.slice(at, end) });
      at = end;
    }
  }
}

/** Gives where it goes on behind the closing quote. */
function readQuoted(line: string, start: number, add: Reading['add']): number {
  const parts: string[] = [];
  let from = start + 1;
  for (let at = from; at < line.length; at++) {
    if (line[at] === '\\') {
      parts.push(line.slice(from, at));
      from = at + 1;
      at++; // the character after it stands for itself
    } else if (line[at] === '"') {
      parts.push(line.slice(from, at));
      add({ kind: 'string', text: parts.join('') });
      return at + 1;
    }
  }
  throw new ProtocolError('sent a string without an end');
}

const itemWithSection = /^(?:BODY|BINARY|BINARY\.SIZE)$/i;

/**
 * Between the brackets of an item, as in `BODY[HEADER.FIELDS (DATE)]`, blanks and parentheses belong to the atom. In
 * others a bracket is a character like others: a keyword may have one.
 */
function endOfAtom(line: string, start: number): number {
  let isInBrackets = false;
  for (let at = start; at < line.length; at++) {
    const char = line[at];
    if (isInBrackets) isInBrackets = char !== ']';
    else if (char === '[') isInBrackets = itemWithSection.test(line.slice(start, at));
    else if (char === ' ' || char === '(' || char === ')' || char === '"') return at;
  }
  return line.length;
}

/** What an atom or a string says; null for NIL and for whatever else it is. */
export function textOfValue(value: Value | undefined): string | null {
  if (value?.kind === 'string') return value.text;
  return value?.kind === 'atom' && value.text.toUpperCase() !== 'NIL' ? value.text : null;
}

/** The texts of a list, such as flags; empty where it is none. */
export function textsOfList(value: Value | undefined): readonly string[] {
  return value?.kind === 'list' ? value.items.flatMap((item) => textOfValue(item) ?? []) : [];
}

/** A number as IMAP writes it, up to what a double holds exactly; null where it is none. */
export function numberOf(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !/^\d{1,20}$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/**
 * A list of names, each with a value behind it, as FETCH and STATUS answer; names in capitals. The first of a name
 * counts.
 */
export function pairsOf(list: Value | undefined): ReadonlyMap<string, Value> {
  const pairs = new Map<string, Value>();
  const items = list?.kind === 'list' ? list.items : [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const name = textOfValue(items[at])?.toUpperCase();
    const value = items[at + 1];
    if (name !== undefined && value !== undefined && !pairs.has(name)) pairs.set(name, value);
  }
  return pairs;
}
