import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StatusReport } from '../../../src/check/reports/check-report-types.js';
import { Failure } from '../../../src/failure.js';
import type { LeftForLater } from '../../../src/flow/reports/run-report-types.js';
import { reportObjects } from '../../../src/terminal/json/dispatch-report-to-json.js';
import { jsonLine } from '../../../src/terminal/json/json-line.js';
import type { Report } from '../../../src/terminal/output/output-interface.js';
import { initReport, inspectReport, statusReport, verifyReport } from '../account-samples.js';
import {
  busyScan,
  cabin,
  exportReport,
  forgetReport,
  home,
  importReport,
  nowS,
  restoreReport,
  ship,
  view,
} from '../run-samples.js';

function lines(report: Report): Record<string, unknown>[] {
  return reportObjects(report, view).map((object) => {
    const text = jsonLine(object);
    assert.doesNotMatch(text, /\n/);
    const { schema, ...rest } = JSON.parse(text);
    assert.equal(schema, 1);
    return rest;
  });
}

function withoutTime(bundle: StatusReport['unconfirmed'][number] | undefined): object {
  const { madeAtS: _, ...rest } = bundle ?? { madeAtS: 0 };
  return rest;
}

function ofKind(objects: readonly Record<string, unknown>[], kind: string): Record<string, unknown>[] {
  return objects.filter((object) => object.kind === kind);
}

test('an import: bundles, changes, troubles, and the totals last', () => {
  const objects = lines(importReport);
  assert.deepEqual(ofKind(objects, 'renamed'), [{ kind: 'renamed', from: 'Old', to: 'Lists/New' }]);
  assert.deepEqual(ofKind(objects, 'scanned'), [{ kind: 'scanned', ...busyScan.changes[0] }]);
  assert.deepEqual(ofKind(objects, 'bundle')[0], {
    kind: 'bundle',
    fileName: 'home-000042.tar.zst',
    sizeBytes: 3_100_000,
    from: { hostId: home, name: 'home' },
    number: 42,
    outcome: 'taken',
    madeAt: '2026-11-24T10:00:00Z',
    failure: null,
  });
  assert.deepEqual(ofKind(objects, 'bundle')[2]?.failure, {
    code: 'bundle-damaged',
    message: 'reading ship-000007.tar.zst: it is cut off after 12 bytes; it was not used',
    hint: 'Copy it again, or let ship export anew',
  });
  assert.deepEqual(ofKind(objects, 'unstorable'), [{ kind: 'unstorable', mailbox: 'INBOX', keyword: 'vacation' }]);
  assert.deepEqual(ofKind(objects, 'withheld'), [
    {
      kind: 'withheld',
      mailbox: 'INBOX',
      messages: 0,
      flags: 2,
      expunges: 1,
      others: 0,
      from: { hostId: cabin, name: 'cabin' },
    },
  ]);
  assert.deepEqual(objects.at(-1), {
    kind: 'import',
    dryRun: true,
    source: '/media/usb',
    bundles: 3,
    mailboxes: 4,
    texts: { arrived: 3, bytes: 1235, linked: 1, waiting: 2 },
    expunged: { messages: 0, mailboxes: 0 },
    room: { neededBytes: 1235, freeBytes: 48_000_000_000 },
    newest: [{ mailbox: 'INBOX', received: '2026-11-23T12:00:00Z', subject: 'Ferry times have changed' }],
    intact: true,
    waitsFor: [{ name: 'cabin', texts: 2 }],
    trashed: 2,
    unmatched: [],
    fed: null,
    refetched: null,
  });
});

