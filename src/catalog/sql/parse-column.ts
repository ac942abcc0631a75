import { guidPattern } from '../../mail/text/text-guid.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import { hostIdPattern } from '../../replica/host-id.js';
import { parseRanges, type Ranges } from '../../replica/number-ranges.js';

/** A value in the catalog that cannot be what this program wrote. Becomes a Failure that names the file. */
export class Garbled extends Error {}

/** A non-negative safe integer. `what` names the cell for the message, as in all of these. */
export function asCount(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Garbled(`${what} is not a number`);
}

/** Seconds since 1970; a received date may lie before. */
export function asTime(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Garbled(`${what} is not a time`);
}

/** 0 or 1, as booleans are kept. */
export function asBoolean(value: unknown, what: string): boolean {
  if (value === 1) return true;
  if (value === 0) return false;
  throw new Garbled(`${what} is neither 0 nor 1`);
}

/** A text, which may be empty. */
export function asText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Garbled(`${what} is not a text`);
}

/** A text that is not empty. */
export function asFilledText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new Garbled(`${what} is not a text, or is empty`);
}

/** What `parse` makes of a value; null where that is null. */
export function asNullable<T>(value: unknown, what: string, parse: (value: unknown, what: string) => T): T | null {
  return value === null ? null : parse(value, what);
}

/** A host id. */
export function asHostId(value: unknown, what: string): HostId {
  if (typeof value === 'string' && hostIdPattern.test(value)) return value;
  throw new Garbled(`${what} is not a host id`);
}

/** A JSON list of host ids. */
export function asHostIds(value: unknown, what: string): HostId[] {
  return asList(value, what).map((host) => asHostId(host, what));
}

/**
 * A text, by what `lower(hex(guid))` and `lower(hex(same))` give of its row: the second is null or empty where there is
 * none.
 */
export function asTextId(guid: unknown, same: unknown, what: string): TextId {
  const id = { guid: asGuid(guid, `${what}.guid`) };
  return same === null || same === '' ? id : { ...id, same: asGuid(same, `${what}.same`) };
}

/** 64 lower-case hex digits, as `lower(hex(guid))` gives them. */
export function asGuid(value: unknown, what: string): string {
  if (typeof value === 'string' && guidPattern.test(value)) return value;
  throw new Garbled(`${what} is not a guid`);
}

/** Ranges of numbers, as `formatRanges` writes them. */
export function asRanges(value: unknown, what: string): Ranges {
  const ranges = typeof value === 'string' ? parseRanges(value) : undefined;
  if (ranges !== undefined) return ranges;
  throw new Garbled(`${what} is not a list of ranges`);
}

/** JSON whose top is a list. */
export function asList(value: unknown, what: string): readonly unknown[] {
  const parsed = asJson(value, what);
  if (Array.isArray(parsed)) return parsed;
  throw new Garbled(`${what} is not a list`);
}

/** One entry of a list, itself a list of `length` entries. */
export function asTuple(value: unknown, length: number, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length === length) return value;
  throw new Garbled(`${what} is not a list of ${length}`);
}

/** What a JSON text says. */
export function asJson(value: unknown, what: string): unknown {
  try {
    return JSON.parse(asText(value, what));
  } catch {
    throw new Garbled(`${what} is not JSON`);
  }
}
