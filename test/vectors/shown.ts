import type { Statement } from '../../src/bundle/format/bundle-contents.js';
import type { Manifest } from '../../src/bundle/format/manifest-json.js';
import { decodeStatement } from '../../src/bundle/format/signed-statement-json.js';
import type { FlagRegister, UidRegister, Validity } from '../../src/replica/last-writer-registers.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../src/replica/mailbox-state.js';
import { type Birth, birthKey } from '../../src/replica/message-birth.js';
import { formatRanges } from '../../src/replica/number-ranges.js';
import type { Ledger } from '../../src/replica/uid-ledger.js';
import type { Clock } from '../../src/replica/version-vector.js';

// What was read and merged, as JSON: hosts by their ids, births as "host/serial", everything in one order.

type Json = Readonly<Record<string, unknown>>;

export function manifestShown({ version, preamble, announced }: Manifest, signedBy: string): Json {
  const { account, from, to, number, madeAtS, heard, witnessed, statements, fed, wanted, answers, relayed } = preamble;
  return {
    ...{ version, account, signedBy, from: from.hostId, name: from.name, to: [...to], number, made: madeAtS },
    heard: byHost(heard, formatRanges),
    witnessed: byHost(witnessed, (bundles) => bundles.map(({ number: n, digest }) => [n, digest])),
    statements: byHost(statements, ({ number: n, digest }) => [n, digest]),
    ...{ fed: [...fed], fetch: [...wanted], answers: [...answers] },
    statement: statementShown(preamble),
    relayed: relayed.map(({ text }) => {
      const said = decodeStatement(text);
      return { host: said.from.hostId, number: said.number, ...statementShown(said) };
    }),
    announced,
  };
}

export function newsShown(news: MailboxNews): Json {
  return {
    mailbox: news.name,
    ...mailboxShown(news),
    base: clockShown(news.base),
    living: byHost(news.living, formatRanges),
    spelling: [...news.spelling],
    saves: [...news.saves].sort(byBirth).map(instanceShown),
    updates: [...news.updates].sort(byBirth).map(({ birth, uid, flags }) => ({
      birth: birthKey(birth),
      ...(uid === undefined ? {} : { uid: uidShown(uid) }),
      flags: flagsShown(flags),
    })),
  };
}

export function stateShown(state: MailboxState): Json {
  return {
    mailbox: state.name,
    ...mailboxShown(state),
    messages: [...state.instances.values()].sort(byBirth).map(instanceShown),
  };
}

function mailboxShown(it: {
  readonly validity: Validity | null;
  readonly uidNext: number;
  readonly highestModseq: number;
  readonly exists: FlagRegister;
  readonly subscribed: FlagRegister;
  readonly clock: Clock;
  readonly ledger: Ledger;
}): Json {
  return {
    uidValidity: it.validity?.uidValidity ?? null,
    resets: it.validity?.resets ?? null,
    ...{ uidNext: it.uidNext, highestModseq: it.highestModseq },
    ...{ exists: registerShown(it.exists), subscribed: registerShown(it.subscribed), clock: clockShown(it.clock) },
    claims: it.ledger.claims.map(({ uidValidity, label, lo, hi }) => [uidValidity, label, lo, hi]),
    agreed: it.ledger.agreements.map(({ uidValidity, a, b, lo, hi }) => [uidValidity, a, b, lo, hi]),
  };
}

function statementShown({
  clocks,
  unheard,
  served,
  before,
}: Pick<Statement, 'clocks' | 'unheard' | 'served' | 'before'>): Json {
  const entries = [...clocks].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    clocks: Object.fromEntries(entries.map(([name, clock]) => [name, clockShown(clock)])),
    unheard: [...unheard].sort(),
    before: before.map(({ number, digest }) => [number, digest]),
    served: Object.fromEntries([...served].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function instanceShown({
  birth,
  modseq,
  guid,
  same,
  sizeBytes,
  receivedS,
  hint,
  anew,
  uid,
  flags,
  movedFrom,
}: Instance): Json {
  return {
    ...{ birth: birthKey(birth), modseq, guid, same: same ?? guid, size: sizeBytes, received: receivedS, hint },
    ...{ uid: uidShown(uid), flags: flagsShown(flags) },
    ...(anew === undefined ? {} : { anew }),
    ...(movedFrom === undefined
      ? {}
      : { from: [movedFrom.mailbox, birthKey(movedFrom.birth), clockShown(movedFrom.clock)] }),
  };
}

function clockShown(clock: Clock): Json {
  return byHost(clock, ({ serial, modseq }) => [serial, modseq]);
}

function registerShown({ on, modseq, host }: FlagRegister): unknown {
  return host === '' ? null : [on, modseq, host];
}

function uidShown({ uidValidity, uid, round, modseq, host }: UidRegister): readonly unknown[] {
  return [uidValidity, uid, round, modseq, host];
}

function flagsShown(flags: ReadonlyMap<string, FlagRegister>): Json {
  const entries = [...flags].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([flag, { on, modseq, host }]) => [flag, [on, modseq, host]]));
}

function byHost<T>(map: ReadonlyMap<string, T>, shown: (value: T) => unknown): Json {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([host, value]) => [host, shown(value)]));
}

function byBirth(a: { readonly birth: Birth }, b: { readonly birth: Birth }): number {
  if (a.birth.host !== b.birth.host) return a.birth.host < b.birth.host ? -1 : 1;
  return a.birth.serial - b.birth.serial;
}
