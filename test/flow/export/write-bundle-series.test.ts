import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { foldedBundlesMin } from '../../../src/flow/export/compact-bundle-chain.js';
import type { ExportOptions } from '../../../src/flow/export/export-options.js';
import { exportTo } from '../../../src/flow/export/run-export.js';
import { importFrom } from '../../../src/flow/import/run-import.js';
import type { ExportReport } from '../../../src/flow/reports/run-report-types.js';
import { syncWith } from '../../../src/flow/sync-with-directories.js';
import type { MediumRoom } from '../../../src/medium/free-space.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, makeParty, type Party, pair, sessionOf } from '../../scenes/party.js';
import { casesTried } from '../../thoroughness.js';

// Exports that do not fit: into one file, onto a stick, or into what the user allows.

const asUsual: ExportOptions = {
  dryRun: false,
  full: false,
  texts: 'unseen',
  plain: false,
  mailboxes: [],
  allowExpunge: true,
};
const endless: MediumRoom = { fileBytesMax: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY };

type Scene = {
  readonly home: Party;
  readonly cabin: Party;
  readonly stick: string;
  readonly folder: string;
  /** Exports of home, and what cabin makes of all that lies there; cabin answers. */
  sends(room: Partial<MediumRoom>, options?: Partial<ExportOptions>): Promise<ExportReport>;
  takes(): Promise<void>;
  answers(): Promise<void>;
};

async function makeScene(t: TestContext): Promise<Scene> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  const exports = async (party: Party, room: Partial<MediumRoom>, options: Partial<ExportOptions> = {}) => {
    const target = { directory: stick, room: () => ({ ...endless, ...room }) };
    return exportTo(sessionOf(party), target, { ...asUsual, ...options });
  };
  return {
    ...{ home, cabin, stick, folder: join(stick, 'mrepl', 'alice') },
    sends: (room, options) => exports(home, room, options),
    takes: async () => {
      const { mailboxes, bundles } = await importFrom(sessionOf(cabin), { directory: stick }, asUsual);
      assert.deepEqual(bundles.map(({ failure }) => failure).filter(Boolean), []);
      for (const { decisions } of mailboxes) {
        assert.deepEqual(
          decisions.filter(({ kind }) => kind === 'renumbered' || kind === 'expunged'),
          [],
        );
      }
    },
    answers: async () => {
      await exports(cabin, {});
      await importFrom(sessionOf(home), { directory: stick }, asUsual);
    },
  };
}

/** A message that cannot be made smaller, of about so many bytes. */
function letterOf(subject: string, sizeBytes: number): string {
  let body = '';
  for (let n = 0; body.length < sizeBytes; n++) {
    body += `${createHash('sha512').update(`${subject} ${n}`).digest('base64')}\n`;
  }
  return `Subject: ${subject}\n\n${body}`;
}

function fill({ store }: Party, mailbox: string, count: number, sizeBytes = 2000): void {
  for (let n = 0; n < count; n++) store.user.deliver(mailbox, letterOf(`${mailbox} ${n}.`, sizeBytes));
}

function shown({ store }: Party, mailbox: string): string[] {
  return store.user
    .messages(mailbox)
    .map(({ uid, text }) => `${uid} ${/^Subject: (.*)$/m.exec(Buffer.from(text).toString())?.[1]}`);
}

/** Not cards. */
function bundlesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.age'))
    .sort();
}

