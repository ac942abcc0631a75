import type { ImportedMailbox, ImportReport } from '../../flow/reports/run-report-types.js';
import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import { birthKey } from '../../replica/message-birth.js';
import type { View } from '../output/view-options-and-names.js';
import type {
  Coming,
  Conflict,
  FlagTotals,
  Going,
  HostRef,
  MailboxFate,
  Moving,
  PlanSummary,
  RenumberedRun,
  UidChanges,
} from './plan-summary.js';

type DecisionOf<K extends Decision['kind']> = Extract<Decision, { readonly kind: K }>;
type Named = Pick<View, 'hostName' | 'uidOf'>;
type Summarised = Pick<ImportReport, 'mailboxes' | 'newest'>;
type Placed<K extends Decision['kind']> = { readonly mailbox: MailboxName; readonly decision: DecisionOf<K> };

/** Gathers what was decided, mailbox by mailbox: what goes in one and comes in another was moved. */
export function summariseImport({ mailboxes, newest }: Summarised, view: Named): PlanSummary {
  const of = <K extends Decision['kind']>(kind: K): Placed<K>[] =>
    mailboxes.flatMap(({ mailbox, decisions }) =>
      decisions.flatMap((decision) =>
        decision.kind === kind ? [{ mailbox, decision: decision as DecisionOf<K> }] : [],
      ),
    );
  const { gone, arrived, moves } = apartFromMoves(of('expunged'), of('new'));
  const fates = mailboxes.flatMap(fatesOf);
  const host = refOf(view);
  const unified = of('unified');
  const keys = new Set(unified.map(({ mailbox, decision }) => keyOf(mailbox, decision.kept)));
  const isUnified = ({ mailbox, decision }: Placed<'flags'>): boolean => keys.has(keyOf(mailbox, decision.birth));
  const flags = of('flags');
  return {
    goes: goingBy(gone, fates, host),
    comes: comingTo(arrived, fates, newest),
    moves,
    anew: byHost(of('rewritten'), host),
    flags: flagTotals(
      flags.filter((one) => !isUnified(one)),
      of('moved-flags'),
    ),
    same: { messages: unified.length, flagged: flags.filter(isUnified).length },
    uids: mailboxes.flatMap((mailbox) => uidChanges(mailbox, host)),
    conflicts: mailboxes.flatMap((mailbox) => conflictsIn(mailbox, view)),
    mailboxes: fates,
    awaited: [...byMailbox(of('awaited'))].map(([mailbox, all]) => ({ mailbox, messages: all.length })),
  };
}

/** Names hosts for reports. */
function refOf({ hostName }: Pick<View, 'hostName'>): (hostId: HostId) => HostRef {
  return (hostId) => ({ hostId, name: hostName(hostId) });
}

function keyOf(mailbox: MailboxName, birth: Parameters<typeof birthKey>[0]): string {
  return `${birthKey(birth)} ${mailbox}`;
}

/** What goes and what comes with its text is one message that was moved. Texts count as often as they are there. */
function apartFromMoves(
  going: readonly Placed<'expunged'>[],
  coming: readonly Placed<'new'>[],
): {
  readonly gone: readonly Placed<'expunged'>[];
  readonly arrived: readonly Placed<'new'>[];
  readonly moves: readonly Moving[];
} {
  const waiting = new Map<Guid, Placed<'expunged'>[]>();
  for (const one of going) {
    const list = waiting.get(one.decision.guid) ?? [];
    waiting.set(one.decision.guid, list);
    list.push(one);
  }
  const moved = new Set<Placed<'expunged'>>();
  const counts = new Map<string, { from: MailboxName; to: MailboxName; messages: number }>();
  const arrived = coming.filter(({ mailbox, decision }) => {
    const source = waiting.get(decision.guid)?.shift();
    if (source === undefined) return true;
    moved.add(source);
    const key = JSON.stringify([source.mailbox, mailbox]);
    const count = counts.get(key) ?? { from: source.mailbox, to: mailbox, messages: 0 };
    counts.set(key, count);
    count.messages += 1;
    return false;
  });
  return { gone: going.filter((one) => !moved.has(one)), arrived, moves: [...counts.values()] };
}

function goingBy(
  gone: readonly Placed<'expunged'>[],
  fates: readonly MailboxFate[],
  host: (hostId: HostId) => HostRef,
): Going[] {
  const fateOf = new Map(
    fates.flatMap(({ mailbox, change }) =>
      change === 'deleted' || change === 'kept' ? [[mailbox, change] as const] : [],
    ),
  );
  return [...byMailbox(gone)].map(([mailbox, decisions]) => ({
    mailbox,
    messages: decisions.length,
    by: [...new Set(decisions.map(({ by }) => by))].map(host),
    mailboxFate: fateOf.get(mailbox) ?? null,
  }));
}

function comingTo(
  arrived: readonly Placed<'new'>[],
  fates: readonly MailboxFate[],
  newest: Summarised['newest'],
): Coming[] {
  const newestIn = new Map(newest.map((one) => [one.mailbox, one]));
  const created = new Set(fates.flatMap(({ mailbox, change }) => (change === 'created' ? [mailbox] : [])));
  return [...byMailbox(arrived)].map(([mailbox, decisions]) => ({
    mailbox,
    messages: decisions.length,
    sizeBytes: decisions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    isNewMailbox: created.has(mailbox),
    newest: newestIn.get(mailbox) ?? null,
  }));
}

