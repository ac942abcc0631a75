import assert from 'node:assert/strict';
import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Scan } from '../../src/mail/mailbox-scan.js';
import { filesAsSeen } from '../../src/merge/observe/files-as-seen-before.js';
import { leavesOutNothing } from '../../src/merge/observe/observe-mailbox.js';
import { differences } from '../../src/replica/edited-map.js';
import { type Outline, outlineAfter, outlineOf } from '../../src/replica/mailbox-outline.js';
import type { Instance } from '../../src/replica/mailbox-state.js';
import type { Holding, KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { MapReadOnDemand } from '../../src/replica/map-read-on-demand.js';
import type { BirthKey } from '../../src/replica/message-birth.js';
import type { FileSource, MessageSource } from '../../src/replica/messages-read-on-demand.js';
import { type Clock, coversBirth, coversStamp } from '../../src/replica/version-vector.js';

/** What stands in the tables of one mailbox, and the maps that were given out and read it. */
type Tables = {
  readonly messages: Map<BirthKey, Instance>;
  readonly files: Map<string, Holding>;
  readonly given: {
    readonly messages: MapReadOnDemand<BirthKey, Instance>;
    readonly files: MapReadOnDemand<string, Holding>;
  }[];
};

/**
 * The catalog of a host of the model as SQLite keeps it: what is put into it is written by what differs, and what is taken
 * out of it reads its messages on demand, from then on or, as within one run, with the edits of the run. Every outline
 * that is made by what differs is compared with one that is made by looking at every message.
 */
export class CatalogOnDemand extends Map<MailboxName, KnownMailbox> {
  private readonly tables = new Map<MailboxName, Tables>();
  private readonly outlines = new WeakMap<KnownMailbox, Outline>();
  private puts = 0;

  override set(name: MailboxName, after: KnownMailbox): this {
    const before = this.get(name);
    if (before === after) return this;
    const tables = this.tables.get(name) ?? { messages: new Map(), files: new Map(), given: [] };
    this.tables.set(name, tables);
    const was = before === undefined ? undefined : this.outlines.get(before);
    const outline = before === undefined || was === undefined ? outlineOf(after) : outlineAfter(before, after, was);
    assertSame(outline, outlineOf(after));
    write(tables, before, after);
    this.puts += 1;
    // Within a run what was put is what is got; the next run reads anew.
    const kept = this.puts % 3 === 0 ? onDemand(tables, after, outline) : after;
    this.outlines.set(kept, outline);
    return super.set(name, kept);
  }

  override clear(): void {
    this.tables.clear();
    super.clear();
  }
}

/** A scan without what is as it was, where that says nothing. */
export function sinceSeen(before: KnownMailbox, scan: Scan, unstorable: readonly string[]): Scan {
  const seen = filesAsSeen(before);
  const messages = scan.messages.filter(
    (message) => !seen.isAsSeen(message.ref, message.uid, message.flags) || message.keywordsLost === true,
  );
  const short = {
    ...scan,
    messages,
    sinceSeen: { unchanged: scan.messages.length - messages.length, absent: [...seen.absent()] },
  };
  return leavesOutNothing(before, short, unstorable) ? short : scan;
}

/** All of it in memory, in an order of its own, to be compared. */
export function inFull({ state, holdings, ...known }: KnownMailbox): unknown {
  const sorted = <V>(map: ReadonlyMap<string, V>): [string, V][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...known, state: { ...state, instances: sorted(state.instances) }, holdings: sorted(holdings) };
}

function write(tables: Tables, before: KnownMailbox | undefined, after: KnownMailbox): void {
  for (const change of differences(before?.state.instances ?? new Map(), after.state.instances)) {
    for (const { messages } of tables.given) messages.keep(change.key);
    if (change.after === undefined) tables.messages.delete(change.key);
    else tables.messages.set(change.key, change.after);
  }
  for (const change of differences(before?.holdings ?? new Map(), after.holdings)) {
    for (const { files } of tables.given) files.keep(change.key);
    if (change.after === undefined) tables.files.delete(change.key);
    else tables.files.set(change.key, change.after);
  }
  assert.deepEqual(new Map(sortedBy(tables.messages)), new Map(sortedBy(after.state.instances)));
  assert.deepEqual(new Map(sortedBy(tables.files)), new Map(sortedBy(after.holdings)));
}

function sortedBy<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function onDemand(tables: Tables, known: KnownMailbox, outline: Outline): KnownMailbox {
  const { messages: rows, files: fileRows } = tables;
  const messageSource: MessageSource = {
    ...{ size: rows.size, living: outline.living, open: outline.open },
    ...{ uidValidity: outline.uidValidity, uidNext: known.state.uidNext },
    read: (birth) => copyOf(rows.get(birth)),
    readAll: (kept) => asOfThen(rows, kept),
    beyond: (clock) => [...rows].filter(([, instance]) => isBeyond(instance, clock)),
    moved: () => [...rows].filter(([, { movedFrom }]) => movedFrom !== undefined),
  };
  const fileSource: FileSource = {
    size: fileRows.size,
    read: (ref) => copyOf(fileRows.get(ref)),
    readAll: (kept) => asOfThen(fileRows, kept),
    ofBirth: (birth) => [...fileRows].filter(([, file]) => file.birth === birth),
    visit(each) {
      for (const { ref, uid, flags } of fileRows.values()) each(ref, uid, flags);
    },
  };
  const messages = new MapReadOnDemand<BirthKey, Instance, MessageSource>(messageSource);
  const files = new MapReadOnDemand<string, Holding, FileSource>(fileSource);
  tables.given.push({ messages, files });
  return { ...known, state: { ...known.state, instances: messages }, holdings: files };
}

/** What is read twice is two objects. */
function copyOf<T extends object>(row: T | undefined): T | undefined {
  return row === undefined ? undefined : { ...row };
}

function asOfThen<K, V>(rows: ReadonlyMap<K, V>, kept: ReadonlyMap<K, V | undefined>): Map<K, V> {
  const all = new Map(rows);
  for (const [key, value] of kept) {
    if (value === undefined) all.delete(key);
    else all.set(key, value);
  }
  return all;
}

function isBeyond({ birth, uid, flags }: Instance, clock: Clock): boolean {
  return !coversBirth(clock, birth) || [uid, ...flags.values()].some((register) => !coversStamp(clock, register));
}

/** Modseqs of registers that are gone may count on. */
function assertSame({ stamps, ...found }: Outline, { stamps: least, ...whole }: Outline): void {
  const comparable = ({ living, open, ...rest }: Omit<Outline, 'stamps'>) => ({
    ...rest,
    living: [...living].sort(([a], [b]) => (a < b ? -1 : 1)),
    open: [...open].sort(),
  });
  assert.deepEqual(comparable(found), comparable(whole));
  for (const [host, modseq] of least) assert.ok((stamps.get(host) ?? 0) >= modseq, `${host} has ${modseq}`);
}
