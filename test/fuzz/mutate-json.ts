import type { Random } from '../bench/random.js';
import type { Json } from '../bundle/forge.js';
import type { BundleParts, TextChange } from './parts.js';

/** Numbers at which something may happen. */
export const numbers: readonly number[] = [
  0,
  1,
  2,
  3,
  7,
  255,
  2 ** 16,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2 ** 24 - 1,
  2 ** 32 - 2 ** 24,
  2 ** 32 - 1,
  2 ** 32,
  1_700_000_000,
  2 ** 40,
  2 ** 40 + 1,
  2 ** 41,
  2 ** 52,
  2 ** 53 - 2,
  2 ** 53 - 1,
];

export const strings: readonly string[] = [
  '',
  ' ',
  '\0',
  '\n',
  '\u001b[2J',
  '\ud800',
  '\ufffd',
  '\u202e',
  'A\u0308',
  'é',
  '..',
  '../x',
  '/',
  'a/b',
  'a.b',
  '~x',
  'INBOX',
  'inbox',
  'INBOX/a',
  'cur',
  'tmp',
  'subscriptions',
  '__proto__',
  'constructor',
  'x'.repeat(300),
  '\\Seen',
  '\\Recent',
  '$Junk',
  'a b',
  '1',
  '1:5',
  '5,1',
  '1:9007199254740991',
  '0'.repeat(64),
  'a'.repeat(32),
  'b'.repeat(32),
  'c'.repeat(32),
  'f'.repeat(32),
];

/** A place in a tree of JSON. */
export type Place = { readonly holder: Json | unknown[]; readonly key: string | number; readonly value: unknown };

export function placesIn(root: Json | unknown[]): Place[] {
  const places: Place[] = [];
  const waiting: (Json | unknown[])[] = [root];
  for (let holder = waiting.pop(); holder !== undefined; holder = waiting.pop()) {
    const keys = Array.isArray(holder) ? holder.keys() : Object.keys(holder);
    for (const key of keys) {
      const value = (holder as Json)[key as string];
      places.push({ holder, key, value });
      if (typeof value === 'object' && value !== null) waiting.push(value as Json);
    }
  }
  return places;
}

export function put({ holder, key }: Place, value: unknown): void {
  (holder as Json)[key as string] = value;
}

/** Values of other kinds, too large, too deep, too many. */
export function mutateTree(parts: BundleParts, random: Random): void {
  const trees: (Json | unknown[])[] = [parts.manifest, parts.manifest, ...parts.files];
  const tree = random.pick(trees);
  const places = placesIn(tree);
  if (places.length === 0) return;
  const place = random.pick(places);
  const { holder, key, value } = place;
  switch (random.integer(0, 9)) {
    case 0:
      put(place, random.pick([null, true, false, [], {}, -1, 0.5, -0, 1e300, '', 'x', [[]], { a: 1 }]));
      break;
    case 1:
      put(place, random.pick(numbers));
      break;
    case 2:
      put(place, random.pick(strings));
      break;
    case 3:
      put(place, structuredClone(random.pick(places).value));
      break;
    case 4:
      if (Array.isArray(holder)) holder.splice(key as number, 1);
      else delete holder[key];
      break;
    case 5:
      if (Array.isArray(holder)) holder.splice(key as number, 0, structuredClone(value));
      else holder[random.pick(strings)] = structuredClone(value);
      break;
    case 6: {
      let nested: unknown = value;
      for (let depth = random.pick([1, 10, 20, 500]); depth > 0; depth--) nested = [nested];
      put(place, nested);
      break;
    }
    case 7:
      if (Array.isArray(value)) put(place, [...value].reverse());
      else if (typeof value === 'string') put(place, value.toUpperCase());
      break;
    case 8:
      if (Array.isArray(value)) put(place, repeated(value[0] ?? 0, random.pick([3, 300, 5000])));
      else if (typeof value === 'string' && value.length < 1000) put(place, value.repeat(random.pick([2, 50, 2000])));
      break;
    default:
      if (typeof value === 'number') put(place, value + random.pick([-1, 1, 2 ** 32, 0.1]));
      else if (typeof value === 'string') put(place, value.slice(0, -1));
  }
}

/** As often as that, as far as it stays within what is worth trying. */
function repeated(value: unknown, count: number): unknown[] {
  const length = Math.min(count, Math.floor(repeatedCharactersMax / JSON.stringify(value).length));
  return Array.from({ length }, () => structuredClone(value));
}

const repeatedCharactersMax = 200_000;

const snippets = [
  '"',
  '\\',
  ',',
  ':',
  '[',
  ']',
  '{',
  '}',
  '\n',
  '\u0000',
  '\ud83d',
  '\ufeff',
  '//',
  '1e400',
  '-',
  'NaN',
  '\\u0000',
  '0x1',
];

/** What only text can say: keys twice, broken syntax, line ends, numbers that JSON has and JavaScript has not. */
export function textChange(random: Random): TextChange {
  const target = random.pick(['manifest', 'records'] as const);
  return (text, which) => {
    if (which !== target || text === '') return text;
    const at = random.integer(0, text.length - 1);
    switch (random.integer(0, 5)) {
      case 0:
        return text.slice(0, at) + random.pick(snippets) + text.slice(at);
      case 1:
        return text.slice(0, at) + text.slice(at + random.integer(1, 5));
      case 2:
        return text.replace(/"(\w+)":(\d+)/, '"$1":7,"$1":$2');
      case 3:
        return text.replace(
          /:(\d+)/,
          random.pick([':1e400', ':-0', ':1e3', ':0.1e1', ':01', ':99999999999999999999', ':+1']),
        );
      case 4:
        return text.slice(0, at);
      default:
        return text.replace('\n', random.pick(['\r\n', '\n\n', ' ', '\n{}\n', '\n{"SAVE":0}\n', '']));
    }
  };
}
