/** A schema of JSON Schema 2020-12, as far as it is used here. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };

/** A whole number from 0 on: an amount, a UID, a modseq, bytes. */
export const count: Schema = { type: 'integer', minimum: 0 };

/** RFC 3339, in UTC. */
export const time: Schema = { type: 'string', pattern: '^\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' };

/** SHA-256 of a text, in hexadecimal. */
export const guid: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };

/** One of these texts. */
export function word(...values: readonly string[]): Schema {
  return { enum: values };
}

/** What this schema allows, or null. */
export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A list of what this schema allows. */
export function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** An object with all of these keys, and with those of `optional` now and then. Later versions may add keys. */
export function object(
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema {
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) };
}

export const host: Schema = object({ hostId: text, name: text });
export const birth: Schema = object({ host: text, serial: { type: 'integer', minimum: 1 } });
export const failure: Schema = object({ code: text, message: text, hint: orNull(text) });
export const amountIn: Schema = object({ messages: count, mailboxes: count });
export const room: Schema = object({ neededBytes: count, freeBytes: orNull(count) });
