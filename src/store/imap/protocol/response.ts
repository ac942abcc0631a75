import { ProtocolError, type RawResponse } from './response-assembler.js';
import { numberOf, type Value, valuesOf } from './response-values.js';

type Status = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH';

/** What stands in brackets before a status, as `[APPENDUID 7 12:14]`: its name, in capitals, and the rest. */
export type ResponseCode = { readonly name: string; readonly rest: string };

/** A response by its kind (RFC 3501, section 7). `tag` is null for what answers no command. */
export type Response =
  | {
      readonly kind: 'status';
      readonly tag: string | null;
      readonly status: Status;
      readonly code: ResponseCode | null;
      /** For people; one character per byte. */
      readonly text: string;
    }
  | { readonly kind: 'continue' }
  | {
      readonly kind: 'data';
      /** In capitals: FETCH, EXISTS, LIST. */
      readonly name: string;
      /** That which stands before the name: a sequence number, a count. */
      readonly number: number | null;
      readonly values: readonly Value[];
    };

const statusLine = /^(\S+) (OK|NO|BAD|BYE|PREAUTH)(?: (.*))?$/is;

/** Reads what the assembler made whole. Throws `ProtocolError` for what is no response. */
export function parseResponse(raw: RawResponse): Response {
  const line = raw.lines[0] ?? '';
  if (line.startsWith('+')) return { kind: 'continue' };
  const status = statusLine.exec(line);
  if (status !== null) {
    const [, tag = '', word = '', words = ''] = status;
    const [code, text] = codeOf(words);
    return { kind: 'status', tag: tag === '*' ? null : tag, status: word.toUpperCase() as Status, code, text };
  }
  const data = /^\* (?:(\d+) )?([^\s()"]+)(?: |$)/.exec(line);
  if (data === null) throw new ProtocolError(`sent what is no response: ${JSON.stringify(line.slice(0, 80))}`);
  const [whole, number, name = ''] = data;
  return {
    kind: 'data',
    name: name.toUpperCase(),
    number: number === undefined ? null : numberOf(number),
    values: valuesOf(raw, whole.length),
  };
}

function codeOf(words: string): [ResponseCode | null, string] {
  const code = /^\[([^\s\]]+)(?: ([^\]]*))?\] ?/.exec(words);
  if (code === null) return [null, words];
  const [whole, name = '', rest = ''] = code;
  return [{ name: name.toUpperCase(), rest }, words.slice(whole.length)];
}
