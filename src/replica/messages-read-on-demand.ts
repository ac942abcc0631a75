import type { Flag } from '../mail/flags.js';
import { EditedMap, keysEdited } from './edited-map.js';
import { editedLiving, type Living, livingOf } from './living-births-by-host.js';
import type { Instance, MailboxState } from './mailbox-state.js';
import type { Holding, KnownMailbox } from './mailbox-state-and-stored-files.js';
import { MapReadOnDemand, type MapSource } from './map-read-on-demand.js';
import { type Birth, type BirthKey, birthKey, birthOf } from './message-birth.js';
import { inRanges } from './number-ranges.js';
import { type Clock, coversBirth, coversStamp } from './version-vector.js';

// A mailbox may have a million messages, and a change concern one of them. So the catalog gives maps that read a
// message when it is asked for, and merging asks its questions here, where they are answered without a look at every
// message: by what the catalog keeps of all of them together, and by the edits that were made since. Maps of any other
// kind are looked through, with the same answers.

/** The messages of a mailbox, where they are kept. */
export type MessageSource = MapSource<BirthKey, Instance> & {
  readonly living: Living;
  /** UIDVALIDITY and UIDNEXT when the map was made. */
  readonly uidValidity: number | undefined;
  readonly uidNext: number;
  /** Messages that are not settled under it (`isSettled`), and births that only a file is left of. */
  readonly open: ReadonlySet<BirthKey>;
  /** All of which somebody with this clock may not know something; null where those are so many that all are read. */
  beyond(clock: Clock): Iterable<readonly [BirthKey, Instance]> | null;
  /** All that say where they were moved from. */
  moved(): Iterable<readonly [BirthKey, Instance]>;
};

/** The stored files of a mailbox, where what is known of them is kept. */
export type FileSource = MapSource<string, Holding> & {
  /** In the order of refs. */
  ofBirth(birth: BirthKey): Iterable<readonly [string, Holding]>;
  /** What stands there now, which may be later than the map. */
  visit(each: (ref: string, uid: number | null, flags: ReadonlySet<Flag>) => void): void;
};

type Messages = ReadonlyMap<BirthKey, Instance>;
type Files = ReadonlyMap<string, Holding>;

/** The serials of the messages that are alive. */
export function livingIn(messages: Messages): Living {
  const parts = partsOf(messages);
  if (parts === null) return livingOf(messages.values());
  const { living } = parts.base.source;
  return editedLiving(living, parts.edits, { before: parts.base, after: messages });
}

/** The messages whose births pass this test. */
export function messagesBorn(messages: Messages, test: (birth: Birth) => boolean): Instance[] {
  if (partsOf(messages) === null) return [...messages.values()].filter(({ birth }) => test(birth));
  const found: Instance[] = [];
  for (const [host, ranges] of livingIn(messages)) {
    for (const [lo, hi] of ranges) {
      for (let serial = lo; serial <= hi; serial++) {
        const birth = { host, serial };
        const message = test(birth) ? messages.get(birthKey(birth)) : undefined;
        if (message !== undefined) found.push(message);
      }
    }
  }
  return found;
}

/** The messages of which somebody with this clock does not know the birth, or a register. */
export function messagesBeyond(messages: Messages, clock: Clock): Instance[] {
  const isBeyond = ({ birth, uid, flags }: Instance): boolean => {
    if (!coversBirth(clock, birth) || !coversStamp(clock, uid)) return true;
    for (const register of flags.values()) if (!coversStamp(clock, register)) return true;
    return false;
  };
  return [...asked(messages, (source) => source.beyond(clock))].filter(isBeyond);
}

/** The messages that say where they were moved from. */
export function messagesMoved(messages: Messages): Instance[] {
  return [...asked(messages, (source) => source.moved())].filter(({ movedFrom }) => movedFrom !== undefined);
}

/** What the source answers, with the edits that were made since. */
function* asked(
  messages: Messages,
  question: (source: MessageSource) => Iterable<readonly [BirthKey, Instance]> | null,
): Iterable<Instance> {
  const parts = partsOf(messages);
  const answer = parts === null ? null : question(parts.base.source);
  if (parts === null || answer === null) {
    yield* messages.values();
    return;
  }
  for (const message of parts.base.found(answer)) if (!parts.edits.has(birthKey(message.birth))) yield message;
  for (const key of parts.edits) {
    const message = messages.get(key);
    if (message !== undefined) yield message;
  }
}

