import type { Flag } from '../../mail/flags.js';
import type { Decision, RenumberReason } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { type Ranges, rangesOf } from '../../replica/number-ranges.js';

type DecisionOf<K extends Decision['kind']> = Extract<Decision, { readonly kind: K }>;

/** Messages that share what is said of them; `unnumbered` are those among `count` that have no UID. */
export type Group = { readonly count: number; readonly uids: Ranges; readonly unnumbered: number };

/**
 * UIDs `from` became the UIDs `to`, one by one in ascending order, all for one reason. `from` is null for messages
 * without a UID before.
 */
export type RenumberedRun = {
  readonly why: RenumberReason;
  readonly count: number;
  readonly from: Ranges | null;
  readonly to: Ranges;
};

/** The decisions on one mailbox, gathered for the eye. */
export type Digest = {
  readonly added: Group & { readonly sizeBytes: number };
  readonly awaited: Group & { readonly sizeBytes: number };
  readonly expunged: readonly (Group & { readonly by: HostId })[];
  /** `replaced`: those whose place they take. */
  readonly rewritten: readonly { readonly by: HostId; readonly now: Group; readonly replaced: Group }[];
  readonly unified: number;
  readonly flags: readonly (Group & { readonly set: readonly Flag[]; readonly cleared: readonly Flag[] })[];
  readonly movedFlags: readonly DecisionOf<'moved-flags'>[];
  readonly renumbered: readonly RenumberedRun[];
  readonly conflicts: readonly (DecisionOf<'flag-conflict'> | DecisionOf<'expunge-won'>)[];
  /** What happened to the mailbox as a whole. */
  readonly mailbox: readonly DecisionOf<'uidvalidity' | 'created' | 'deleted' | 'kept' | 'subscribed'>[];
};

/**
 * Gathers what was decided: messages that share a fate become ranges of UIDs. New messages count under the UID they end
 * up with.
 */
export function digestOf(decisions: readonly Decision[]): Digest {
  const finalUids = new Map<BirthKey, number>();
  for (const decision of decisions) {
    if (decision.kind === 'renumbered') finalUids.set(birthKey(decision.birth), decision.to);
  }
  const added: (number | null)[] = [];
  let sizeBytes = 0;
  const awaited: (number | null)[] = [];
  let awaitedBytes = 0;
  let unified = 0;
  const expunged = new Map<HostId, (number | null)[]>();
  const rewritten = new Map<HostId, { now: (number | null)[]; replaced: (number | null)[] }>();
  const flags = new Map<string, { set: readonly Flag[]; cleared: readonly Flag[]; uids: (number | null)[] }>();
  const movedFlags: DecisionOf<'moved-flags'>[] = [];
  const moves: DecisionOf<'renumbered'>[] = [];
  const conflicts: (DecisionOf<'flag-conflict'> | DecisionOf<'expunge-won'>)[] = [];
  const mailbox: DecisionOf<'uidvalidity' | 'created' | 'deleted' | 'kept' | 'subscribed'>[] = [];

  for (const decision of decisions) {
    switch (decision.kind) {
      case 'new':
        added.push(finalUids.get(birthKey(decision.birth)) ?? decision.uid);
        sizeBytes += decision.sizeBytes;
        break;
      case 'awaited':
        awaited.push(decision.uid);
        awaitedBytes += decision.sizeBytes;
        break;
      case 'expunged': {
        const uids = expunged.get(decision.by) ?? [];
        expunged.set(decision.by, uids);
        uids.push(decision.uid);
        break;
      }
      case 'rewritten': {
        const uids = rewritten.get(decision.by) ?? { now: [], replaced: [] };
        rewritten.set(decision.by, uids);
        uids.now.push(finalUids.get(birthKey(decision.birth)) ?? decision.uid);
        uids.replaced.push(decision.replacedUid);
        break;
      }
      case 'unified':
        unified += 1;
        break;
      case 'flags': {
        const set = [...decision.set].sort();
        const cleared = [...decision.cleared].sort();
        const key = JSON.stringify([set, cleared]);
        const group = flags.get(key) ?? { set, cleared, uids: [] };
        group.uids.push(decision.uid);
        flags.set(key, group);
        break;
      }
      case 'renumbered':
        moves.push(decision);
        break;
      case 'moved-flags':
        movedFlags.push(decision);
        break;
      case 'flag-conflict':
      case 'expunge-won':
        conflicts.push(decision);
        break;
      default:
        mailbox.push(decision);
    }
  }
  return {
    added: { ...groupOf(added), sizeBytes },
    awaited: { ...groupOf(awaited), sizeBytes: awaitedBytes },
    expunged: [...expunged].map(([by, uids]) => ({ by, ...groupOf(uids) })),
    rewritten: [...rewritten].map(([by, uids]) => ({ by, now: groupOf(uids.now), replaced: groupOf(uids.replaced) })),
    unified,
    flags: [...flags.values()].map(({ set, cleared, uids }) => ({ set, cleared, ...groupOf(uids) })),
    movedFlags,
    renumbered: runsOf(moves),
    conflicts,
    mailbox,
  };
}

function groupOf(uids: readonly (number | null)[]): Group {
  const numbered = uids.filter((uid) => uid !== null);
  return { count: uids.length, uids: rangesOf(numbered), unnumbered: uids.length - numbered.length };
}

/** Joins neighbours whose old and whose new UIDs both go up by one. */
function runsOf(moves: readonly DecisionOf<'renumbered'>[]): RenumberedRun[] {
  const runs: { why: RenumberReason; count: number; from: [number, number] | null; to: [number, number] }[] = [];
  for (const { why, from, to } of [...moves].sort((a, b) => a.to - b.to)) {
    const last = runs.at(-1);
    const follows =
      last !== undefined &&
      last.why === why &&
      last.to[1] + 1 === to &&
      (from === null ? last.from === null : last.from !== null && last.from[1] + 1 === from);
    if (follows) {
      last.count += 1;
      last.to[1] = to;
      if (last.from !== null && from !== null) last.from[1] = from;
    } else {
      runs.push({ why, count: 1, from: from === null ? null : [from, from], to: [to, to] });
    }
  }
  return runs.map(({ why, count, from, to }) => ({ why, count, from: from && [from], to: [to] }));
}
