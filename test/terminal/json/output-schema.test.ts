import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonLine } from '../../../src/terminal/json/json-line.js';
import { outputKinds } from '../../../src/terminal/json/schema/output-schema.js';
import { everyJsonObject } from './every-json-object.js';
import { whatIsWrong, whatIsWrongByPublishedSchema } from './line-validator.js';

test('every kind of line is as the schema says, and the schema has every kind', () => {
  const kinds = new Set<string>();
  for (const object of everyJsonObject()) {
    assert.equal(whatIsWrong(JSON.parse(jsonLine(object))), null, jsonLine(object));
    kinds.add(object.kind);
  }
  assert.deepEqual(
    [...outputKinds].filter((kind) => !kinds.has(kind)),
    [],
  );
  assert.deepEqual(
    [...kinds].filter((kind) => !outputKinds.has(kind)),
    [],
  );
});

test('a line that lacks a key, has another one, or another kind of value, is not as the schema says', () => {
  for (const object of everyJsonObject()) {
    const line = JSON.parse(jsonLine(object));
    assert.notEqual(whatIsWrong({ ...line, another: 1 }), null, `${object.kind} with another key`);
    for (const key of Object.keys(line)) {
      const { [key]: _, ...rest } = line;
      assert.notEqual(whatIsWrong(rest), null, `${object.kind} without ${key}`);
      assert.notEqual(whatIsWrong({ ...line, [key]: () => 1 }), null, `${object.kind}: ${key}`);
    }
  }
});

test('the schema that is published takes every line, also with keys that a later version has', () => {
  const later = everyJsonObject().map((object) => JSON.parse(jsonLine({ ...object, later: 1 })));
  assert.deepEqual(whatIsWrongByPublishedSchema([...later, { schema: 1, kind: 'later' }]), []);
  assert.equal(whatIsWrongByPublishedSchema([{ schema: 2, kind: 'error' }, { kind: 'support' }]).length, 2);
});
