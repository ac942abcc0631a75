import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../../src/apply/examine/examine-mailbox.js';
import { type Examined, examineTexts } from '../../../src/apply/mend/examine-message-texts.js';
import { mendTexts, noteFlaws, startMending } from '../../../src/apply/mend/mend-damaged-texts.js';
import { Failure } from '../../../src/failure.js';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { indexTexts } from '../../../src/mail/text/text-guid-and-second-digest.js';
import { type Lab, makeLab } from '../../scenes/lab.js';

async function examined({ bench }: Lab, ref: string): Promise<Examined | undefined> {
  for await (const answer of examineTexts(bench, 'INBOX', [ref])) return answer;
  return undefined;
}

const original = 'Subject: a\nFrom: alice\n\nThe body.\n';

for (const [what, changed, kind] of [
  ['nothing', original, 'sound'],
  ['a field more', 'Status: RO\nSubject: a\nFrom: alice\n\nThe body.\n', 'altered'],
  ['a field less', 'Subject: a\n\nThe body.\n', 'altered'],
  ['another body', 'Subject: a\nFrom: alice\n\nThe bodx.\n', 'damaged'],
  ['a field more and another body', 'Status: RO\nSubject: a\nFrom: alice\n\nThe bodx.\n', 'damaged'],
  ['a bit of the header, size and date as before', 'Rubject: a\nFrom: alice\n\nThe body.\n', 'damaged'],
  ['zeros in the header', `Subject: a\n${'\0'.repeat(512)}\n\nThe body.\n`, 'damaged'],
  ['no header any more', '\nThe body.\n', 'damaged'],
  ['its end cut off', 'Subject: a\nFrom: alice\n\nThe', 'damaged'],
  ['all of it gone', '', 'damaged'],
] as const) {
  test(`of a message that was altered or damaged is said which: ${what}`, async (t) => {
    const lab = await makeLab(t);
    const ref = lab.store.user.deliver('INBOX', original);
    await lab.look();
    lab.store.user.overwrite('INBOX', ref, changed);
    const answer = await examined(lab, ref);
    assert.equal(answer?.kind === 'flawed' ? answer.flaw.kind : answer?.kind, kind);
  });
}

const long = `${original.repeat(3)}${'A line of many.\n'.repeat(40)}`;

/** In seconds since 1970, after the date of everything that the memory store delivers. */
const laterS = 1_100_000_000;

async function kindsOf(t: { after(clean: () => void): void }, texts: readonly (readonly [string, number?])[]) {
  const lab = await makeLab(t);
  const ref = lab.store.user.deliver('INBOX', long);
  await lab.look();
  const kinds = new Map<string, string[]>();
  for (const [text, writtenS] of texts) {
    lab.store.user.overwrite('INBOX', ref, text, writtenS);
    const answer = await examined(lab, ref);
    const kind = answer?.kind === 'flawed' ? answer.flaw.kind : (answer?.kind ?? 'gone');
    kinds.set(kind, [...(kinds.get(kind) ?? []), text]);
  }
  return kinds;
}

test('what is left of a text is damage, wherever it ends, with a new date or the old one', async (t) => {
  const texts: [string, number?][] = [];
  for (let length = 0; length < long.length; length++) {
    const left = long.slice(0, length);
    texts.push([left, laterS], [left], [`${left}${'\0'.repeat(long.length - length)}`, laterS], [`${left}\0`, laterS]);
  }
  assert.deepEqual([...(await kindsOf(t, texts)).keys()], ['damaged']);
});

test('one bit is damage where the date is the old one, and may be the work of a user where it is not', async (t) => {
  const texts: string[] = [];
  for (let at = original.length; at < long.length; at += 7) {
    texts.push(`${long.slice(0, at)}${String.fromCharCode(long.charCodeAt(at) ^ 4)}${long.slice(at + 1)}`);
  }
  assert.deepEqual(
    [
      ...(
        await kindsOf(
          t,
          texts.map((text) => [text]),
        )
      ).keys(),
    ],
    ['damaged'],
  );
  assert.deepEqual(
    [
      ...(
        await kindsOf(
          t,
          texts.map((text) => [text, laterS]),
        )
      ).keys(),
    ],
    ['altered'],
  );
});

