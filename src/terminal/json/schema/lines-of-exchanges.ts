import {
  amountIn,
  birth,
  count,
  failure,
  flag,
  guid,
  host,
  list,
  object,
  orNull,
  room,
  type Schema,
  text,
  time,
  word,
} from './schema-words.js';

// The lines of import, export, sync, restore and forget: of each kind, the keys beside `kind` and `schema`.

/** What a look at the store found; it comes first. */
const scanLines = {
  renamed: object({ from: text, to: text }),
  mended: object({ mailbox: text, ref: text, how: word('replaced', 'set-apart') }),
  scanned: object({
    ...{ mailbox: text, born: count, expunged: count, rewritten: count, flagged: count, renumbered: count },
    ...{ created: flag, deleted: flag },
    uidValidity: orNull(object({ from: count, to: count })),
    exhausted: orNull(count),
    lost: list(word('uids', 'keywords', 'subscription')),
  }),
} as const satisfies Readonly<Record<string, Schema>>;

const uid = orNull(count);

/** What a merge decided on a message or mailbox: by `change`, the keys beside `mailbox`. */
const decisions: Readonly<Record<string, Schema>> = {
  new: object({ birth, guid, sizeBytes: count, uid }),
  awaited: object({ birth, guid, sizeBytes: count, uid }),
  expunged: object({ birth, guid, uid: count, by: host }),
  rewritten: object({
    ...{ birth, guid, sizeBytes: count, uid, replaced: birth, replacedGuid: guid, replacedUid: count, by: host },
  }),
  unified: object({ kept: birth, dropped: birth, guid }),
  flags: object({ birth, uid, set: list(text), cleared: list(text) }),
  'moved-flags': object({ birth, from: text, flags: list(text) }),
  renumbered: object({ birth, from: uid, to: count, why: word('conflict', 'late', 'uidvalidity') }),
  'flag-conflict': object({ birth, uid, flag: text, on: flag, winner: host, loser: host }),
  'expunge-won': object({ birth, uid, winner: host, loser: host }),
  uidvalidity: object({ from: orNull(count), to: count }),
  created: object({}),
  deleted: object({}),
  kept: object({ by: host }),
  subscribed: object({ on: flag }),
};

/** Which keys a `change` has depends on what it is. */
const change: Schema = {
  ...object({ mailbox: text, change: { enum: Object.keys(decisions) } }),
  allOf: Object.entries(decisions).map(([name, schema]) => ({
    if: { properties: { change: { const: name } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: schema,
  })),
};

const message = object({
  what: word('goes', 'comes', 'moves', 'anew', 'flags', 'same', 'uid'),
  ...{ mailbox: text, from: orNull(text), guid, uidBefore: uid, uidAfter: uid },
  ...{ flagsBefore: list(text), flagsAfter: list(text), received: time, sizeBytes: count },
  ...{ sender: orNull(text), subject: orNull(text), by: orNull(host) },
});

const bundleFailure = orNull(failure);

/** By kind. */
export const exchangeLines: Readonly<Record<string, Schema>> = {
  ...scanLines,
  bundle: object({
    ...{ fileName: text, sizeBytes: orNull(count), from: orNull(host), number: orNull(count), madeAt: orNull(time) },
    outcome: word('taken', 'limited', 'incomplete', 'old', 'refused'),
    failure: bundleFailure,
  }),
  change,
  unstorable: object({ mailbox: text, keyword: text }),
  message,
  withheld: object({ mailbox: text, messages: count, flags: count, expunges: count, others: count, from: host }),
  outgoing: object({
    ...{ number: count, mailbox: text, saves: count, savedBytes: count, updates: count, living: count },
    expunged: count,
    moved: list(object({ from: text, messages: count })),
  }),
  left: object({ mailbox: text, messages: count, textBytes: count }),
  import: object({
    ...{ dryRun: flag, source: text, bundles: count, mailboxes: count },
    texts: object({ arrived: count, bytes: count, linked: count, waiting: count }),
    ...{ expunged: amountIn, intact: flag, room, trashed: count, unmatched: list(text) },
    waitsFor: list(object({ name: text, texts: count })),
    newest: list(object({ mailbox: text, received: time, subject: orNull(text) })),
    fed: orNull(object({ here: list(text), peers: list(object({ hostId: text, name: text, programs: list(text) })) })),
    refetched: orNull(object({ messages: count, orMore: flag, mailboxes: list(text) })),
  }),
  export: object({
    ...{ dryRun: flag, target: text },
    bundles: list(
      object({
        ...{ fileName: text, number: count, sizeBytes: orNull(count), texts: count, textBytes: count },
        ...{ mailboxes: count, to: list(text), sealed: flag, buildsOn: count },
      }),
    ),
    ...{ newMedium: flag, expunged: amountIn },
    left: orNull(
      object({
        limit: word('max-size', 'room', 'file-size'),
        ...{ mailboxes: count, messages: count, textBytes: count, askedTexts: count },
      }),
    ),
    ...{ room: orNull(room), removed: list(text), hasReaders: flag, unmatched: list(text), otherAccounts: list(text) },
  }),
  sync: object({ target: text, otherAccounts: list(text), failure: bundleFailure }),
  trashed: object({
    ...{ mailbox: text, guid, uid: count, uidValidity: count, flags: list(text), received: time, sizeBytes: count },
    ...{ subject: orNull(text), expungedAt: time, by: host },
    bundle: object({ fileName: text, number: count }),
    outcome: word('restorable', 'restored', 'there', 'waiting', 'damaged'),
  }),
  restore: object({ dryRun: flag, listing: flag, messages: count, restored: count, room: orNull(room) }),
  textless: object({
    ...{ mailbox: text, guid, uid, received: time, sizeBytes: count, holders: list(text) },
    outcome: word('lost', 'held', 'forgotten'),
  }),
  forget: object({ dryRun: flag, listing: flag, messages: count, forgotten: count }),
};
