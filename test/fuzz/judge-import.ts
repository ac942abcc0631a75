import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBundle, verifyRecords } from '../../src/bundle/read/open-bundle.js';
import { dumpCatalog } from '../../src/catalog/dump-catalog.js';
import type { Catalog } from '../../src/catalog/interface/catalog.js';
import { Failure } from '../../src/failure.js';
import type { ImportReport } from '../../src/flow/reports/run-report-types.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { isPresent } from '../../src/replica/mailbox-state.js';
import { nameOfFolder } from '../../src/store/maildir/layout/folder-name-mapping.js';
import { viewMaildir } from '../maildir-view.js';
import { copyOfHost, exported, type FuzzHost, look, taken, withSession } from './host.js';
import type { Verdict } from './judge-merge.js';
import type { Scene } from './scene.js';
import { complaintAbout } from './soundness.js';

/** What may stop a whole run, with nothing changed. */
const stopping: ReadonlySet<string> = new Set(['identity', 'guard']);

/** What a mailbox that the store cannot have leads to. */
const storeTroubles: ReadonlySet<string> = new Set(['cannot-create']);

/**
 * Imports the bundle into a copy of the victim, with a real catalog and a real store, and then lets it go on with a host that is honest; `isSecond`:
 * after the bundle that the sender first wrote under this number. Throws whatever must not be. `directory` is emptied afterwards.
 */
export async function judgeImport(
  bytes: Buffer,
  scene: Scene,
  { directory, isSecond }: { readonly directory: string; readonly isSecond: boolean },
): Promise<Verdict> {
  const victim = copyOfHost(scene.victim, join(directory, 'case'));
  const third = copyOfHost(scene.third, join(directory, 'case'));
  try {
    const file = join(directory, 'case', 'attic-000009.tar.zst');
    if (isSecond) {
      const first = join(directory, 'case', 'attic-000008.tar.zst');
      writeFileSync(first, scene.bytes);
      await withSession(victim, (session) => taken(session, first));
    }
    writeFileSync(file, bytes);
    const report = await imported(victim, file);
    if (report === null) return 'refused';
    await demandSound(victim);
    await withSession(victim, (session) => demandFailures(() => taken(session, file, true)));
    await demandRest(victim);
    await goOn(victim, third, join(directory, 'case'));
    const [bundle] = report.bundles;
    return bundle?.outcome === 'refused' ? 'refused' : bundle?.outcome === 'taken' ? 'taken' : 'in part';
  } finally {
    rmSync(join(directory, 'case'), { recursive: true });
  }
}

/** Null where the run was stopped; then nothing is changed. */
async function imported(victim: FuzzHost, file: string): Promise<ImportReport | null> {
  await withSession(victim, look);
  const before = await withSession(victim, async ({ catalog }) => snapshot(catalog, victim));
  return withSession(victim, async (session) => {
    const report = await demandFailures(() => taken(session, file));
    const isRefused = report === null || report.bundles.every(({ outcome }) => outcome === 'refused');
    const isFoundOut =
      report?.bundles.some(({ failure }) => failure?.message.includes('has told two stories')) === true;
    const after = snapshot(session.catalog, victim);
    // Of a sender that is found out the messages become ones of this host: then the mail itself, which comes last, is what it was.
    const compared = (lines: readonly string[]): readonly string[] => (isFoundOut ? lines.slice(-1) : lines);
    if (isRefused) demandEqual(compared(after), compared(before), 'what was refused left a trace');
    for (const { troubles } of report?.mailboxes ?? []) {
      for (const { failure } of troubles) if (!storeTroubles.has(failure.code)) throw failure;
    }
    return report;
  });
}

async function demandFailures(work: () => Promise<ImportReport>): Promise<ImportReport | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && stopping.has(error.code)) return null;
    throw error;
  }
}

function snapshot(catalog: Catalog, { site }: FuzzHost): readonly string[] {
  // That something was refused, or found damaged, is remembered.
  const lines = [...dumpCatalog(catalog)].filter(
    (line) => !/^(?:log|note "(?:refused:|damaged:|complaint"))/.test(line),
  );
  return [...lines.map((line) => line.replace(/, fingerprint .*/, '')), JSON.stringify(viewMaildir(site.maildir))];
}

