import type { MailboxState } from '../../replica/mailbox-state.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import type { Decision } from '../merge-decision.js';
import { birthOfReplaced, originOf } from '../observe/detect-moves.js';

type DecisionOf<K extends Decision['kind']> = Extract<Decision, { readonly kind: K }>;

/**
 * Says of a message that comes and one that goes, where the one was written in the place of the other, that it was
 * written anew.
 */
export function namingRewritten(
  decisions: readonly Decision[],
  before: MailboxState,
  after: MailboxState,
): readonly Decision[] {
  const { name } = after;
  const going = new Map<BirthKey, DecisionOf<'expunged'>>();
  for (const decision of decisions) {
    if (decision.kind !== 'expunged') continue;
    const instance = before.instances.get(birthKey(decision.birth));
    if (instance !== undefined) going.set(birthKey(originOf(name, instance)), decision);
  }
  if (going.size === 0) return decisions;
  const named = new Map<Decision, DecisionOf<'rewritten'> | null>();
  const replaced = new Set<BirthKey>();
  for (const decision of decisions) {
    const instance = decision.kind === 'new' ? after.instances.get(birthKey(decision.birth)) : undefined;
    const origin = instance && birthOfReplaced(name, instance);
    const gone = origin && going.get(birthKey(origin));
    if (decision.kind !== 'new' || !gone || named.has(gone)) continue;
    const { birth, guid, sizeBytes, uid } = decision;
    const before = { replaced: gone.birth, replacedGuid: gone.guid, replacedUid: gone.uid, by: gone.by };
    named.set(decision, { kind: 'rewritten', birth, guid, sizeBytes, uid, ...before });
    named.set(gone, null);
    replaced.add(birthKey(gone.birth));
  }
  // Flags that were changed here meanwhile follow: nothing wins over them.
  for (const decision of decisions) {
    if (decision.kind === 'expunge-won' && replaced.has(birthKey(decision.birth))) named.set(decision, null);
  }
  return named.size === 0
    ? decisions
    : decisions.flatMap((decision) => {
        const now = named.get(decision);
        return now === undefined ? [decision] : now === null ? [] : [now];
      });
}
