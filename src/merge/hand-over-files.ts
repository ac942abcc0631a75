import type { BirthKey } from '../replica/birth.js';
import type { Holding } from '../replica/known-mailbox.js';
import type { MailboxState } from '../replica/mailbox-state.js';
import { draftOf } from './draft-map.js';

/**
 * Makes the files of instances that went the files of those that took their place, where these have none of their own:
 * the text is the same, and need not be written again. A delivery announced for the one that stays is then not needed.
 */
export function moveFiles(
  holdings: ReadonlyMap<string, Holding>,
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
    if (heir === undefined || !state.instances.has(heir)) continue;
    const present = refs.get(heir);
    if (present !== undefined && present.uid !== null) continue;
    if (present !== undefined) draft.delete(present.ref);
    const handed: Holding = { ...holding, birth: heir };
    draft.set(holding.ref, handed);
    refs.set(heir, handed);
  }
  return draft.current();
}

/** Several merges in a row may hand a file on: births of a chain only ever get smaller, or appear later. */
function lastSuccessor(birth: BirthKey, successors: ReadonlyMap<BirthKey, BirthKey>): BirthKey | undefined {
  let heir = successors.get(birth);
  for (let next = heir; next !== undefined; next = successors.get(next)) heir = next;
  return heir;
}
