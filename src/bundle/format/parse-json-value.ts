import { Failure, isOfOneThing } from '../../failure.js';
import { isCounter } from '../../replica/replica-limits.js';
import { jsonDepthMax } from './bundle-limits.js';

/** A JSON object from elsewhere: nothing is known of its values. */
export type JsonObject = { readonly [key: string]: unknown };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What is wrong with a part of a bundle, to be thrown. `what` continues "reading ...:". */
export function malformed(what: string): Failure {
  return new Failure('bundle-not-understood', what);
}

/** Parses UTF-8 JSON that must be an object. Throws `malformed`. */
export function parseObject(bytes: Uint8Array): JsonObject {
  checkTokens(bytes);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw malformed('it is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('it is not a JSON object');
  return value as JsonObject;
}

/** `what` names the value in every message below. */
export function toObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is not an object`);
  return value as JsonObject;
}

/** A list of at most `countMax` items, inclusive. `what` names the value in the failure `bundle-not-understood`. */
export function toList(value: unknown, what: string, countMax: number): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(`${what} is not a list`);
  if (value.length > countMax) throw malformed(`${what} has more than ${countMax} items`);
  return value;
}

/** A list of exactly `length` items. */
export function toTuple(value: unknown, what: string, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw malformed(`${what} is not a list of ${length}`);
  return value;
}

/**
 * A string of at most `bytesMax` bytes of UTF-8, inclusive. `what` names the value in the failure
 * `bundle-not-understood`.
 */
export function toText(value: unknown, what: string, bytesMax: number): string {
  if (typeof value !== 'string') throw malformed(`${what} is not a string`);
  if (value.length > bytesMax || Buffer.byteLength(value) > bytesMax)
    throw malformed(`${what} is longer than ${bytesMax} bytes`);
  return value;
}

/** A whole number from 0 to 2^53 - 1: what may be larger is refused, not rounded. */
export function toCounter(value: unknown, what: string): number {
  if (typeof value !== 'number' || !isCounter(value) || Object.is(value, -0))
    throw malformed(`${what} is not a counter`);
  return value;
}

/** A whole number from 1 to 2^53 - 1. `what` names the value in the failure `bundle-not-understood`. */
export function toPositive(value: unknown, what: string): number {
  const number = toCounter(value, what);
  if (number === 0) throw malformed(`${what} is zero`);
  return number;
}

/** 0 or 1. */
export function toBit(value: unknown, what: string): boolean {
  if (value !== 0 && value !== 1) throw malformed(`${what} is not 0 or 1`);
  return value === 1;
}

/**
 * A string that `pattern`, which has to be anchored, allows. `what` names the value in the failure
 * `bundle-not-understood`.
 */
export function toMatch(value: unknown, what: string, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw malformed(`${what} is not what it has to be`);
  return value;
}

/** The items of a list, which must all differ. */
export function distinct<T>(items: readonly T[], what: string): readonly T[] {
  if (new Set(items).size !== items.length) throw malformed(`${what} has an item twice`);
  return items;
}

/** Parses, and says of what: the failures of `parse` begin with "reading `subject`". */
export function readingOf<T>(subject: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!isOfOneThing(error, 'bundle-not-understood')) throw error;
    throw notUnderstood(subject, error);
  }
}

/** What is wrong, as a sentence about `subject`, with a hint. */
export function notUnderstood(subject: string, cause: Failure): Failure {
  return new Failure('bundle-not-understood', `reading ${subject}: ${cause.message}`, {
    hint: cause.advice ?? 'It was not written by this version of mrepl; ask for one that was.',
    cause,
  });
}

/**
 * Before it is parsed: how deep it is, and whether its numbers are digits alone, without + - . or e, which cannot be
 * told afterwards.
 */
function checkTokens(bytes: Uint8Array): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > jsonDepthMax) throw malformed(`it has more than ${jsonDepthMax} brackets in each other`);
    } else if (byte === 0x5d || byte === 0x7d) depth--;
    else if (byte === 0x2b || byte === 0x2d || byte === 0x2e || (isExponent(byte) && isDigit(bytes[at - 1]))) {
      throw malformed('a number in it is not written as digits alone');
    }
  }
}

function isExponent(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
