import type { MailboxName } from '../../src/mail/mailbox-name.js';
import type { Rules } from '../../src/merge/rules-tests-can-switch-off.js';
import { contradiction } from '../../src/merge/signed-changes/do-statements-contradict.js';
import {
  type HeldTicks,
  type PairedKey,
  type SignedTicks,
  type Vouched,
  vouchedFor,
  whatToKeep,
} from '../../src/merge/signed-changes/judge-how-far-changes-are-signed.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { KnownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { type Clock, coversTick, type Tick, tickOf, zeroTick } from '../../src/replica/version-vector.js';
import type { ModelBundle } from './model-bundle.js';

/** What a host has signed of its own deeds. */
export type ModelStatement = {
  readonly key: string;
  readonly number: number;
  readonly digest: string;
  /** Those that its maker says it made before, by number. */
  readonly before: ReadonlyMap<number, string>;
  readonly ticks: ReadonlyMap<MailboxName, Tick>;
};

/** The key of a host; a lie is signed with another one. */
export function keyOf(host: HostId): string {
  return `key of ${host}`;
}

/** With whom a host of the model is paired, and what it keeps of what others signed. */
export class ModelTrust {
  /** The hosts that its user has paired it with; null: every host that there is, or will be. */
  paired: Set<HostId> | null = null;
  readonly revoked = new Set<HostId>();
  /** Hosts that go on under another id. */
  readonly retired = new Set<HostId>();
  /** Hosts that nobody can ask for texts any more. */
  readonly gone = new Set<HostId>();
  readonly statements = new Map<HostId, ModelStatement & { readonly saidBy: HostId }>();
  /** Hosts that told two stories: two statements that contradict each other, or none where this host knows so without. */
  readonly disowned = new Map<HostId, readonly ModelStatement[]>();
  /** Hosts of which peers showed births that are other messages here, and which peers. */
  readonly split = new Map<HostId, Set<HostId>>();
  /** Hosts of which something was believed while they had signed nothing. */
  private readonly unsigned = new Set<HostId>();

  isPairedWith(host: HostId): boolean {
    return this.paired === null || this.paired.has(host);
  }

  /** Takes up a host, whose key is known from now on. What was believed of it with another key gives way. */
  pair(host: HostId): void {
    this.paired?.add(host);
    const held = this.statements.get(host);
    if (held === undefined || held.key === keyOf(host)) return;
    this.statements.delete(host);
    this.unsigned.add(host);
  }

  /**
   * Hosts that are shown to have told two stories, by two statements with the key that they are known by here; or that say nothing more, and of which others know
   * so, or whose births are other messages elsewhere.
   */
  findEquivocal(bundles: readonly ModelBundle[], self: HostId): ReadonlySet<HostId> {
    const found = new Map<HostId, readonly ModelStatement[]>();
    const held = new Map<HostId, ModelStatement>(this.statements);
    const see = (host: HostId, offered: ModelStatement): void => {
      const key = this.keyFor(host)?.key ?? held.get(host)?.key;
      if (host === self || this.disowned.has(host) || found.has(host)) return;
      if (key !== undefined && key !== offered.key) return;
      const known = held.get(host);
      if (known !== undefined && contradiction(known, offered) !== null) found.set(host, [known, offered]);
      else if (known === undefined || known.number < offered.number) held.set(host, offered);
    };
    for (const { statements, disowned } of bundles) {
      for (const [host, statement] of statements) see(host, statement);
      for (const [host, documents] of disowned) {
        for (const each of documents) see(host, each);
        if (host !== self && this.keyFor(host)?.isSilent === true && !found.has(host)) found.set(host, documents);
      }
    }
    for (const host of this.split.keys()) if (this.keyFor(host)?.isSilent === true) found.set(host, []);
    const fresh = new Set([...found.keys()].filter((host) => !this.disowned.has(host)));
    for (const host of fresh) this.disowned.set(host, found.get(host) ?? []);
    return fresh;
  }

  /** Hosts that are paired by now, and of which something was believed that they had not signed: that gives way. */
  pairedSince(): readonly HostId[] {
    const hosts = [...this.unsigned].filter((host) => this.keyFor(host)?.isSilent === false);
    for (const host of hosts) this.unsigned.delete(host);
    return hosts;
  }