test('what is longer, and what becomes another text somewhere, was written anew', async (t) => {
  const texts = [
    `${long}One more line.\n`,
    `${long.slice(0, -20)}and another end of it, which is longer than the old one was.\n`,
    `${long.slice(0, 200)}\n[The attachment was removed here.]\n`,
    'Subject: a\n\nAll else is new.\n',
  ];
  assert.deepEqual(
    [
      ...(
        await kindsOf(
          t,
          texts.map((text) => [text, laterS]),
        )
      ).keys(),
    ],
    ['altered'],
  );
  assert.deepEqual(
    [
      ...(
        await kindsOf(
          t,
          texts.map((text) => [text]),
        )
      ).keys(),
    ],
    ['damaged'],
  );
});

test('what has no header any more is damage, though its date is new', async (t) => {
  const texts = ['no header\n\nA body.\n', '\nA body.\n', 'Subject: a\n', `Subject:\0\0\n\n${long}`];
  assert.deepEqual(
    [
      ...(
        await kindsOf(
          t,
          texts.map((text) => [text, laterS]),
        )
      ).keys(),
    ],
    ['damaged'],
  );
});

test('where no marks are known only what is longer was written anew', async (t) => {
  const lab = await makeLab(t);
  const ref = lab.store.user.deliver('INBOX', long);
  const scan = await lab.store.scan('INBOX', { known: null, assignUids: true });
  assert.ok(scan !== 'unchanged' && scan !== null);
  const look = await compare(lab.bench, lab.bench.copy.get('INBOX'), scan, { subscribed: false });
  lab.bench.copy.put(look.observation.known); // and nothing noted of the texts
  const kinds = [];
  for (const text of [`${long}More.\n`, 'Subject: a\n\nAll else is new.\n']) {
    lab.store.user.overwrite('INBOX', ref, text, laterS);
    const answer = await examined(lab, ref);
    kinds.push(answer?.kind === 'flawed' && answer.flaw.kind);
  }
  assert.deepEqual(kinds, ['altered', 'damaged']);
});

test('a file that was put right has the date it had, and is judged by that', async (t) => {
  const lab = await makeLab(t);
  const { bench, store } = lab;
  const ref = store.user.deliver('INBOX', long);
  await lab.look();
  const file = bench.catalog.fileOf('INBOX', ref);
  store.user.overwrite('INBOX', ref, long.slice(0, 100), laterS);
  await noteFlaws(bench, 'INBOX', [ref]);
  await store.spool.put(guidOfCanonical(Buffer.from(long)), Buffer.from(long));
  await mendTexts(bench, startMending(), indexTexts(await store.spool.texts()));
  assert.deepEqual((await store.stamps('INBOX', [ref])).get(ref), file);
  assert.deepEqual(bench.catalog.fileOf('INBOX', ref), file);
});

test('a message written anew names the one whose place it takes, also where the run died in between', async (t) => {
  for (const dies of [false, true]) {
    const lab = await makeLab(t);
    const { bench, store } = lab;
    const ref = store.user.deliver('INBOX', long, ['\\Seen']);
    await lab.look();
    const [before] = [...bench.copy.get('INBOX').state.instances.values()];
    store.user.overwrite('INBOX', ref, `${long}More.\n`, laterS);
    await noteFlaws(bench, 'INBOX', [ref]);
    const mending = startMending();
    await mendTexts(bench, mending, indexTexts([]));
    assert.deepEqual(
      mending.mended.map(({ how }) => how),
      ['set-apart'],
    );
    if (dies) await mendTexts(bench, startMending(), indexTexts([])); // which finds nothing to do
    await lab.look();
    const [after, ...more] = [...bench.copy.get('INBOX').state.instances.values()];
    assert.deepEqual(more, []);
    assert.deepEqual(after?.movedFrom?.birth, before?.birth);
    assert.equal(after?.movedFrom?.mailbox, 'INBOX');
    assert.deepEqual([...(after?.flags.keys() ?? [])], ['\\Seen']);
    assert.deepEqual(bench.catalog.flawedTexts(), []);
    assert.equal(bench.catalog.successorsIn('INBOX').size, 0);
  }
});

