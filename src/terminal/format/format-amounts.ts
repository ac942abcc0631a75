import { visible } from './escape-control-characters.js';

/** `1 message`, `2 messages`, `20,000 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** With commas from five digits on; UIDs and other identifiers are never grouped. */
export function grouped(count: number): string {
  const digits = String(count);
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `home`, `home and cabin`, `home, cabin and ship`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** A name that stands within a sentence, in quotes only where it would be misread without them. */
export function quoted(name: string): string {
  if (/^[\w./:~%+@=#&!$[\]{}-]+$/.test(name)) return name; // in nearly every run the only names there are
  return /^[\p{L}\p{N}\p{S}\p{M}_./:~%+@=#&!$[\]{}-]+$/u.test(visible(name)) ? name : `"${name}"`;
}

/** A directory or file as the user named it; `-` spelt out. */
export function placeName(place: string, stream: 'input' | 'output'): string {
  return place === '-' ? `standard ${stream}` : quoted(place);
}
