import type { Guid } from '../mail/text/text-guid.js';
import { keysEdited } from './edited-map.js';
import type { HostId } from './host-id.js';
import { editedLiving, type Living, livingOf } from './living-births-by-host.js';
import type { Instance } from './mailbox-state.js';
import type { Holding, KnownMailbox } from './mailbox-state-and-stored-files.js';
import { type BirthKey, compareBirths } from './message-birth.js';
import { filesByBirth, isSettled } from './messages-read-on-demand.js';

/** What is kept of all messages of a mailbox together. */
export type Outline = {
  /** The UIDVALIDITY that holds. */
  readonly uidValidity: number | undefined;
  readonly living: Living;
  /** Births of messages that are not settled under it, and of files that are left of messages which are gone. */
  readonly open: ReadonlySet<BirthKey>;
  /** The hosts that stand in registers of messages, each with the highest modseq that it ever had in one. */
  readonly stamps: ReadonlyMap<HostId, number>;
  /** How many files are noted. */
  readonly files: number;
};

/** What `summaries` and `waitingGuids` answer without looking at messages. */
export type MailboxCounts = {
  readonly messages: number;
  readonly leftovers: number;
  /** The guid of each instance without a holding that has been seen; once for each such instance. */
  readonly waiting: readonly Guid[];
};

/** The outline of `after`, by what differs from `before`, whose outline is known, where that is little. */
export function outlineAfter(before: KnownMailbox, after: KnownMailbox, was: Outline): Outline {
  const uidValidity = after.state.validity?.uidValidity;
  const messages = keysEdited(before.state.instances, after.state.instances);
  const refs = keysEdited(before.holdings, after.holdings);
  if (messages === null || refs === null || was.uidValidity !== uidValidity) return outlineOf(after);
  const touched = new Set(messages);
  for (const ref of refs) {
    for (const file of [before.holdings.get(ref), after.holdings.get(ref)]) {
      if (file !== undefined) touched.add(file.birth);
    }
  }
  const stamps = new Map(was.stamps);
  for (const birth of messages) {
    const instance = after.state.instances.get(birth);
    if (instance !== undefined) noteStamps(stamps, instance);
  }
  const files = filesByBirth(after);
  const open = new Set<BirthKey>();
  for (const birth of new Set([...was.open, ...touched])) {
    if (isOpen(after.state.instances.get(birth), files.of(birth), uidValidity)) open.add(birth);
  }
  const living = editedLiving(was.living, messages, { before: before.state.instances, after: after.state.instances });
  return { uidValidity, living, open, stamps, files: after.holdings.size };
}

/** The outline of a mailbox of which none is known: in one pass over its messages and files. */
export function outlineOf(known: KnownMailbox): Outline {
  const { instances, validity } = known.state;
  const uidValidity = validity?.uidValidity;
  const single = new Map<BirthKey, Holding>();
  const open = new Set<BirthKey>();
  for (const file of known.holdings.values()) {
    if (single.has(file.birth) || !instances.has(file.birth)) open.add(file.birth);
    single.set(file.birth, file);
  }
  const stamps = new Map<HostId, number>();
  for (const [birth, instance] of instances) {
    noteStamps(stamps, instance);
    const file = single.get(birth);
    if (isOpen(instance, file === undefined ? [] : [file], uidValidity)) open.add(birth);
  }
  return { uidValidity, living: livingOf(instances.values()), open, stamps, files: known.holdings.size };
}

function isOpen(instance: Instance | undefined, files: readonly Holding[], uidValidity: number | undefined): boolean {
  return instance === undefined ? files.length > 0 : !isSettled(instance, files, uidValidity);
}

function noteStamps(stamps: Map<HostId, number>, { uid, flags }: Instance): void {
  const note = ({ host, modseq }: { readonly host: HostId; readonly modseq: number }): void => {
    if (modseq > (stamps.get(host) ?? 0)) stamps.set(host, modseq);
  };
  note(uid);
  for (const register of flags.values()) note(register);
}

/** Counts a mailbox by its outline. */
export function countMailbox(known: KnownMailbox, { open }: Outline): MailboxCounts {
  const files = filesByBirth(known);
  let leftovers = 0;
  const waiting: Instance[] = [];
  for (const birth of open) {
    const instance = known.state.instances.get(birth);
    if (instance === undefined) leftovers += files.of(birth).length;
    else if (files.seen(birth) === undefined) waiting.push(instance);
  }
  waiting.sort((a, b) => compareBirths(a.birth, b.birth));
  return { messages: known.state.instances.size, leftovers, waiting: waiting.map(({ guid }) => guid) };
}