test('a header whose body is empty, or was never noted, may be anything: that counts as damage', async (t) => {
  const lab = await makeLab(t);
  const refs = [lab.store.user.deliver('INBOX', 'Subject: a\n\n'), lab.store.user.deliver('INBOX', original)];
  const scan = await lab.store.scan('INBOX', { known: null, assignUids: true });
  assert.ok(scan !== 'unchanged' && scan !== null);
  const look = await compare(lab.bench, lab.bench.copy.get('INBOX'), scan, { subscribed: false });
  lab.bench.copy.put(look.observation.known); // and nothing noted of the texts
  for (const [index, ref] of refs.entries()) {
    lab.store.user.overwrite('INBOX', ref, `Status: RO\n${index === 0 ? 'Subject: a\n\n' : original}`);
    const answer = await examined(lab, ref);
    assert.equal(answer?.kind === 'flawed' && answer.flaw.kind, 'damaged');
  }
});

/** A message that has been seen, and of which the store answers this failure from then on. */
async function makeUnreadable(t: { after(clean: () => void): void }, code: 'io' | 'store-damaged') {
  let isRefused = false;
  const lab = await makeLab(t, {
    through: (store) => ({
      ...store,
      textFile: (_, ref) => ref,
      async *digest(mailbox, refs) {
        if (!isRefused) yield* store.digest(mailbox, refs);
        else for (const ref of refs) yield { subject: ref, failure: new Failure(code, 'reading') };
      },
    }),
  });
  const ref = lab.store.user.deliver('INBOX', original);
  await lab.look();
  isRefused = true;
  return { lab, ref };
}

test('what the disk cannot read is damaged', async (t) => {
  const { lab, ref } = await makeUnreadable(t, 'io');
  const answer = await examined(lab, ref);
  assert.ok(answer?.kind === 'flawed');
  assert.deepEqual([answer.flaw.kind, answer.flaw.found], ['damaged', null]);
});

test('what may not be read is trouble', async (t) => {
  const { lab, ref } = await makeUnreadable(t, 'store-damaged');
  assert.equal((await examined(lab, ref))?.kind, 'unread');
});

test('of what is gone nothing is said', async (t) => {
  assert.equal(await examined(await makeLab(t), 'never-there'), undefined);
});

/** Three messages with one text, the first two of which are damaged; only the first is known to be. */
async function makeCopies(t: { after(clean: () => void): void }) {
  const lab = await makeLab(t);
  const { bench, store } = lab;
  const refs = [1, 2, 3].map(() => store.user.deliver('INBOX', original, ['\\Seen']));
  const [first = '', second = '', third = ''] = refs;
  await lab.look();
  for (const ref of [first, second]) store.user.overwrite('INBOX', ref, 'Subject: a\n\nThe bodx.\n');
  await noteFlaws(bench, 'INBOX', [first]);
  return { bench, store, guid: guidOfCanonical(Buffer.from(original)), first, second, third };
}

test('a damaged text is asked for, and is no copy', async (t) => {
  const { bench, guid, first } = await makeCopies(t);
  assert.deepEqual(bench.catalog.deliverableGuids(), [guid]);
  assert.notEqual(bench.catalog.copyOf({ guid })?.ref, first);
});