/** The messages that are in `before` and not in `after`. */
export function messagesGone(before: Messages, after: Messages): Instance[] {
  const gone: Instance[] = [];
  for (const key of keysEdited(before, after) ?? before.keys()) {
    const message = after.has(key) ? undefined : before.get(key);
    if (message !== undefined) gone.push(message);
  }
  return gone;
}

/** The messages that are in `after` and not in `before`, each with its key. */
export function messagesNew(before: Messages, after: Messages): [BirthKey, Instance][] {
  const found: [BirthKey, Instance][] = [];
  for (const key of keysEdited(before, after) ?? after.keys()) {
    const message = before.has(key) ? undefined : after.get(key);
    if (message !== undefined) found.push([key, message]);
  }
  return found;
}

/** The messages of `after` that are not the same objects in `before`. */
export function messagesChanged(before: Messages, after: Messages): Instance[] {
  const found: Instance[] = [];
  for (const key of keysEdited(before, after) ?? after.keys()) {
    const message = after.get(key);
    if (message !== undefined && message !== before.get(key)) found.push(message);
  }
  return found;
}

/**
 * Is nothing to be done about a message, as long as the store's UIDVALIDITY is the one that holds? It has one file,
 * which was seen, at the UID that it should have and with the flags that it should have.
 */
export function isSettled(instance: Instance, files: readonly Holding[], uidValidity: number | undefined): boolean {
  const [file] = files;
  const { uid } = instance.uid;
  return (
    file !== undefined &&
    files.length === 1 &&
    uid > 0 &&
    file.uid === uid &&
    instance.uid.uidValidity === uidValidity &&
    hasFlags(file, instance)
  );
}

function hasFlags({ flags: noted }: Holding, { flags: registers }: Instance): boolean {
  let on = 0;
  for (const [flag, register] of registers) {
    if (!register.on) continue;
    on += 1;
    if (!noted.has(flag)) return false;
  }
  return on === noted.size;
}

/**
 * Births of messages that may not be settled, and of files that may be left of messages which are gone; all others are
 * settled. Null where that is not known: then all have to be looked at.
 */
export function openBirths(known: Pick<KnownMailbox, 'state' | 'holdings'>): ReadonlySet<BirthKey> | null {
  const messages = partsOf(known.state.instances);
  const files = filePartsOf(known.holdings);
  if (messages === null || files === null) return null;
  if (messages.base.source.uidValidity !== known.state.validity?.uidValidity) return null;
  const open = new Set(messages.base.source.open);
  for (const birth of messages.edits) open.add(birth);
  for (const ref of files.edits) {
    for (const file of [files.base.get(ref), known.holdings.get(ref)]) if (file !== undefined) open.add(file.birth);
  }
  return open;
}

/**
 * Has a message that is not settled been given a UID, since the messages were read, that another one may have had then?
 * Also where that is not known.
 */
export function mayShareUids(known: Pick<KnownMailbox, 'state' | 'holdings'>): boolean {
  const parts = partsOf(known.state.instances);
  const open = openBirths(known);
  if (parts === null || open === null) return true;
  const { source } = parts.base;
  for (const [birth, { uid }] of present(known.state, open)) {
    if (uid.uidValidity !== source.uidValidity || uid.uid >= source.uidNext) continue;
    const before = parts.base.get(birth)?.uid;
    if (before?.uid !== uid.uid || before.uidValidity !== uid.uidValidity) return true;
  }
  return false;
}

/** The messages that may not be settled, in no order that means anything; all, where that is not known. */
export function openMessages(known: Pick<KnownMailbox, 'state' | 'holdings'>): Iterable<[BirthKey, Instance]> {
  const open = openBirths(known);
  return open === null ? known.state.instances : present(known.state, open);
}

function* present(
  { instances }: Pick<MailboxState, 'instances'>,
  births: Iterable<BirthKey>,
): Iterable<[BirthKey, Instance]> {
  for (const birth of births) {
    const message = instances.get(birth);
    if (message !== undefined) yield [birth, message];
  }
}

/** The files of messages that may not be settled, and of messages that are gone; all, where that is not known. */
export function openFiles(known: Pick<KnownMailbox, 'state' | 'holdings'>): Iterable<Holding> {
  const open = openBirths(known);
  return open === null ? known.holdings.values() : filesOf(known, open);
}

