import { Failure } from '../../failure.js';
import type { Observation } from '../../merge/observe/observation.js';
import { type DeleteLimit, deleteLimitText, exceedsDeleteLimit } from '../../replica/delete-limit.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';

/** Up to this many messages an account may lose any share of them without a question. Inclusive. */
export const guardedMessagesMin = 100;

/** The share of an account's messages that one run may expunge unasked. Exclusive: exactly half is allowed. */
export const expungedShareMax = 0.5;

/** What a guard says of so many messages, such as `importing these bundles would expunge 4 messages`. */
type Saying = (messages: string) => string;

/** What is said of a look at a store from which messages have gone. */
export function goneFrom(store: string): Saying {
  return (messages) => `${messages} went from ${store} since the last run`;
}

/** What is said of an import that deletes. */
export const expungedByImport: Saying = (messages) => `importing these bundles would expunge ${messages}`;

/** What is said of an export that passes deletions on. */
export function passedOnTo(target: string): Saying {
  return (messages) => `exporting to ${target} would pass on that ${messages} went`;
}

/**
 * Stops a run that would carry out or pass on more deletions than the user allows; no other option lifts that.
 * `messages` are those of the account before. Throws `guard`; nothing has been written by then.
 */
export function guardDeleteLimit(
  limit: DeleteLimit | undefined,
  { expunged, messages, says }: { readonly expunged: number; readonly messages: number; readonly says: Saying },
): void {
  if (limit === undefined || !exceedsDeleteLimit(limit, expunged, messages)) return;
  const of = 'percent' in limit ? ` of ${messages}` : '';
  const gone = `${expunged}${of} ${expunged === 1 && of === '' ? 'message' : 'messages'}`;
  throw new Failure(
    'guard',
    `${says(gone)}, more than --delete-max ${deleteLimitText(limit)} allows; nothing was changed`,
    {
      hint: 'Is all the mail there? To see what would be done: --dry-run --delete-max 100%. If it is right, run the same command with a higher --delete-max.',
    },
  );
}

/**
 * Stops a run that would expunge more than half of an account: a wrong setting, an emptied folder or a moved mail
 * directory looks just like that. Throws `guard`; nothing has been written by then.
 */
export function guardAgainstMassExpunge(expunged: number, messages: number, says: Saying): void {
  if (messages <= guardedMessagesMin || expunged <= messages * expungedShareMax) return;
  throw new Failure('guard', `${says(`${expunged} of ${messages} messages`)}; nothing was changed`, {
    hint: 'If that is what you want, run the same command with --allow-expunge; to see what it would do, add --dry-run.',
  });
}

/** Stops a run whose store is empty though the catalog remembers mail: most likely a disk that is not mounted. */
export function guardAgainstEmptyStore(remembered: number, found: number, store: string): void {
  if (remembered === 0 || found > 0) return;
  throw new Failure(
    'guard',
    `scanning ${store}: no message is there, but ${remembered} ${remembered === 1 ? 'was' : 'were'} at the last run; nothing was changed`,
    {
      hint: 'Is the disk mounted, and is this the right directory? If the mail was really deleted, run the same command with --allow-expunge.',
    },
  );
}

/**
 * Stops a run that would take mail for expunged because it is not in a backup that was put back: UIDNEXT only ever
 * rises, and an older list of UIDs came with fewer messages. A list alone that is older is put right.
 */
export function guardAgainstOldMail({ state, storeUids: before }: KnownMailbox, { known, changes }: Observation): void {
  const now = known.storeUids;
  if (before === null || now === null || changes.expunged === 0) return;
  if (now.uidValidity !== before.uidValidity || now.uidNext >= before.uidNext) return;
  const gone = `${changes.expunged} ${changes.expunged === 1 ? 'message is' : 'messages are'} not there any more`;
  throw new Failure(
    'guard',
    `scanning ${state.name}: ${gone}, and UIDNEXT fell from ${before.uidNext} to ${now.uidNext}, as where mail comes from a backup; nothing was changed`,
    {
      hint: 'If it does, "mrepl rejoin" gets what is missing from the other hosts. If the mail was really expunged, run the same command with --allow-expunge.',
    },
  );
}
