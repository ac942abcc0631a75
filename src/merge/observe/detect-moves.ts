import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf, type TextId, textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { draftOf } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import { type FlagRegister, laterRegister } from '../../replica/last-writer-registers.js';
import type { Instance, MailboxState, Source } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type Birth, type BirthKey, birthKey, compareBirths } from '../../replica/message-birth.js';
import { messagesGone, messagesMoved, messagesNew } from '../../replica/messages-read-on-demand.js';
import { type Clock, coversStamp, tickOf } from '../../replica/version-vector.js';
import { hasRoomForFlag } from '../join-registers.js';
import type { Decision } from '../merge-decision.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import type { Observation } from './observation.js';
import { isOn } from './observe-flags.js';

/** Messages of a mailbox that may have been moved elsewhere, and what was known of it when they went. */
export type MoveSources = {
  readonly mailbox: MailboxName;
  readonly clock: Clock;
  readonly messages: readonly Pick<Instance, 'birth' | 'guid' | 'same'>[];
};

/**
 * Instances that may have been moved out of a mailbox, in the order of their births, which is the order in which they
 * are given away.
 */
export function sourcesIn({ name, clock }: MailboxState, instances: Iterable<Instance>): MoveSources {
  const messages = [...instances].map(({ birth, ...text }) => ({ birth, ...textIdOf(text) }));
  return { mailbox: name, clock, messages: messages.sort((a, b) => compareBirths(a.birth, b.birth)) };
}

/**
 * What went from a mailbox in one scan, and may be elsewhere now. The old text of a message that was written anew may
 * be somewhere, too, but that is not where the message went.
 */
export function departedIn({ known, born, expunged }: Observation): MoveSources {
  const { name } = known.state;
  const replaced = new Set(born.flatMap((instance) => birthOfReplaced(name, instance) ?? []).map(birthKey));
  const went = expunged.filter((instance) => !replaced.has(birthKey(originOf(name, instance))));
  return sourcesIn(known.state, went);
}

/** Whose place a message takes that was written anew; null of any other. */
export function birthOfReplaced(mailbox: MailboxName, { movedFrom }: Instance): Birth | null {
  return movedFrom?.mailbox === mailbox ? movedFrom.birth : null;
}

/**
 * What a message names that takes the place of this one. A message that is written anew again and again names the first
 * of them: a peer that never heard of those between knows that one, and one that did finds that both name the same.
 * Null for one that is the first itself.
 */
export function successorOf({ name }: Pick<MailboxState, 'name'>, { movedFrom }: Instance): Source | null {
  return movedFrom?.mailbox === name ? movedFrom : null;
}

/** The first of the messages that took each other's place, of which this is one. */
export function originOf(mailbox: MailboxName, instance: Instance): Birth {
  return birthOfReplaced(mailbox, instance) ?? instance.birth;
}

/**
 * Finds the moves in what one scan of all mailboxes saw: where a text went from one and was born in another, the new
 * instance names its source. `others`: what may have been moved, too. Of a mailbox that could not be looked at nobody
 * knows what went from it: a text that it has and that is born elsewhere is taken for moved, so that flags follow it if
 * it was. Answers what is to be known of each observed mailbox, in the order given.
 */
export function linkMoves(
  observations: readonly Observation[],
  others: readonly MoveSources[] = [],
  { followStamped }: Pick<Rules, 'followStamped'> = everyRule,
): KnownMailbox[] {
  const sources = [...observations.map(departedIn), ...others];
  if (sources.every(({ messages }) => messages.length === 0)) return observations.map(({ known }) => known);
  const links = new Map<Instance, Source>();
  const taken = new Set<MoveSources['messages'][number]>();
  const link = (keyOf: (text: TextId) => Guid): void => {
    const candidates = moveCandidates(sources, { keyOf, taken });
    for (const { known, born } of observations) {
      const { name } = known.state;
      for (const instance of born) {
        const source =
          links.has(instance) || instance.movedFrom !== undefined ? null : candidates(keyOf(instance), name);
        if (source !== null) links.set(instance, source);
      }
    }
  };
  link(({ guid }) => guid);
  if (followStamped) link(sameOf); // moved by a program that fetched it anew
  return observations.map(({ known, born }) => {
    const moved = born.flatMap((instance) => {
      const movedFrom = links.get(instance);
      return movedFrom === undefined ? [] : [[birthKey(instance.birth), { ...instance, movedFrom }] as const];
    });
    if (moved.length === 0) return known;
    const instances = draftOf(known.state.instances);
    for (const [birth, instance] of moved) instances.set(birth, instance);
    return { ...known, state: { ...known.state, instances: instances.current() } };
  });
}

