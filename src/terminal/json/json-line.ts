import type { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';

/** One line of --json output. `kind` says what it is; the man page documents every kind. */
export type JsonObject = { readonly kind: string } & Readonly<Record<string, unknown>>;

/**
 * The version of the JSON Schema that every line keeps to. It rises when a key or kind goes, or means something else.
 */
export const jsonSchemaVersion = 1;

/**
 * How an object is written: one line that begins with the version of the schema, with everything a terminal might act
 * upon escaped.
 */
export function jsonLine(object: JsonObject): string {
  return JSON.stringify({ schema: jsonSchemaVersion, ...object }).replace(
    /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    unicodeEscape,
  );
}

function unicodeEscape(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index++) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

/** What every line that tells of a failure has of it; the cause is for --verbose, which JSON does not have. */
export function failureObject({ code, message, hint }: Failure): {
  code: string;
  message: string;
  hint: string | null;
} {
  return { code, message, hint: hint ?? null };
}

/** `trouble` for each, with the mailbox that it happened in; null where it belongs to none. */
export function troubleObjects(troubles: readonly Trouble[], mailbox: string | null = null): JsonObject[] {
  return troubles.map(({ subject, failure }) => ({ kind: 'trouble', mailbox, subject, ...failureObject(failure) }));
}