test('every decision is a line of its own, with the names of hosts and the UIDs that are known', () => {
  const changes = ofKind(lines(importReport), 'change');
  assert.equal(changes.length, 25);
  assert.deepEqual(
    changes.find(({ change }) => change === 'renumbered'),
    {
      kind: 'change',
      mailbox: 'INBOX',
      change: 'renumbered',
      birth: { host: home, serial: 3 },
      from: 55,
      to: 103,
      why: 'late',
    },
  );
  assert.deepEqual(
    changes
      .filter(({ change }) => change === 'flag-conflict')
      .map(({ uid, winner, loser }) => ({ uid, winner, loser })),
    [
      { uid: 20, winner: { hostId: cabin, name: 'cabin' }, loser: { hostId: home, name: 'home' } },
      { uid: null, winner: { hostId: ship, name: 'host c3c3c3c3' }, loser: { hostId: cabin, name: 'cabin' } },
    ],
  );
  assert.deepEqual(changes.find(({ change }) => change === 'expunged')?.by, { hostId: home, name: 'home' });
  assert.deepEqual(changes.at(-1), {
    kind: 'change',
    mailbox: 'Kept',
    change: 'kept',
    by: { hostId: cabin, name: 'cabin' },
  });
});

test('an export: one line a mailbox, and the bundle last', () => {
  const objects = lines(exportReport);
  assert.deepEqual(ofKind(objects, 'outgoing')[0], {
    kind: 'outgoing',
    number: 5,
    mailbox: 'INBOX',
    saves: 3,
    updates: 1,
    living: 12_345,
    savedBytes: 4000,
    expunged: 0,
    moved: [],
  });
  assert.deepEqual(objects.at(-1), {
    kind: 'export',
    dryRun: false,
    target: '/media/usb',
    expunged: { messages: 0, mailboxes: 0 },
    newMedium: false,
    bundles: [
      {
        fileName: 'cabin-000005.tar.zst',
        number: 5,
        sizeBytes: 1_234_567,
        texts: 3,
        textBytes: 4096,
        to: ['home', 'ship'],
        sealed: true,
        buildsOn: 1,
        mailboxes: 2,
      },
    ],
    left: null,
    room: { neededBytes: 1_234_567, freeBytes: 7_000_000_000 },
    removed: ['cabin-000003.tar.zst'],
    hasReaders: true,
    otherAccounts: [],
    unmatched: [],
  });
  assert.deepEqual(lines({ ...exportReport, bundles: [] }).at(-1)?.bundles, []);
});

test('an export that leaves something for next time says of which mailboxes', () => {
  const mailbox = { mailbox: 'INBOX', messages: 3, textBytes: 4096 };
  const left: LeftForLater = { limit: 'room', mailboxes: [mailbox], messages: 3, textBytes: 4096, askedTexts: 1 };
  const objects = lines({ ...exportReport, left });
  assert.deepEqual(ofKind(objects, 'left'), [{ kind: 'left', ...mailbox }]);
  assert.deepEqual(objects.at(-1)?.left, { ...left, mailboxes: 1 });
});

test('a sync: both halves, what was seen in the store once, and its own line last', () => {
  const failure = new Failure('io', 'writing to /media/usb: input/output error');
  const objects = lines({
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    import: importReport,
    export: exportReport,
    failure,
  });
  assert.equal(ofKind(objects, 'scanned').length, 1);
  assert.equal(ofKind(objects, 'import').length, 1);
  assert.equal(ofKind(objects, 'export').length, 1);
  assert.deepEqual(objects.at(-1), {
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    failure: { code: 'io', message: 'writing to /media/usb: input/output error', hint: null },
  });
  const onlyExport = lines({
    kind: 'sync',
    target: '/media/usb',
    otherAccounts: [],
    import: null,
    export: exportReport,
    failure: null,
  });
  assert.equal(ofKind(onlyExport, 'scanned').length, 1);
});

test('troubles name their mailbox', () => {
  const failure = new Failure('store-damaged', 'reading 123.eml: permission denied');
  const troubles = [{ subject: '123.eml', failure }];
  const [first] = importReport.mailboxes;
  assert.ok(first !== undefined);
  const objects = lines({ ...importReport, mailboxes: [{ ...first, decisions: [], troubles }] });
  const about = { kind: 'trouble', subject: '123.eml', code: 'store-damaged', message: failure.message, hint: null };
  assert.deepEqual(
    ofKind(objects, 'trouble').filter(({ subject }) => subject === '123.eml'),
    [{ ...about, mailbox: 'INBOX' }],
  );
});

