import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import { exportTo } from '../../src/flow/export/run-export.js';
import type { ImportReport } from '../../src/flow/reports/run-report-types.js';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { forged, type Json } from '../bundle/forge.js';
import { message } from '../bundle/sample.js';
import { scratch } from '../end-to-end/site.js';
import { bad, makeVictim, type Victim } from './victim.js';

// A text that begins like a packed file: stored as it is, it would be another text.

const packed: Readonly<Record<string, Buffer>> = {
  'a gzip file': gzipSync(message(1)),
  'what is no gzip file': Buffer.from('\x1f\x8bSubject: a\n\nb\n', 'latin1'),
  mail_crypt: Buffer.from('CRYPTED\x03\x07 and so on\n', 'latin1'),
  bzip2: Buffer.from('BZh9: a\n\nb\n'),
};

/** A good bundle of two messages, the first of which has this text. */
function bundleWith(text: Buffer): Promise<Buffer> {
  const guid = guidOfCanonical(text);
  return forged({
    change({ manifest, records, texts, end }) {
      const [, save] = records;
      const [first, second] = texts;
      assert.ok(save !== undefined && first !== undefined && second !== undefined && end !== null);
      Object.assign(save, { g: guid, z: text.length });
      Object.assign(first, { name: `texts/${guid.slice(0, 2)}/${guid}.eml`, content: text });
      const bytes = text.length + second.content.length;
      Object.assign(manifest.texts as Json, { bytes });
      Object.assign(end, { bytes });
    },
  });
}

function saidOf({ mailboxes }: ImportReport): string[] {
  return mailboxes.flatMap(({ refused, troubles }) => [...refused, ...troubles]).map(({ failure }) => failure.message);
}

function delivered({ site }: Victim): number {
  return ['cur', 'new'].flatMap((part) => readdirSync(join(site.maildir, part))).length;
}

for (const [what, text] of Object.entries(packed)) {
  test(`a text that begins like a packed file is refused, and not its bundle: ${what}`, async (t) => {
    const victim = await makeVictim(t, scratch(t));
    const { session } = victim;
    const bundle = await bundleWith(text);
    const report = await victim.take(bundle);
    assert.deepEqual(
      report.bundles.map(({ outcome }) => outcome),
      ['taken'],
    );
    assert.equal(saidOf(report).length, 1);
    assert.match(saidOf(report)[0] ?? '', /^the text of a message in INBOX was refused: it begins like a packed file/);
    assert.equal(delivered(victim), 1, 'the other message is there');
    assert.equal(session.catalog.load('INBOX')?.state.instances.size, 2, 'and both are known');
    assert.deepEqual(readdirSync(join(victim.site.maildir, 'tmp')), []);
    assert.deepEqual(session.catalog.deliverableGuids(), [], 'its text is not asked for');
    assert.equal(report.texts.waiting, 0);

    assert.deepEqual(saidOf(await victim.take(bundle)), [], 'it is said once');
    assert.equal(delivered(victim), 1);
  });
}

test('what is refused is nothing that is wrong here', async (t) => {
  const victim = await makeVictim(t, scratch(t));
  await victim.take(await bundleWith(gzipSync(message(1))));
  const { findings } = await examineAccount(victim.session, { deep: true, found: [] });
  assert.deepEqual(
    findings.filter(({ code }) => code === 'waiting' || code === 'catalog' || code === 'damaged'),
    [
      {
        code: 'waiting',
        weight: 'notice',
        where: 'INBOX',
        what: 'one message in INBOX stays without its text: what came for it is no text that a store can keep',
        remedy: 'Nothing has to be done. "mrepl forget" gives up such messages on every host.',
      },
    ],
  );
});

test('a message with a refused text goes on to others, and goes when its host expunges it', async (t) => {
  const victim = await makeVictim(t, scratch(t));
  const { session } = victim;
  await victim.take(await bundleWith(gzipSync(message(1))));
  const options = {
    dryRun: false,
    full: true,
    texts: 'unseen',
    plain: true,
    mailboxes: [],
    allowExpunge: false,
  } as const;
  const { bundles, troubles } = await exportTo(session, { directory: victim.stick }, options);
  assert.deepEqual(troubles, []);
  assert.deepEqual(
    bundles.map(({ texts, mailboxes }) => [texts, mailboxes.map(({ saves }) => saves)]),
    [[1, [2]]],
  );
  assert.ok(session.catalog.impossibleGuids().size === 1);
  const gone = await forged({
    change({ manifest, records, texts, end }) {
      const [box] = records;
      assert.ok(box !== undefined && end !== null);
      Object.assign(box, { m: 2, clock: [[0, 2, 2]], living: [[0, '2']] });
      Object.assign(manifest, { clocks: [['INBOX', [[0, 2, 2]]]], number: 43 });
      records.splice(1, 1);
      const [item] = manifest.mailboxes as Json[];
      Object.assign(item ?? {}, { living: 1, saves: 1 });
      texts.splice(0, 1);
      const bytes = texts[0]?.content.length ?? 0;
      Object.assign(manifest.texts as Json, { count: 1, bytes });
      Object.assign(end, { texts: 1, bytes });
    },
  });
  await victim.take(gone);
  const births = [...(session.catalog.load('INBOX')?.state.instances.values() ?? [])].map(({ birth }) => birth);
  assert.deepEqual(births, [{ host: bad, serial: 2 }]);
});