/** The store holds what the catalog says, and both make sense. */
async function demandSound(host: FuzzHost): Promise<void> {
  await withSession(host, async ({ catalog }) => {
    const onDisk = viewMaildir(host.site.maildir);
    for (const { state } of catalog.summaries()) {
      const known = catalog.load(state.name);
      if (known === null) continue;
      const complaint = isPresent(known.state) ? complaintAbout(known) : null;
      if (complaint !== null) throw new Error(`${state.name}: ${complaint}`);
    }
    for (const [folder, { messages, uidNext }] of Object.entries(onDisk)) {
      const name = nameOfFolder(`.${folder}`, { layout: 'maildir++', utf8: false });
      const known = catalog.load(folder === inbox ? inbox : (name ?? folder));
      const expected = [...(known?.holdings.values() ?? [])].map(({ guid }) => guid).sort();
      demandEqual(messages.map(({ text }) => text).sort(), expected, `${folder}: the store holds something else`);
      const uids = messages.flatMap(({ uid }) => (uid === null ? [] : [uid]));
      if (new Set(uids).size !== uids.length) throw new Error(`${folder}: a UID stands twice`);
      if (uids.some((uid) => uid >= (uidNext ?? 0))) throw new Error(`${folder}: a UID above UIDNEXT`);
    }
  });
}

/** A look at the store finds nothing that mrepl did not do itself. */
async function demandRest(host: FuzzHost): Promise<void> {
  const changes = await withSession(host, look);
  if (changes > 0) throw new Error(`${changes} mailboxes changed by themselves`);
}

/** That what the sender itself believes is sound in itself was seen before. */
const knownBetter = /far beyond anything seen|is more than its counters or its UIDNEXT know/;

/** The victim and an honest host tell each other everything, and agree afterwards. */
async function goOn(victim: FuzzHost, third: FuzzHost, directory: string): Promise<void> {
  const file = join(directory, 'bundle.tar.zst');
  for (const [from, to] of [
    [victim, third],
    [third, victim],
    [victim, third],
  ] as const) {
    const { bytes, report } = await withSession(from, (session) => exported(session, { full: true, texts: 'always' }));
    if (report.bundles.length === 0) throw new Error(`${from.name} has nothing to say`);
    if (report.troubles.length > 0) throw report.troubles[0]?.failure ?? new Error('texts stayed behind');
    writeFileSync(file, bytes);
    await demandReadable(file);
    const outcome = await withSession(to, (session) => demandFailures(() => taken(session, file)));
    // It was made to believe something of the other host, such as a UID that this gave, or a count, which the other one knows to be wrong.
    if (outcome === null || outcome.bundles[0]?.failure?.message.match(knownBetter)) return;
    const failure = outcome.bundles[0]?.failure;
    if (failure) throw failure;
  }
  demandEqual(await viewOf(third), await viewOf(victim), 'the victim and the third host do not agree');
}

async function demandReadable(file: string): Promise<void> {
  const bundle = await openBundle(file);
  try {
    const verified = await verifyRecords(bundle);
    for (const { failure } of verified.troubles) throw failure;
    for await (const _text of verified.texts());
    for (const failure of verified.damage()) throw failure;
  } finally {
    await bundle.close();
  }
}

async function viewOf(host: FuzzHost): Promise<readonly string[]> {
  return withSession(host, async ({ catalog }) =>
    catalog.summaries().flatMap(({ state }) => {
      const known = catalog.load(state.name);
      if (known === null || !isPresent(known.state)) return [];
      const { validity, instances } = known.state;
      return [...instances]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, { uid, guid, flags }]) => {
          const on = [...flags].flatMap(([flag, register]) => (register.on ? [flag] : [])).sort();
          return `${state.name} ${validity?.uidValidity} ${key} ${uid.uid} ${guid} ${on.join(' ')}`;
        });
    }),
  );
}

function demandEqual(actual: readonly string[], expected: readonly string[], complaint: string): void {
  const differences = [
    ...expected.filter((line) => !actual.includes(line)).map((line) => `- ${line}`),
    ...actual.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
  if (actual.join('\n') !== expected.join('\n')) throw new Error([complaint, ...differences.slice(0, 8)].join('\n'));
}
