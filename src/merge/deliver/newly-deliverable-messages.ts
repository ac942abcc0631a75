import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, birthKey } from '../../replica/message-birth.js';
import { filesByBirth, openMessages } from '../../replica/messages-read-on-demand.js';
import type { Decision } from '../merge-decision.js';

/**
 * The messages of a mailbox that were known before `decisions` were taken, and can be delivered now that `texts` are
 * here. For the report: it is the plan that delivers them. UIDs must have been renumbered before.
 */
export function awaited(
  known: KnownMailbox,
  decisions: readonly Decision[],
  texts: { has(mail: TextId): boolean },
): Decision[] {
  const files = filesByBirth(known);
  const isNew = new Set<BirthKey>();
  for (const decision of decisions) {
    if (decision.kind === 'new' || decision.kind === 'rewritten') isNew.add(birthKey(decision.birth));
  }
  const uidValidity = known.state.validity?.uidValidity;
  const found: Decision[] = [];
  for (const [key, instance] of openMessages(known)) {
    if (files.seen(key) !== undefined || isNew.has(key) || !texts.has(instance)) continue;
    const { birth, guid, sizeBytes, uid } = instance;
    found.push({ kind: 'awaited', birth, guid, sizeBytes, uid: uid.uidValidity === uidValidity ? uid.uid : null });
  }
  return found;
}