function* filesOf(known: Pick<KnownMailbox, 'state' | 'holdings'>, births: Iterable<BirthKey>): Iterable<Holding> {
  const files = filesByBirth(known);
  for (const birth of births) yield* files.of(birth);
}

/** Finds the files of a message. */
export type FilesByBirth = {
  /** All that are noted, those of deliveries included that were only announced; in the order of the map. */
  of(birth: BirthKey): readonly Holding[];
  /** The one that was seen in the store, of a message that is alive; of several the last. */
  seen(birth: BirthKey): Holding | undefined;
};

/** Answers for a single message, where the files are read on demand, without a look at the others. */
export function filesByBirth({ state, holdings }: Pick<KnownMailbox, 'state' | 'holdings'>): FilesByBirth {
  const parts = filePartsOf(holdings);
  const messages = partsOf(state.instances);
  const of = parts === null ? lookup(holdings) : lookupOnDemand(holdings, parts, messages?.base.source ?? null);
  return {
    of,
    seen: (birth) => {
      const file = of(birth).findLast(({ uid }) => uid !== null);
      return file !== undefined && state.instances.has(birth) ? file : undefined;
    },
  };
}

function lookup(holdings: Files): FilesByBirth['of'] {
  let files: Map<BirthKey, Holding[]> | null = null;
  return (birth) => {
    files ??= groupByBirth(holdings.values());
    return files.get(birth) ?? [];
  };
}

function lookupOnDemand(
  holdings: Files,
  { base, edits }: Parts<string, Holding, FileSource>,
  source: MessageSource | null,
): FilesByBirth['of'] {
  // Where neither a message was nor a file is left of one, there is no file to be looked for.
  const mayHaveFile = (birth: BirthKey): boolean => {
    if (source === null || source.open.has(birth)) return true;
    const { host, serial } = birthOf(birth);
    return inRanges(source.living.get(host) ?? [], serial);
  };
  const edited = groupByBirth(
    [...edits].flatMap((ref) => {
      const file = holdings.get(ref);
      return file === undefined ? [] : [file];
    }),
  );
  return (birth) => {
    const found = mayHaveFile(birth) ? base.found(base.source.ofBirth(birth)) : [];
    const unedited = [...found].filter((file) => file.birth === birth && !edits.has(file.ref));
    const others = edited.get(birth);
    return others === undefined ? unedited : [...unedited, ...others];
  };
}

function groupByBirth(files: Iterable<Holding>): Map<BirthKey, Holding[]> {
  const groups = new Map<BirthKey, Holding[]>();
  for (const file of files) {
    const group = groups.get(file.birth);
    if (group === undefined) groups.set(file.birth, [file]);
    else group.push(file);
  }
  return groups;
}

/** Every file with its UID and flags; those of which nothing was edited are not made objects. */
export function visitFiles(
  holdings: Files,
  each: (ref: string, uid: number | null, flags: ReadonlySet<Flag>) => void,
): void {
  const parts = filePartsOf(holdings);
  if (parts === null) {
    for (const { ref, uid, flags } of holdings.values()) each(ref, uid, flags);
    return;
  }
  parts.base.source.visit((ref, uid, flags) => {
    if (!parts.edits.has(ref)) each(ref, uid, flags);
  });
  for (const ref of parts.edits) {
    const file = holdings.get(ref);
    if (file !== undefined) each(ref, file.uid, file.flags);
  }
}

type Parts<K, V, S extends MapSource<K, V>> = {
  readonly base: MapReadOnDemand<K, V, S>;
  readonly edits: ReadonlySet<K>;
};

function partsOf(messages: Messages): Parts<BirthKey, Instance, MessageSource> | null {
  return partsIn<BirthKey, Instance, MessageSource>(messages);
}

function filePartsOf(files: Files): Parts<string, Holding, FileSource> | null {
  return partsIn<string, Holding, FileSource>(files);
}

/** Messages and files that are read on demand come from sources of these kinds only. */
function partsIn<K, V, S extends MapSource<K, V>>(map: ReadonlyMap<K, V>): Parts<K, V, S> | null {
  const base = map instanceof EditedMap ? map.base : map;
  const edits = map instanceof EditedMap ? map.edits() : new Set<K>();
  return base instanceof MapReadOnDemand && edits !== null ? { base, edits: edits as ReadonlySet<K> } : null;
}