  /**
   * Keeps what the bundles show that hosts have signed. Answers the hosts of which all that was believed gives way. A limited peer's word on hosts
   * that are not paired is not asked for.
   */
  take(
    bundles: readonly ModelBundle[],
    context: {
      readonly self: HostId;
      readonly catalog: ReadonlyMap<MailboxName, KnownMailbox>;
      readonly isUnlimited: (host: HostId) => boolean;
    },
  ): ReadonlySet<HostId> {
    const { self, catalog, isUnlimited } = context;
    const isBelieved = (host: HostId): boolean => !this.revoked.has(host) && isUnlimited(host);
    const inOrder = [...bundles].sort((a, b) => (a.from === b.from ? a.number - b.number : a.from < b.from ? -1 : 1));
    const givingWay = new Set<HostId>();
    for (const { from, statements } of inOrder) {
      for (const [host, statement] of statements) {
        const pairedKey = this.keyFor(host)?.key ?? null;
        if (host === self || this.disowned.has(host) || (pairedKey === null && !isBelieved(from))) continue;
        const held = this.kept(host);
        const outcome = whatToKeep(signedTicks(statement), held, { from, pairedKey, isBelieved });
        if (outcome === null) continue;
        this.statements.set(host, { ...statement, saidBy: from });
        const isContradicted =
          pairedKey !== null && [...catalog.values()].some(({ state }) => isBeyond(statement, host, state));
        const isOver = outcome === 'begin' && (held !== null || isContradicted);
        if (isOver || this.unsigned.has(host)) givingWay.add(host);
        this.unsigned.delete(host);
      }
    }
    return givingWay;
  }

  /** How far a bundle is believed about a host. */
  vouched(
    host: HostId,
    { from, statements }: Pick<ModelBundle, 'from' | 'statements'>,
    { own, mailbox, rules }: VouchingScene,
  ): Vouched {
    const context = {
      ...{ self: own.id, from },
      held: (of: HostId) => (of === own.id ? own.signed : this.held(of)),
      shown: (of: HostId) => {
        const statement = statements.get(of);
        return statement === undefined ? null : signedTicks(statement);
      },
      paired: (of: HostId) => (of === own.id ? { key: keyOf(of), isSilent: false } : this.keyFor(of)),
      isApart: (of: HostId) => this.disowned.has(of) || this.split.get(of)?.has(from) === true,
      before: () => zeroTick,
    };
    return vouchedFor(host, mailbox, context, rules);
  }

  /** Notes what rose on mere word. */
  noteRise(before: Clock, after: Clock, self: HostId): void {
    for (const [host, tick] of after) {
      if (host === self || this.isPairedWith(host) || this.held(host) !== null) continue;
      if (!coversTick(tickOf(before, host), tick)) this.unsigned.add(host);
    }
  }

  /** Another machine goes on with a copy. */
  copyTo(other: ModelTrust): void {
    other.paired = this.paired === null ? null : new Set(this.paired);
    for (const host of this.revoked) other.revoked.add(host);
    for (const host of this.retired) other.retired.add(host);
    for (const [host, statement] of this.statements) other.statements.set(host, statement);
    for (const host of this.unsigned) other.unsigned.add(host);
    for (const [host, documents] of this.disowned) other.disowned.set(host, documents);
    for (const [host, peers] of this.split) other.split.set(host, new Set(peers));
  }

  private keyFor(host: HostId): PairedKey | null {
    const isSilent = this.revoked.has(host) || this.retired.has(host);
    return this.isPairedWith(host) ? { key: keyOf(host), isSilent } : null;
  }

  /** What is kept of a host; of one that is not paired only as long as the one who showed it is believed. */
  private held(host: HostId): HeldTicks | null {
    const kept = this.kept(host);
    return kept !== null && !this.isPairedWith(host) && this.revoked.has(kept.saidBy) ? null : kept;
  }

  private kept(host: HostId): HeldTicks | null {
    const statement = this.statements.get(host);
    return statement === undefined ? null : { ...signedTicks(statement), saidBy: statement.saidBy };
  }
}

export type VouchingScene = {
  readonly own: { readonly id: HostId; readonly signed: SignedTicks | null };
  readonly mailbox: MailboxName;
  readonly rules: Rules;
};

function isBeyond({ ticks }: ModelStatement, host: HostId, state: KnownMailbox['state']): boolean {
  return !coversTick(ticks.get(state.name) ?? zeroTick, tickOf(state.clock, host));
}

export function signedTicks({ key, number, ticks }: ModelStatement): SignedTicks {
  return { key, number, tickIn: (mailbox) => ticks.get(mailbox) ?? zeroTick };
}