function byMailbox<K extends Decision['kind']>(placed: readonly Placed<K>[]): Map<MailboxName, DecisionOf<K>[]> {
  const lists = new Map<MailboxName, DecisionOf<K>[]>();
  for (const { mailbox, decision } of placed) {
    const list = lists.get(mailbox) ?? [];
    lists.set(mailbox, list);
    list.push(decision);
  }
  return lists;
}

function byHost(placed: readonly Placed<'rewritten'>[], host: (hostId: HostId) => HostRef): PlanSummary['anew'] {
  return [...byMailbox(placed)].flatMap(([mailbox, decisions]) => {
    const hosts = [...new Set(decisions.map(({ by }) => by))];
    return hosts.map((by) => {
      return { mailbox, messages: decisions.filter((decision) => decision.by === by).length, by: host(by) };
    });
  });
}

function flagTotals(changed: readonly Placed<'flags'>[], carried: readonly Placed<'moved-flags'>[]): FlagTotals {
  const set = new Map<Flag, number>();
  const cleared = new Map<Flag, number>();
  const messages = new Map<MailboxName, number>();
  const count = <K>(counts: Map<K, number>, key: K): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const { mailbox, decision } of changed) {
    count(messages, mailbox);
    for (const flag of decision.set) count(set, flag);
    for (const flag of decision.cleared) count(cleared, flag);
  }
  for (const { mailbox, decision } of carried) {
    count(messages, mailbox);
    for (const flag of decision.flags) count(set, flag);
  }
  return {
    messages: changed.length + carried.length,
    set: [...set].map(([flag, messages]) => ({ flag, messages })),
    cleared: [...cleared].map(([flag, messages]) => ({ flag, messages })),
    mailboxes: [...messages].map(([mailbox, messages]) => ({ mailbox, messages })),
  };
}

function uidChanges({ mailbox, decisions }: ImportedMailbox, host: (hostId: HostId) => HostRef): UidChanges[] {
  const moves = decisions.filter((decision) => decision.kind === 'renumbered');
  const change = decisions.find((decision) => decision.kind === 'uidvalidity');
  if (moves.length === 0 && change === undefined) return [];
  const uidValidity = change === undefined ? null : { from: change.from, to: change.to };
  return [{ mailbox, uidValidity, runs: runsOf(moves, host) }];
}

/** Joins neighbours whose old and whose new UIDs both go up by one. */
function runsOf(moves: readonly DecisionOf<'renumbered'>[], host: (hostId: HostId) => HostRef): RenumberedRun[] {
  type Run = Pick<RenumberedRun, 'why' | 'count'> & {
    born: HostId;
    from: [number, number] | null;
    to: [number, number];
  };
  const runs: Run[] = [];
  for (const { why, from, to, birth } of [...moves].sort((a, b) => a.to - b.to)) {
    const last = runs.at(-1);
    const follows =
      last !== undefined &&
      last.why === why &&
      last.born === birth.host &&
      last.to[1] + 1 === to &&
      (from === null ? last.from === null : last.from !== null && last.from[1] + 1 === from);
    if (follows) {
      runs[runs.length - 1] = {
        ...last,
        count: last.count + 1,
        to: [last.to[0], to],
        from: last.from && from !== null ? [last.from[0], from] : null,
      };
    } else {
      runs.push({ why, count: 1, born: birth.host, from: from === null ? null : [from, from], to: [to, to] });
    }
  }
  return runs.map(({ from, to, born, ...run }) => ({ ...run, from: from && [from], to: [to], born: host(born) }));
}

function conflictsIn({ mailbox, decisions }: ImportedMailbox, view: Named): Conflict[] {
  const host = refOf(view);
  const uidsGone = new Map(
    decisions.flatMap((one) => (one.kind === 'expunged' ? [[birthKey(one.birth), one.uid] as const] : [])),
  );
  return decisions.flatMap((decision): Conflict[] => {
    switch (decision.kind) {
      case 'flag-conflict': {
        const { birth, flag, on, winner, loser } = decision;
        const uid = view.uidOf(mailbox, birth);
        return [{ mailbox, about: 'flag', uid, flag, isSet: on, winner: host(winner), loser: host(loser) }];
      }
      case 'expunge-won': {
        const uid = uidsGone.get(birthKey(decision.birth)) ?? view.uidOf(mailbox, decision.birth);
        const [winner, loser] = [host(decision.winner), host(decision.loser)];
        return [{ mailbox, about: 'expunge', uid, flag: null, isSet: null, winner, loser }];
      }
      case 'kept':
        return [
          { mailbox, about: 'mailbox', uid: null, flag: null, isSet: null, winner: null, loser: host(decision.by) },
        ];
      default:
        return [];
    }
  });
}

function fatesOf({ mailbox, decisions }: ImportedMailbox): MailboxFate[] {
  return decisions.flatMap((decision): MailboxFate[] => {
    switch (decision.kind) {
      case 'created':
      case 'deleted':
      case 'kept':
        return [{ mailbox, change: decision.kind }];
      case 'subscribed':
        return [{ mailbox, change: decision.on ? 'subscribed' : 'unsubscribed' }];
      default:
        return [];
    }
  });
}
