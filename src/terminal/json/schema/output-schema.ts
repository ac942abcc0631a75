import { jsonSchemaVersion } from '../json-line.js';
import { accountLines } from './lines-of-accounts.js';
import { exchangeLines } from './lines-of-exchanges.js';
import { object, orNull, type Schema, text } from './schema-words.js';

const lines: Readonly<Record<string, Schema>> = {
  ...exchangeLines,
  ...accountLines,
  trouble: object({ mailbox: orNull(text), subject: text, code: text, message: text, hint: orNull(text) }),
  error: object({ code: text, message: text, hint: orNull(text), status: { type: 'integer', minimum: 1 } }),
};

/**
 * The JSON Schema (2020-12) of one line of --json output, whatever its kind. It says what is promised: later versions
 * may add keys and kinds, and `mrepl(1)`, "JSON OUTPUT", says what everything means.
 */
export const outputSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:mrepl:json:${jsonSchemaVersion}`,
  title: 'A line of the output of mrepl with --json',
  type: 'object',
  properties: { schema: { const: jsonSchemaVersion }, kind: { type: 'string' } },
  required: ['schema', 'kind'],
  allOf: Object.keys(lines).map((kind) => ({
    if: { properties: { kind: { const: kind } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: `#/$defs/${kind}` },
  })),
  $defs: lines,
};

/** Every kind that a line may have. */
export const outputKinds: ReadonlySet<string> = new Set(Object.keys(lines));
