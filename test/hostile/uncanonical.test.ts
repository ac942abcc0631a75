import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textlessIn } from '../../src/check/missing-texts.js';
import { verifyBundle } from '../../src/check/verify-bundle.js';
import { statementOf } from '../../src/flow/export/what-recipients-know.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { troublesOf } from '../../src/terminal/output/run-troubles.js';
import { forged, forgedTexts, type Json } from '../bundle/forge.js';
import { scratch } from '../end-to-end/site.js';
import { makeVictim } from './victim.js';

// A text whose lines end in CRLF, under the hash of just these bytes: no store gives it back as it came, so nobody can ever have it.

const strange = Buffer.from('Subject: strange\r\n\r\nbody\r\n');
const guid = guidOfCanonical(strange);

const bundle = (): Promise<Buffer> =>
  forged({
    change({ records, texts }) {
      Object.assign(records[1] as Json, { g: guid, z: strange.length });
      texts[0] = { name: `texts/${guid.slice(0, 2)}/${guid}.eml`, content: strange };
    },
  });

test('it is told by verify, and costs nothing else', async (t) => {
  const file = join(scratch(t), 'strange.tar.zst');
  writeFileSync(file, await bundle());
  const { ok, findings, texts } = await verifyBundle(file);
  assert.deepEqual([ok, texts, findings.length], [false, 1, 1]);
  assert.match(findings[0]?.message ?? '', /not in canonical form/);
});

test('it is not delivered, not asked for, and can be forgotten; what came with it is delivered', async (t) => {
  const victim = await makeVictim(t as never, scratch(t));
  const { catalog } = victim.session;
  const report = await victim.take(await bundle());
  assert.deepEqual(
    troublesOf(report).map(({ failure }) => /not in canonical form/.test(failure.message)),
    [true],
  );
  assert.equal(report.texts.arrived, 1);
  assert.equal(victim.site.count('strange'), 0);
  assert.equal(victim.site.count('number 2'), 1);
  assert.ok(forgedTexts.length === 2);
  assert.equal(report.texts.waiting, 0);
  assert.deepEqual([...statementOf(catalog).wanted], []);
  const textless = textlessIn(catalog, catalog.load('INBOX') ?? unknownMailbox('INBOX'), catalog.peers());
  assert.deepEqual(
    textless.map(({ instance, holders }) => [instance.guid, holders.length]),
    [[guid, 0]],
  );
  const again = await victim.take(await bundle());
  assert.deepEqual(troublesOf(again), []);
});
