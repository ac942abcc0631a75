import { draftOf } from '../../replica/edited-map.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import { type Holding, heldText, type KnownMailbox, noteText } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';

/**
 * Makes the files of instances that went the files of those that took their place, where these have none of their own:
 * the mail is the same, and need not be written again. A delivery announced for the one that stays is then not needed.
 */
export function moveFiles(
  { state: before, holdings }: Pick<KnownMailbox, 'state' | 'holdings'>,
  state: MailboxState,
  successors: ReadonlyMap<BirthKey, BirthKey>,
): ReadonlyMap<string, Holding> {
  if (successors.size === 0) return holdings;
  const draft = draftOf(holdings);
  const refs = new Map<BirthKey, Holding>();
  for (const holding of holdings.values()) if (state.instances.has(holding.birth)) refs.set(holding.birth, holding);
  for (const holding of holdings.values()) {
    if (holding.uid === null || state.instances.has(holding.birth)) continue;
    const heir = lastSuccessor(holding.birth, successors);
    if (heir === undefined) continue;
    if (!state.instances.has(heir)) continue;
    const present = refs.get(heir);
    if (present !== undefined && present.uid !== null) continue;
    if (present !== undefined) draft.delete(present.ref);
    const text = heldText(holding, before.instances.get(holding.birth));
    const { ref, uid, flags } = holding;
    const handed: Holding = { ref, birth: heir, uid, flags, ...noteText(text) };
    draft.set(holding.ref, handed);
    refs.set(heir, handed);
  }
  return draft.current();
}

/** Several merges in a row may hand a file on: a chain only ever leads to what stays before, or appears later. */
function lastSuccessor(birth: BirthKey, successors: ReadonlyMap<BirthKey, BirthKey>): BirthKey | undefined {
  let heir = successors.get(birth);
  for (let next = heir; next !== undefined; next = successors.get(next)) heir = next;
  return heir;
}
