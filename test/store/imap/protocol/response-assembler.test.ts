import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineBytesMax } from '../../../../src/store/imap/protocol/protocol-limits.js';
import { parseResponse, type Response } from '../../../../src/store/imap/protocol/response.js';
import { ProtocolError, startAssembler } from '../../../../src/store/imap/protocol/response-assembler.js';

type Heard = { readonly responses: Response[]; readonly streamed: string[] };

/** What is understood of these pieces; literals of BODY[] are streamed. */
function heard(pieces: readonly Uint8Array[]): Heard {
  const responses: Response[] = [];
  const streamed: string[] = [];
  const assembler = startAssembler(
    (before) => {
      if (!/BODY\[\] ~?\{\d+\}$/.test(before)) return null;
      const taken: Buffer[] = [];
      return {
        take: (piece) => void taken.push(Buffer.from(piece)),
        end: () => void streamed.push(Buffer.concat(taken).toString('latin1')),
      };
    },
    (raw) => void responses.push(parseResponse(raw)),
  );
  for (const piece of pieces) assembler.push(piece);
  return { responses, streamed };
}

const of = (text: string): Heard => heard([Buffer.from(text, 'latin1')]);

/** Answers of several servers, one behind the other. */
const answers = [
  '* OK [CAPABILITY IMAP4rev1 LITERAL+] ready {5}\r\n',
  '* LIST (\\HasNoChildren) "/" "a \\"b\\" \\\\c"\r\n',
  '* LIST () "." {6}\r\nK&APY-\r\n',
  '* 12 FETCH (UID 7 FLAGS (\\Seen [odd $Forwarded) BODY[] {11}\r\nA: b\r\n\r\n)(" INTERNALDATE "17-Jul-1996 02:44:25 -0700")\r\n',
  '* 13 FETCH (BODY[HEADER.FIELDS (DATE)]<0> NIL BODY[] {0}\r\n UID 8)\r\n',
  '* VANISHED (EARLIER) 41,43:116\r\n+ go on\r\n',
  'm7 NO [OVERQUOTA] too much {3}\r\n* BYE\r\n',
].join('');

test('responses come whole, with literals kept or streamed', () => {
  const { responses, streamed } = of(answers);
  assert.equal(responses.length, 9);
  assert.deepEqual(streamed, ['A: b\r\n\r\n)("', '']);
  const [greeting, quoted, literal, fetched, , vanished, more, refused] = responses;
  assert.ok(greeting?.kind === 'status' && greeting.text === 'ready {5}' && greeting.code?.name === 'CAPABILITY');
  assert.ok(quoted?.kind === 'data' && literal?.kind === 'data' && vanished?.kind === 'data');
  assert.deepEqual(quoted.values[2], { kind: 'string', text: 'a "b" \\c' });
  assert.deepEqual(literal.values[2], { kind: 'string', text: 'K&APY-' });
  assert.deepEqual(vanished.values[1], { kind: 'atom', text: '41,43:116' });
  assert.ok(fetched?.kind === 'data' && fetched.number === 12 && fetched.name === 'FETCH');
  const flags = ['\\Seen', '[odd', '$Forwarded'].map((text) => ({ kind: 'atom', text }));
  const items = fetched.values[0]?.kind === 'list' ? fetched.values[0].items : [];
  assert.deepEqual(items[3], { kind: 'list', items: flags });
  assert.deepEqual(items[5], { kind: 'streamed', sizeBytes: 11 });
  assert.equal(more?.kind, 'continue');
  assert.ok(refused?.kind === 'status' && refused.tag === 'm7' && refused.status === 'NO');
});

test('pieces of any size are understood as the whole is', () => {
  const whole = of(answers);
  const bytes = Buffer.from(answers, 'latin1');
  assert.deepEqual(heard([...bytes].map((byte) => Uint8Array.of(byte))), whole);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const ends = [...cuts, bytes.length].sort((a, b) => a - b);
      assert.deepEqual(heard(ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end))), whole);
    }),
  );
});

test('whatever bytes come, they are understood or refused, whole as in pieces', () => {
  const said = fc.oneof(
    fc.constantFrom(...answers.split(/(?<=[ \r\n()"])/), '{3}\r\n', '{99999999999999}\r\n', '~{2}\r\n', '\0', '\\'),
    fc.string(),
  );
  const outcomeOf = (pieces: readonly Uint8Array[]): Heard | string => {
    try {
      return heard(pieces);
    } catch (error) {
      if (error instanceof ProtocolError) return 'refused';
      throw error;
    }
  };
  fc.assert(
    fc.property(fc.array(said, { maxLength: 40 }), (parts) => {
      const bytes = Buffer.from(parts.join(''), 'latin1');
      assert.deepEqual(outcomeOf([...bytes].map((byte) => Uint8Array.of(byte))), outcomeOf([bytes]));
    }),
    { numRuns: 2000 },
  );
});

test('what is more than a server may send is refused before it takes memory', () => {
  const refused = [
    '* LIST () "/" {1048577}\r\n',
    '* 1 FETCH (BODY[] {536870913}\r\n',
    `* SEARCH ${'1 '.repeat(lineBytesMax / 2)}`,
    `* X ${'('.repeat(21)}${')'.repeat(21)}\r\n`,
    `* X ${'{0}\r\n'.repeat(1001)}\r\n`,
    '* X (\r\n',
    '* X )\r\n',
    '* X "open\r\n',
    '* \r\n',
  ];
  for (const text of refused) assert.throws(() => of(text), ProtocolError, text.slice(0, 30));
});