/**
 * Gives away what may have been moved, each once and in the order of the sources: a message with this text that was in
 * another mailbox, null where there is none. Those in `taken` are not given, and those given are added to them. Of one
 * text there may be as many as there is mail: nothing is looked at that was given away.
 */
function moveCandidates(
  sources: readonly MoveSources[],
  { keyOf, taken }: { readonly keyOf: (text: TextId) => Guid; readonly taken: Set<MoveSources['messages'][number]> },
): (text: Guid, into: MailboxName) => Source | null {
  type Queue = { readonly from: MoveSources; readonly waiting: MoveSources['messages'][number][] };
  const queues = new Map<Guid, Queue[]>();
  for (const from of sources) {
    const own = new Map<Guid, Queue>();
    for (const message of from.messages) {
      if (taken.has(message)) continue;
      const key = keyOf(message);
      const queue = own.get(key) ?? { from, waiting: [] };
      queue.waiting.push(message);
      if (own.has(key)) continue;
      own.set(key, queue);
      const others = queues.get(key) ?? [];
      queues.set(key, others);
      others.push(queue);
    }
    for (const { waiting } of own.values()) waiting.reverse(); // the first is taken from the end
  }
  return (text, into) => {
    const ofText = queues.get(text) ?? [];
    const at = ofText.findIndex(({ from }) => from.mailbox !== into);
    const queue = ofText[at];
    const message = queue?.waiting.pop();
    if (queue === undefined || message === undefined) return null;
    if (queue.waiting.length === 0) ofText.splice(at, 1);
    taken.add(message);
    return { mailbox: queue.from.mailbox, birth: message.birth, clock: queue.from.clock };
  };
}

type JoinedMailbox = { readonly before: KnownMailbox; readonly joined: { readonly known: KnownMailbox } };

type Carried = { readonly known: KnownMailbox; readonly decisions: readonly Decision[] };

type CarryContext = {
  readonly self: HostId;
  /** Mailboxes that had no news. */
  readonly load: (mailbox: MailboxName) => KnownMailbox;
  /** Where there are messages of a mail. */
  readonly placesOf: (mail: TextId) => readonly { readonly mailbox: MailboxName; readonly birth: BirthKey }[];
};

/**
 * Lets flags follow messages that another host moved: where a moved message has just arrived and this host had its
 * source, and where the source goes and the moved message is here already, the flag registers of the source that the
 * mover did not know are set on it as this host's own change, unless somebody changed that flag since the move. Answers
 * the mailboxes that change.
 */
export function carryMovedFlags(
  mailboxes: readonly JoinedMailbox[],
  context: CarryContext,
  rules: Rules = everyRule,
): Carried[] {
  if (!rules.carryFlags) return [];
  const changed = new Map<MailboxName, { readonly known: KnownMailbox; readonly moves: Map<string, Move> }>();
  const found = [...successions(mailboxes), ...arrivedMoves(mailboxes, context), ...leftBehind(mailboxes, context)];
  for (const { known, move } of found) {
    const { name } = known.state;
    const entry = changed.get(name) ?? { known, moves: new Map<string, Move>() };
    changed.set(name, entry);
    const pair = `${move.key} ${birthKey(move.original.birth)}`;
    if (!entry.moves.has(pair)) entry.moves.set(pair, move);
  }
  return [...changed.values()].flatMap(({ known, moves }) => carried(known, moves.values(), context.self) ?? []);
}

/** A moved message that is here, and what its source was here. */
type Move = { readonly key: BirthKey; readonly moved: Instance; readonly original: Instance };

type FoundMove = { readonly known: KnownMailbox; readonly move: Move };

/** Messages written anew that have just arrived, or were here, while one goes whose place they take. */
function* successions(mailboxes: readonly JoinedMailbox[]): Iterable<FoundMove> {
  for (const { before, joined } of mailboxes) {
    const { known } = joined;
    const { name } = known.state;
    if (known.state === before.state) continue;
    const going = new Map<BirthKey, Instance[]>();
    for (const instance of messagesGone(before.state.instances, known.state.instances)) {
      const origin = birthKey(originOf(name, instance));
      const list = going.get(origin);
      if (list === undefined) going.set(origin, [instance]);
      else list.push(instance);
    }
    if (going.size === 0) continue;
    for (const moved of messagesMoved(known.state.instances)) {
      const key = birthKey(moved.birth);
      const replaced = birthOfReplaced(name, moved);
      if (replaced === null) continue;
      for (const original of going.get(birthKey(replaced)) ?? []) {
        // Two that were written anew on two hosts are two messages: when one of them goes, that is nothing to the
        // other.
        const isReplaced = !before.state.instances.has(key) || birthKey(original.birth) === birthKey(replaced);
        if (isReplaced) yield { known, move: { key, moved, original } };
      }
    }
  }
}