test('status, inspect, verify, log and init', () => {
  const status = lines(statusReport);
  assert.equal(ofKind(status, 'mailbox').length, 3);
  assert.deepEqual(ofKind(status, 'peer')[1], {
    kind: 'peer',
    hostId: ship,
    name: 'ship',
    lastNumber: 7,
    mailboxesBehind: 1,
    wantedTexts: 11,
    inStep: false,
    lacks: { messages: 0, mailboxes: 1 },
    unwritten: { messages: 0, mailboxes: 0 },
    lastHeard: '2026-11-24T11:59:00Z',
    inStepSince: null,
  });
  assert.deepEqual(ofKind(status, 'unconfirmed'), [
    { kind: 'unconfirmed', ...withoutTime(statusReport.unconfirmed[0]), madeAt: '2026-11-24T11:59:30Z' },
  ]);
  assert.deepEqual(status.at(-1), {
    kind: 'status',
    account: 'alice',
    host: { hostId: cabin, name: 'cabin' },
    store: 'maildir:/home/alice/Maildir',
    serverUids: false,
    mailboxes: 3,
    peers: 2,
    unconfirmed: 1,
    textsLeft: 1,
    lastExport: { number: 5, madeAt: '2026-11-24T11:59:30Z' },
    next: statusReport.next,
  });
  const [trashed, ...more] = lines(restoreReport);
  assert.deepEqual(trashed, {
    kind: 'trashed',
    mailbox: 'Lists/cats',
    guid: 'd4'.repeat(32),
    sizeBytes: 1234,
    uidValidity: 1_700_000_000,
    uid: 17,
    bundle: { fileName: 'cabin-000009.tar.zst.age', number: 9 },
    subject: 'Cats\u001b[2J and dogs',
    outcome: 'restorable',
    flags: ['\\Seen', 'work'],
    received: '2026-10-15T12:00:00Z',
    expungedAt: '2026-11-24T10:00:00Z',
    by: { hostId: cabin, name: 'cabin' },
  });
  assert.deepEqual(more.at(-1), {
    kind: 'restore',
    dryRun: false,
    listing: true,
    room: null,
    messages: 3,
    restored: 0,
  });
  const [lost, held, forget] = lines(forgetReport);
  assert.deepEqual(lost, {
    kind: 'textless',
    mailbox: 'INBOX',
    guid: 'a7'.repeat(32),
    uid: 12,
    sizeBytes: 1234,
    holders: [],
    outcome: 'lost',
    received: '2026-10-15T12:00:00Z',
  });
  assert.deepEqual([held?.uid, held?.holders, held?.outcome], [null, ['home', 'ship'], 'held']);
  assert.deepEqual(forget, { kind: 'forget', dryRun: false, listing: true, messages: 2, forgotten: 0 });
  const inspect = lines(inspectReport);
  assert.deepEqual(inspect[0]?.clock, { [home]: { serial: 100, modseq: 97 } });
  assert.equal(inspect.at(-1)?.madeAt, '2026-11-24T10:00:00Z');
  const findings = [new Failure('bundle-damaged', 'text 4711 does not match its hash')];
  assert.deepEqual(
    lines({ ...verifyReport, ok: false, findings }).map(({ kind, ok, findings: count }) => ({ kind, ok, count })),
    [
      { kind: 'finding', ok: undefined, count: undefined },
      { kind: 'verify', ok: false, count: 1 },
    ],
  );
  assert.deepEqual(lines({ kind: 'log', records: [{ atS: nowS, what: 'scan', details: { a: 1 } }] }), [
    { kind: 'log', at: '2026-11-24T12:00:00Z', what: 'scan', details: { a: 1 } },
  ]);
  const { troubles: _, warnings: __, ...init } = initReport;
  assert.deepEqual(lines(initReport), [init]);
});

test('a line can be shown on a terminal, and says what it says when parsed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (mailbox) => {
      const text = jsonLine({ kind: 'mailbox', mailbox });
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
      assert.deepEqual(JSON.parse(text), { schema: 1, kind: 'mailbox', mailbox });
    }),
    { numRuns: 2000 },
  );
});