function bytesIn(folder: string): number {
  return bundlesIn(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test('what is more than a file may hold becomes a series of bundles, taken in at once or one by one', async (t) => {
  for (const isAtOnce of [true, false]) {
    const { home, cabin, folder, sends, takes, answers } = await makeScene(t);
    fill(home, 'INBOX', 40);
    fill(home, 'Work', 10);
    const fileBytesMax = 30_000;
    const report = await sends({ fileBytesMax });
    assert.equal(report.left, null);
    assert.deepEqual(report.troubles, []);
    assert.ok(report.bundles.length > 3, `${report.bundles.length} bundles`);
    const names = bundlesIn(folder);
    assert.ok(names.every((name) => statSync(join(folder, name)).size <= fileBytesMax));
    if (!isAtOnce) {
      for (const fileName of names) {
        await importFrom(sessionOf(cabin), { files: [join(folder, fileName)] }, asUsual);
        const inbox = shown(cabin, 'INBOX');
        assert.deepEqual(inbox, shown(home, 'INBOX').slice(0, inbox.length), 'oldest UID first');
        assert.ok(inbox.length === 40 || shown(cabin, 'Work').length === 0, 'INBOX first');
      }
    }
    await takes();
    for (const mailbox of ['INBOX', 'Work']) assert.deepEqual(shown(cabin, mailbox), shown(home, mailbox));
    await answers();
    const next = await sends({ fileBytesMax });
    assert.deepEqual([next.bundles.flatMap(({ mailboxes }) => mailboxes), next.left], [[], null]);
    assert.deepEqual([...next.removed].sort(), names);
  }
});

test('what --max-size leaves goes with the next exports, also while the first ones still lie there', async (t) => {
  for (const answersEachTime of [true, false]) {
    const { home, cabin, folder, sends, takes, answers } = await makeScene(t);
    fill(home, 'INBOX', 25);
    fill(home, 'Work', 5);
    const maxBytes = 25_000;
    let told = 0;
    for (let turn = 0; ; turn++) {
      assert.ok(turn < 10, 'it does not come to an end');
      const before = new Set(bundlesIn(folder));
      const { bundles, left, troubles } = await sends({}, { maxBytes });
      const written = bundles.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
      assert.ok(written <= maxBytes && bundles.every(({ fileName }) => !before.has(fileName)));
      await takes();
      const now = shown(cabin, 'INBOX').length + shown(cabin, 'Work').length;
      assert.ok(now > told);
      told = now;
      assert.deepEqual(shown(cabin, 'INBOX'), shown(home, 'INBOX').slice(0, shown(cabin, 'INBOX').length));
      if (left === null) break;
      assert.equal(left.limit, 'max-size');
      assert.equal(left.messages, 30 - now);
      assert.equal(troubles.length, 1);
      assert.match(
        troubles[0]?.failure.message ?? '',
        /more than --max-size allows; \d+ new messages? in .* will go next time$/,
      );
      if (answersEachTime) await answers();
    }
    assert.equal(told, 30);
    await answers();
    const last = await sends({}, { maxBytes });
    assert.deepEqual([last.bundles.flatMap(({ mailboxes }) => mailboxes), last.left], [[], null]);
  }
});

test('mail that is delivered while a mailbox comes in parts stays, and all agree in the end', async (t) => {
  const { home, cabin, stick, sends, takes, answers } = await makeScene(t);
  fill(home, 'INBOX', 12);
  home.store.user.setFlags('INBOX', home.store.user.messages('INBOX')[7]?.ref ?? '', ['\\Seen']);
  await sends({}, { maxBytes: 30_000 });
  await takes();
  cabin.store.user.deliver('INBOX', letterOf('only here', 10));
  home.store.user.deliver('INBOX', letterOf('new there', 10));
  for (let turn = 0; turn < 3; turn++) {
    await answers();
    await sends({});
    await importFrom(sessionOf(cabin), { directory: stick }, asUsual);
  }
  await answers();
  assert.deepEqual(shown(cabin, 'INBOX').sort(), shown(home, 'INBOX').sort());
  assert.equal(shown(home, 'INBOX').length, 14);
});

test('with little room smaller texts get past one that does not fit, and it goes when there is more', async (t) => {
  const { home, cabin, sends, takes, answers } = await makeScene(t);
  fill(home, 'INBOX', 3);
  home.store.user.deliver('INBOX', letterOf('large', 100_000));
  fill(home, 'INBOX', 3);
  fill(home, 'Work', 2);
  const report = await sends({ freeBytes: 60_000 });
  assert.equal(report.left, null);
  await takes();
  assert.equal(shown(cabin, 'INBOX').length, 6);
  assert.equal(shown(cabin, 'Work').length, 2);
  await answers();
  await sends({});
  await importFrom(sessionOf(cabin), { directory: report.target }, asUsual);
  assert.deepEqual(
    shown(cabin, 'INBOX')
      .map((one) => one.replace(/^\d+ /, ''))
      .sort(),
    shown(home, 'INBOX')
      .map((one) => one.replace(/^\d+ /, ''))
      .sort(),
  );
});

test('a message that is larger than all the room blocks nothing: it is named, and goes when there is more', async (t) => {
  const { home, cabin, sends, takes, answers } = await makeScene(t);
  home.store.user.deliver('INBOX', letterOf('huge', 60_000));
  fill(home, 'INBOX', 5);
  const maxBytes = 30_000;
  const first = await sends({}, { maxBytes });
  assert.equal(first.left, null);
  assert.deepEqual(
    first.troubles.map(({ failure }) => failure.message.replace(/of .* in INBOX \(/, 'of it (')),
    [`exporting to ${first.target}: for the text of it (60 kB) there is no room; it stays behind`],
  );
  await takes();
  assert.equal(shown(cabin, 'INBOX').length, 5);
  assert.deepEqual(shown(cabin, 'INBOX'), shown(home, 'INBOX').slice(1));
  const again = await sends({}, { maxBytes });
  assert.deepEqual([again.bundles.length, again.troubles.length], [0, 1]);
  await sends({});
  await importFrom(sessionOf(cabin), { directory: first.target }, asUsual);
  assert.equal(shown(cabin, 'INBOX').length, 6);
  await answers();
  const last = await sends({}, { maxBytes });
  assert.deepEqual(last.troubles, []);
});

test('on a full stick bundles that everybody has go first, and where nothing fits nothing is written', async (t) => {
  const { home, cabin, stick, folder, sends, takes, answers } = await makeScene(t);
  fill(home, 'INBOX', 10);
  await sends({});
  await takes();
  await answers();
  fill(home, 'Work', 3);
  const capacityBytes = bytesIn(folder) + 4000; // with the first bundle gone there is enough
  const free = (): number => capacityBytes - bytesIn(folder);
  const target = { directory: stick, room: () => ({ ...endless, freeBytes: free() }) };
  const foreseen = await exportTo(sessionOf(home), target, { ...asUsual, dryRun: true });
  assert.deepEqual([foreseen.bundles.length, foreseen.left, foreseen.removed.length], [1, null, 1]);
  const done = await exportTo(sessionOf(home), target, asUsual);
  assert.deepEqual([done.bundles.length, done.left, done.removed.length], [1, null, 1]);
  assert.ok(free() >= 0);
  await takes();
  assert.deepEqual(shown(cabin, 'Work'), shown(home, 'Work'));

  fill(home, 'Lists', 5, 20_000);
  const before = bundlesIn(folder);
  const full = { directory: stick, room: () => ({ ...endless, freeBytes: 0 }) };
  await assert.rejects(exportTo(sessionOf(home), full, asUsual), (error) => {
    return (
      error instanceof Failure &&
      error.code === 'medium-full' &&
      /5 new messages in Lists will go next time/.test(error.message)
    );
  });
  assert.deepEqual(bundlesIn(folder), before);
});

test('a dry run says what would be written and what would be left', async (t) => {
  const { home, folder, sends } = await makeScene(t);
  fill(home, 'INBOX', 20);
  const limits = { maxBytes: 25_000 };
  const foreseen = await sends({}, { ...limits, dryRun: true });
  const found = bundlesIn(folder).length;
  assert.deepEqual([foreseen.bundles.length > 0, foreseen.left?.limit, found], [true, 'max-size', 0]);
  const done = await sends({}, limits);
  assert.equal(done.bundles[0]?.mailboxes[0]?.saves, foreseen.bundles[0]?.mailboxes[0]?.saves);
  assert.ok((done.left?.messages ?? 0) <= (foreseen.left?.messages ?? 0), 'what was foreseen was the least');
});

test('a pipe gets one bundle of at most --max-size, and the next one once that was heard of', async (t) => {
  const { home, cabin, answers } = await makeScene(t);
  fill(home, 'INBOX', 12);
  const maxBytes = 20_000;
  for (let turn = 0; shown(cabin, 'INBOX').length < 12; turn++) {
    assert.ok(turn < 6, 'it does not come to an end');
    const pieces: Buffer[] = [];
    const sink = new Writable({
      write(piece: Buffer, _, done) {
        pieces.push(piece);
        done();
      },
    });
    const { bundles } = await exportTo(sessionOf(home), { sink }, { ...asUsual, maxBytes });
    const bytes = Buffer.concat(pieces);
    assert.ok(bundles.length === 1 && bytes.length <= maxBytes);
    await importFrom(sessionOf(cabin), { stream: Readable.from([bytes]) }, asUsual);
    await answers();
  }
  assert.deepEqual(shown(cabin, 'INBOX'), shown(home, 'INBOX'));
});

test('a series of many bundles that nobody has taken in yet goes on, and is not begun again', async (t) => {
  const { home, cabin, sends, takes } = await makeScene(t);
  fill(home, 'INBOX', 70, 4000);
  let left = 70;
  for (let turn = 0; left > 0; turn++) {
    assert.ok(turn < 70, 'it does not come to an end');
    const report = await sends({}, { maxBytes: 30_000 });
    assert.ok((report.left?.messages ?? 0) < left, `nothing new after ${turn} runs`);
    left = report.left?.messages ?? 0;
  }
  assert.ok(home.catalog.exports().length > foldedBundlesMin);
  await takes();
  assert.deepEqual(shown(cabin, 'INBOX'), shown(home, 'INBOX'));
});

/** Something a user does, or a sync of a host with so much room. `who` and `what` are taken modulo what there is. */
type Act = {
  readonly kind: 'deliver' | 'expunge' | 'flag' | 'move' | 'sync';
  readonly who: number;
  readonly what: number;
  readonly maxBytes: number;
};

const acts: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom('deliver', 'deliver', 'expunge', 'flag', 'move', 'sync', 'sync', 'sync'),
  who: fc.nat(2),
  what: fc.nat(99),
  maxBytes: fc.integer({ min: 5000, max: 16_000 }),
});

test('whatever happens while hosts have little room: nothing is lost, and in the end all is everywhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 6, maxLength: 30 }), async (history) => {
      const directory = mkdtempSync(join(tmpdir(), 'mrepl-series-'));
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      const parties = await Promise.all(['home', 'cabin', 'boat'].map((name, n) => makeParty(directory, name, n + 1)));
      const [home, cabin, boat] = parties as [Party, Party, Party];
      const sync = async (party: Party, maxBytes?: number): Promise<number> => {
        const options = { ...asUsual, plain: true, ...(maxBytes === undefined ? {} : { maxBytes }) };
        const [report] = await syncWith(sessionOf(party), [stick], options);
        const failure = report?.failure ?? null;
        if (failure !== null && failure.code !== 'medium-full') throw failure;
        return report?.export?.bundles.length ?? 0;
      };
      try {
        for (const one of [
          [home, cabin],
          [cabin, boat],
          [home, boat],
        ] as const)
          await pair(one, stick);
        const expunged = new Set<string>();
        let delivered = 0;
        for (const { kind, who, what, maxBytes } of history) {
          const party = parties[who] as Party;
          const { user } = party.store;
          const mailbox = ['INBOX', 'Work'][what % 2] as string;
          const all = user.messages(mailbox);
          const message = all[what % Math.max(1, all.length)];
          if (kind === 'deliver') {
            for (let copy = 0; copy <= what % 5; copy++)
              user.deliver(mailbox, letterOf(`${delivered++}.`, 500 * (what % 7)));
          } else if (kind === 'sync') await sync(party, maxBytes);
          else if (message === undefined) continue;
          else if (kind === 'flag') user.setFlags(mailbox, message.ref, ['\\Seen']);
          else {
            const text = Buffer.from(message.text).toString();
            user.expunge(mailbox, message.ref);
            if (kind === 'move') user.deliver(mailbox === 'Work' ? 'INBOX' : 'Work', text, message.flags);
            else expunged.add(text);
          }
        }
        let written = 1;
        for (let round = 0; written > 0; round++) {
          assert.ok(round < 12, 'they do not come to rest');
          written = 0;
          for (const party of parties) written += await sync(party);
        }
        const views = parties.map((party) =>
          ['INBOX', 'Work'].map((mailbox) => shown(party, mailbox).sort().join('\n')),
        );
        assert.deepEqual(views.slice(1), [views[0], views[0]]);
        const there = new Set(
          parties.flatMap(({ store }) =>
            ['INBOX', 'Work'].flatMap((mailbox) =>
              store.user.messages(mailbox).map(({ text }) => Buffer.from(text).toString()),
            ),
          ),
        );
        for (let n = 0; n < delivered; n++) {
          const isIt = (text: string): boolean => text.startsWith(`Subject: ${n}.\n`);
          assert.ok([...there].some(isIt) || [...expunged].some(isIt), `${n} is lost`);
        }
      } finally {
        for (const { catalog } of parties) catalog.close();
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: Number(process.env.MREPL_TEST_RUNS ?? casesTried(9)), includeErrorInReport: true },
  );
});