/** Moved messages that have just arrived. */
function* arrivedMoves(mailboxes: readonly JoinedMailbox[], { load }: CarryContext): Iterable<FoundMove> {
  const before = new Map(mailboxes.map((each) => [each.before.state.name, each.before.state]));
  for (const each of mailboxes) {
    const { known } = each.joined;
    if (known.state === each.before.state) continue;
    for (const [key, moved] of messagesNew(each.before.state.instances, known.state.instances)) {
      const source = moved.movedFrom;
      if (source === undefined || source.mailbox === known.state.name) continue;
      const state = before.get(source.mailbox) ?? load(source.mailbox).state;
      const original = state.instances.get(birthKey(source.birth));
      if (original !== undefined) yield { known, move: { key, moved, original } };
    }
  }
}

/**
 * Moved messages that came earlier, and whose source goes now: their news came in two bundles, or the source could not
 * be looked at then.
 */
function* leftBehind(mailboxes: readonly JoinedMailbox[], { load, placesOf }: CarryContext): Iterable<FoundMove> {
  const now = new Map(mailboxes.map((each) => [each.before.state.name, each.joined.known]));
  for (const { before, joined } of mailboxes) {
    if (joined.known.state === before.state) continue;
    for (const original of messagesGone(before.state.instances, joined.known.state.instances)) {
      const sourceKey = birthKey(original.birth);
      for (const { mailbox, birth: key } of placesOf(original)) {
        const known = now.get(mailbox) ?? load(mailbox);
        const moved = known.state.instances.get(key);
        const source = moved?.movedFrom;
        if (moved === undefined || source === undefined || source.mailbox !== before.state.name) continue;
        if (mailbox === before.state.name) continue;
        if (birthKey(source.birth) === sourceKey) yield { known, move: { key, moved, original } };
      }
    }
  }
}

/** The mailbox with the flags that its moved messages are given; null where they have them all. */
function carried(known: KnownMailbox, moves: Iterable<Move>, self: HostId): Carried | null {
  const { state } = known;
  const stamp = { modseq: state.highestModseq + 1, host: self };
  const decisions: Decision[] = [];
  const changed = new Map<BirthKey, Instance>();
  const byMoved = new Map<BirthKey, { readonly moved: Instance; readonly flags: Map<Flag, FlagRegister> }>();
  for (const { key, moved, original } of moves) {
    const entry = byMoved.get(key) ?? { moved, flags: new Map() };
    byMoved.set(key, entry);
    for (const [flag, register] of original.flags) {
      const other = entry.flags.get(flag);
      entry.flags.set(flag, other === undefined ? register : laterRegister(other, register));
    }
  }
  for (const [key, { moved, flags: registersThere }] of byMoved) {
    const source = moved.movedFrom;
    if (source === undefined) continue;
    const flags: Flag[] = [];
    const registers = new Map<Flag, FlagRegister>(moved.flags);
    for (const [flag, register] of registersThere) {
      const own = moved.flags.get(flag);
      const isUnknown = !coversStamp(source.clock, register);
      const isSinceChanged = own !== undefined && own.modseq !== moved.modseq;
      if (!isUnknown || isSinceChanged || isOn(moved.flags, flag) === register.on) continue;
      if (!hasRoomForFlag(registers, flag)) continue;
      registers.set(flag, { on: register.on, ...stamp });
      flags.push(flag);
    }
    if (flags.length === 0) continue;
    changed.set(key, { ...moved, flags: registers });
    decisions.push({ kind: 'moved-flags', birth: moved.birth, from: source.mailbox, flags });
  }
  if (changed.size === 0) return null;
  const clock = new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq: stamp.modseq });
  const draft = draftOf(state.instances);
  for (const [key, instance] of changed) draft.set(key, instance);
  const instances = draft.current();
  return { known: { ...known, state: { ...state, clock, highestModseq: stamp.modseq, instances } }, decisions };
}
