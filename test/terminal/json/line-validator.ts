import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { outputSchema } from '../../../src/terminal/json/schema/output-schema.js';
import type { Schema } from '../../../src/terminal/json/schema/schema-words.js';

const definitions = outputSchema.$defs;

/** By kind: to compile the whole schema takes longer than most tests. */
const validators = new Map<string, ValidateFunction>();

/**
 * What is wrong with a line of --json output; null for nothing. A key or kind that the schema does not have is wrong,
 * too.
 */
export function whatIsWrong(line: unknown): string | null {
  const kind = isSchema(line) ? String(line.kind) : '';
  const definition = isSchema(definitions) ? definitions[kind] : undefined;
  if (!isSchema(definition)) return `there is no kind "${kind}"`;
  const validate = validators.get(kind) ?? validatorOf(definition);
  validators.set(kind, validate);
  return validate(line) ? null : errorsOf(validate);
}

/** What is wrong with it by the very schema that is published, which says nothing of other keys and kinds. */
export function whatIsWrongByPublishedSchema(lines: readonly unknown[]): readonly string[] {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(outputSchema);
  return lines.flatMap((line) => (validate(line) ? [] : [errorsOf(validate)]));
}

function validatorOf(definition: Schema): ValidateFunction {
  const { properties, required } = outputSchema;
  const line = {
    type: 'object',
    properties,
    required,
    allOf: [closed(definition, true)],
    unevaluatedProperties: false,
  };
  return new Ajv2020({ allErrors: true, strict: false }).compile(line);
}

function errorsOf({ errors }: ValidateFunction): string {
  return (errors ?? [])
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join('; ');
}

/** The schema with no other keys allowed than those it has. `isLine`: it is about the line itself, of which several parts tell keys. */
function closed(schema: Schema, isLine: boolean): Schema {
  const entries = Object.entries(schema).map(([word, value]): [string, unknown] => {
    switch (word) {
      case 'properties':
        return [word, mapped(value, (each) => closed(each, false))];
      case 'items':
      case 'additionalProperties':
        return [word, isSchema(value) ? closed(value, false) : value];
      case 'then':
        return [word, isSchema(value) ? closed(value, isLine) : value];
      case 'anyOf':
      case 'allOf':
        return [
          word,
          Array.isArray(value) ? value.map((each) => (isSchema(each) ? closed(each, isLine) : each)) : value,
        ];
      default:
        return [word, value];
    }
  });
  const isShut = !isLine && 'properties' in schema;
  return { ...Object.fromEntries(entries), ...(isShut ? { additionalProperties: false } : {}) };
}

function mapped(value: unknown, change: (schema: Schema) => Schema): unknown {
  if (!isSchema(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, isSchema(each) ? change(each) : each]));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
