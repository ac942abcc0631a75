import type { Flag } from '../../src/mail/flags.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import type { Digest, Scan } from '../../src/mail/mailbox-scan.js';
import type { PlanSources } from '../../src/merge/deliver/plan-store-changes.js';
import type { Observation, ObserveContext } from '../../src/merge/observe/observation.js';
import { observe } from '../../src/merge/observe/observe-mailbox.js';
import type { HostId } from '../../src/replica/host-id.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';

// One mailbox, described in a line: `4 letter \Seen` is a message with UID 4, or `- letter` one without; its ref and its text
// are both called letter, or `ref=letter` where they differ.

export const home: HostId = 'a'.repeat(32);
export const cabin: HostId = 'b'.repeat(32);
export const nowS = 1_800_000_000;

export function scanOf(
  uids: Scan['uids'],
  lines: readonly string[],
  more: Partial<Scan> = {},
): { scan: Scan; digests: Map<string, Digest> } {
  const digests = new Map<string, Digest>();
  const messages = lines.map((line) => {
    const [uid = '', name = '', ...flags] = line.split(' ');
    const [ref = '', guid = ref] = name.split('=');
    const marks = { sizeBytes: guid.length, bits: new Uint8Array() };
    const read = { sizeBytes: guid.length, body: { sizeBytes: 1, crc: 0, marks }, file: { sizeBytes: 1, mtimeNs: 0n } };
    digests.set(ref, { ref, guid, ...read, receivedS: 0, hint: ref });
    return { ref, uid: uid === '-' ? null : Number(uid), flags: new Set<Flag>(flags) };
  });
  return { scan: { uids, messages, fingerprint: 'as seen', mailboxId: null, troubles: [], ...more }, digests };
}

/** Observes a store with UIDVALIDITY 100 unless `uids` says otherwise. */
export function seen(
  before: KnownMailbox,
  lines: readonly string[],
  options: Partial<ObserveContext> & { readonly uids?: Scan['uids']; readonly scan?: Partial<Scan> } = {},
): Observation {
  const { uids, scan: more, ...context } = options;
  const highest = lines.reduce((most, line) => Math.max(most, Number.parseInt(line, 10) || 0), 0);
  const shown = scanOf(uids === undefined ? { uidValidity: 100, uidNext: highest + 1 } : uids, lines, more);
  return observe(before, shown.scan, {
    self: home,
    nowS,
    digests: shown.digests,
    subscribed: before.storeSubscribed,
    ...context,
  });
}

export function first(lines: readonly string[], options: Parameters<typeof seen>[2] = {}): KnownMailbox {
  return seen(unknownMailbox(inbox), lines, options).known;
}

export const sources: PlanSources = {
  copyOf: () => null,
  spooled: { find: ({ guid }) => ({ guid, sizeBytes: guid.length }) },
  chooseRef: (hint, taken) => (taken.has(hint) ? chooseAnother(hint, taken) : hint),
  nowS,
};

function chooseAnother(hint: string, taken: { has(ref: string): boolean }): string {
  let n = 2;
  while (taken.has(`${hint}-${n}`)) n += 1;
  return `${hint}-${n}`;
}

/** `4 letter \Seen`, by UID, of the state. */
export function stateLines({ state }: KnownMailbox): string[] {
  return [...state.instances.values()]
    .sort((a, b) => a.uid.uid - b.uid.uid)
    .map(({ uid, guid, flags }) =>
      [uid.uid, guid, ...[...flags].flatMap(([flag, { on }]) => (on ? [flag] : [])).sort()].join(' '),
    );
}

export function claimLines({ state }: KnownMailbox): string[] {
  const name = (label: string): string => (label === home ? 'home' : label === cabin ? 'cabin' : 'decision');
  return state.ledger.claims.map(({ uidValidity, label, lo, hi }) => `${uidValidity} ${name(label)} ${lo}:${hi}`);
}
