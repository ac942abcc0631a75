import { invariant } from '../../../failure.js';
import { baseOf, type UidList, type UidRecord, uidNextOf } from './uidlist-format.js';

export type UidListEdit = {
  readonly uidValidity: number;
  /** At least this; never lowered under the same UIDVALIDITY. */
  readonly uidNext: number;
  /** Ascending; at or above UIDNEXT, or any under a new UIDVALIDITY. */
  readonly append: readonly UidRecord[];
};

/**
 * The list with records appended. An older record of the same base name goes: Dovecot would take two for a duplicate,
 * and one of a file long gone for an expunged message that reappeared. Under a new UIDVALIDITY no old record stays.
 */
export function editUidList(list: UidList, edit: UidListEdit): UidList {
  const sameValidity = list.uidValidity === edit.uidValidity;
  const oldNext = sameValidity ? uidNextOf(list) : 1;
  let next = oldNext;
  for (const { uid } of edit.append) {
    invariant(uid >= next, `UID ${uid} is below UIDNEXT ${next}`);
    next = uid + 1;
  }
  const renamed = new Set(edit.append.map((record) => baseOf(record.name)));
  const kept = sameValidity ? list.records.filter((record) => !renamed.has(baseOf(record.name))) : [];
  return {
    ...list,
    uidValidity: edit.uidValidity,
    headerUidNext: Math.max(next, edit.uidNext),
    records: [...kept, ...edit.append],
    cutOff: false,
  };
}