test('it is replaced from a copy, which is read before it is believed', async (t) => {
  const { bench, first, second } = await makeCopies(t);
  const mending = startMending();
  await mendTexts(bench, mending, indexTexts([]));
  assert.deepEqual(
    mending.mended.map(({ ref, how }) => [ref, how]),
    [[first, 'replaced']],
  );
  assert.deepEqual(
    bench.catalog.flawedTexts().map(({ ref }) => ref),
    [second],
    'the other one was found out when it was to be the source',
  );
});

test('it stays as it is while its text is nowhere, and is replaced, UID and all, when that comes', async (t) => {
  const { bench, store, guid, first, second, third } = await makeCopies(t);
  store.user.expunge('INBOX', third);
  await noteFlaws(bench, 'INBOX', [first, second, third]);
  const mending = startMending();
  await mendTexts(bench, mending, indexTexts([]));
  assert.equal(mending.troubles.size, 2);
  await store.spool.put(guid, Buffer.from(original));
  await mendTexts(bench, mending, indexTexts(await store.spool.texts()));
  assert.deepEqual([mending.troubles.size, bench.catalog.flawedTexts()], [0, []]);
  assert.deepEqual(bench.catalog.deliverableGuids(), []);
  assert.deepEqual(
    store.user.messages('INBOX').map(({ uid, text }) => [uid, Buffer.from(text).toString()]),
    [
      [1, original],
      [2, original],
    ],
  );
});

/** Two messages that are damaged, and whose texts lie in the spool; the first time that one is put back, this is done. */
async function makeDamaged(t: { after(clean: () => void): void }, first: (lab: Lab) => void) {
  let isFirst = true;
  const lab: Lab = await makeLab(t, {
    through: (store) => ({
      ...store,
      async replaceText(mailbox, message) {
        if (isFirst) {
          isFirst = false;
          first(lab);
        }
        return store.replaceText(mailbox, message);
      },
    }),
  });
  const { bench, store } = lab;
  const texts = ['one', 'two'].map((subject) => `Subject: ${subject}\n\nThe body.\n`);
  const refs = texts.map((text) => store.user.deliver('INBOX', text));
  await lab.look();
  for (const ref of refs) store.user.overwrite('INBOX', ref, '');
  await noteFlaws(bench, 'INBOX', refs);
  for (const text of texts) await store.spool.put(guidOfCanonical(Buffer.from(text)), Buffer.from(text));
  const mending = startMending();
  return {
    refs,
    mending,
    mend: async () => mendTexts(bench, mending, indexTexts(await store.spool.texts())),
    sizes: () => store.user.messages('INBOX').map(({ text }) => Math.sign(text.byteLength)),
  };
}

test('a text that cannot be put back is told, and the next one is put back', async (t) => {
  const { refs, mending, mend, sizes } = await makeDamaged(t, () => {
    throw new Failure('io', 'EIO');
  });
  await mend();
  assert.deepEqual(
    [...mending.troubles.values()].map(({ subject, failure }) => [subject, failure.code]),
    [[refs[0], 'io']],
  );
  assert.deepEqual(
    mending.mended.map(({ ref }) => ref),
    refs.slice(1),
  );
  assert.deepEqual(sizes(), [0, 1]);
});

for (const [name, cause] of [
  ['a broken invariant', new Failure('internal', 'internal error: broken')],
  ['an error that nobody foresaw', new TypeError('x is not a function')],
] as const) {
  test(`${name} ends the mending, and is no trouble with one text`, async (t) => {
    const { mending, mend, sizes } = await makeDamaged(t, () => {
      throw cause;
    });
    await assert.rejects(mend(), cause);
    assert.deepEqual([mending.troubles.size, sizes()], [0, [0, 0]]);
  });
}

test('an interruption is heeded between two texts', async (t) => {
  const { mending, mend, sizes } = await makeDamaged(t, (lab) => lab.interrupt());
  await assert.rejects(mend(), /stopped here/);
  assert.deepEqual([mending.troubles.size, sizes()], [0, [1, 0]]);
});
