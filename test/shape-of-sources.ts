import { dirname, join } from 'node:path';

// The sources are formatted, so that a line's indentation shows where what it begins ends; nothing here has to parse TypeScript.

/** A source file, by its path below `src` (or of a test, by any path that its imports are relative to). */
export type SourceText = { readonly path: string; readonly text: string };

/** A function, method or arrow function that has a block, from its first line to the bracket that ends it, with the functions within it. */
export type FunctionShape = {
  readonly path: string;
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
  readonly lines: number;
  /** A group of named ones counts as one. */
  readonly parameters: number;
};

/** Something that a file exports where it declares it. */
export type ExportShape = {
  readonly path: string;
  readonly name: string;
  readonly isType: boolean;
  readonly isFunction: boolean;
  readonly hasDocstring: boolean;
};

const functionHead = /^\s*(?:export )?(?:async )?function\*? (?<name>\w+)/;
const arrowHead =
  /^\s*(?:(?:export )?(?:const|let) )?(?:readonly )?(?<name>[\w#]+)(?:: .*)?(?: =|:) (?:async )?(?:<.*>)?\(/;
const methodHead = /^\s+(?:static |async |get |set |\*)*(?<name>[\w#]+)(?:<.*>)?\(/;
/** Behind the parameters and what is returned; what ends in `: {` or `<{` is the type of it, on lines of its own. */
const bodyHead = /(?:\)|=>|[\w>\]'}]) \{$/;
const noMethod = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'await', 'super', 'function', 'throw']);

/** Every function of a file that has a name and a block. */
export function functionsIn({ path, text }: SourceText): FunctionShape[] {
  const lines = withoutComments(text).split('\n');
  const found: FunctionShape[] = [];
  lines.forEach((head, at) => {
    const name = nameOf(head);
    if (name === null) return;
    const parameters = parameterList(lines, at, name);
    if (parameters === null) return;
    const indent = indentOf(head);
    const body = lines.findIndex((line, index) => index >= parameters.endsAt && bodyHead.test(line));
    const opening = lines[body] ?? '';
    if (body < 0 || (body > parameters.endsAt && !opening.startsWith(`${indent}}`))) return;
    if (!functionHead.test(head) && arrowHead.test(head) !== /=> \{$/.test(opening)) return;
    const end = lines.findIndex((line, index) => index > body && line.startsWith(`${indent}}`));
    if (end < 0) return;
    found.push({ path, name, line: at + 1, lines: end - at + 1, parameters: parameters.count });
  });
  return found;
}

function nameOf(head: string): string | null {
  const plain = functionHead.exec(head)?.groups?.name;
  if (plain !== undefined) return plain;
  const arrow = arrowHead.exec(head)?.groups?.name;
  if (arrow !== undefined) return arrow;
  const method = methodHead.exec(head)?.groups?.name;
  return method === undefined || noMethod.has(method) || /;$/.test(head) ? null : method;
}

/** How many parameters stand in the brackets behind the name, and on which line these end. */
function parameterList(
  lines: readonly string[],
  at: number,
  name: string,
): { readonly count: number; readonly endsAt: number } | null {
  const head = lines[at] ?? '';
  const isArrow = arrowHead.test(head) && !functionHead.test(head);
  const typed = isArrow ? Math.max(head.indexOf(' = '), head.indexOf(name)) : head.indexOf(name);
  const opens = head.indexOf('(', behindTypes(head, typed));
  if (opens < 0) return null;
  let depth = 0;
  let commas = 0;
  let last = '';
  for (let line = at; line < lines.length; line++) {
    const text = lines[line] ?? '';
    for (let column = line === at ? opens : 0; column < text.length; column++) {
      const sign = text[column] ?? '';
      if (sign === '>' && text[column - 1] === '=') continue;
      if ('([{<'.includes(sign)) depth++;
      else if (')]}>'.includes(sign)) depth--;
      if (depth === 0) return { count: last === '(' ? 0 : commas + (last === ',' ? 0 : 1), endsAt: line };
      if (sign === ',' && depth === 1) commas++;
      if (sign.trim() !== '') last = sign;
    }
  }
  return null;
}

/** Where the type parameters end that stand between here and the brackets, if there are any. */
function behindTypes(head: string, from: number): number {
  const opens = head.indexOf('<', from);
  if (opens < 0 || opens > head.indexOf('(', from)) return from;
  let depth = 0;
  for (let at = opens; at < head.length; at++) {
    if (head[at] === '<') depth++;
    if (head[at] === '>' && head[at - 1] !== '=' && --depth === 0) return at;
  }
  return from;
}

/** What a file declares with `export` before it. */
export function exportsIn({ path, text }: SourceText): ExportShape[] {
  const lines = text.split('\n');
  return lines.flatMap((line, at) => {
    const declared =
      /^export (?:declare )?(?<kind>async function\*?|function\*?|abstract class|class|const|type|interface) (?<name>\w+)/.exec(
        line,
      )?.groups;
    if (declared === undefined) return [];
    const { kind = '', name = '' } = declared;
    const isType = kind === 'type' || kind === 'interface';
    return [
      { path, name, isType, isFunction: kind.includes('function'), hasDocstring: /\*\/$/.test(lines[at - 1] ?? '') },
    ];
  });
}

/** By the file that is imported, below the same directory as `path`, the names that others import of it. Whole modules count as `*`. */
export function importedNames(files: readonly SourceText[]): ReadonlyMap<string, ReadonlySet<string>> {
  const imported = new Map<string, Set<string>>();
  const note = (from: string, spec: string, names: readonly string[]): void => {
    const target = join(dirname(from), spec).replace(/\.js$/, '.ts');
    const known = imported.get(target) ?? new Set();
    imported.set(target, known);
    for (const name of names) known.add(name);
  };
  for (const { path, text } of files) {
    for (const [, names = '', spec = ''] of text.matchAll(
      /\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'(\.[^']+)'/g,
    )) {
      note(
        path,
        spec,
        names.split(',').map((name) =>
          name
            .replace(/^\s*(?:type )?/, '')
            .replace(/ as .*/, '')
            .trim(),
        ),
      );
    }
    for (const [, spec = ''] of text.matchAll(/\bimport\s+\* as \w+ from '(\.[^']+)'/g)) note(path, spec, ['*']);
    for (const [, names, spec = '', name] of text.matchAll(
      /(?:\{([^{}]*)\} = )?\(?await import\(\s*'(\.[^']+)'\s*\)\)?(?:\.(\w+))?/g,
    )) {
      note(path, spec, name !== undefined ? [name] : (names ?? '*').split(',').map((one) => one.trim()));
    }
    for (const [, spec = '', name = '*'] of text.matchAll(/(?<!await )\bimport\('(\.[^']+)'\)(?:\.(\w+))?/g))
      note(path, spec, [name]);
  }
  return imported;
}

/** Lines of comments that are wider than so many columns, with their numbers. */
export function wideComments({ path, text }: SourceText, columns: number): string[] {
  return text
    .split('\n')
    .flatMap((line, at) =>
      line.length > columns && /^\s*(?:\/\/|\/?\*)|\/\/ /.test(line) ? [`${path}:${at + 1}`] : [],
    );
}

function indentOf(line: string): string {
  return /^ */.exec(line)?.[0] ?? '';
}

/** Comments blanked out, so that brackets in them do not count; lines keep their numbers. */
function withoutComments(text: string): string {
  return text
    .replace(/^ *\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^[ ]*\/\/.*$/gm, '')
    .replace(/ \/\/ .*$/gm, '');
}
