import { amountIn, count, flag, host, list, object, orNull, type Schema, text, time, word } from './schema-words.js';

// The lines of all commands but those that exchange mail: of each kind, the keys beside `kind` and `schema`.

const right = word('read', 'append', 'full');
const hostWithFingerprint = object({ hostId: text, name: text, fingerprint: text });

/** Of status, or of inspect. */
const mailbox: Schema = {
  anyOf: [
    object({
      ...{ mailbox: text, present: flag, stored: flag, messages: count, waiting: count, damaged: count },
      ...{ uidValidity: orNull(count), uidNext: count, highestModseq: count },
      ...{ upToDate: list(text), behind: list(text) },
    }),
    object({
      ...{ mailbox: text, uidValidity: orNull(count), uidNext: count, highestModseq: count },
      ...{ living: count, saves: count, updates: count, fromEmptyBase: flag, part: flag },
      clock: { type: 'object', additionalProperties: object({ serial: count, modseq: count }) },
    }),
  ],
};

const next: Schema = {
  anyOf: [
    object({ step: word('pair', 'doctor') }),
    object({ step: word('sync'), directory: orNull(text), for: list(text) }),
    object({ step: word('carry'), directory: orNull(text), to: list(text) }),
  ],
};

const pairing: Readonly<Record<string, Schema>> = {
  card: object({
    ...{ hostId: text, name: text, fingerprint: text, successorOf: orNull(text), right: orNull(right) },
    outcome: word('paired', 'known', 'declined', 'revoked', 'retired', 'other-keys', 'name-taken'),
  }),
  pair: object({
    ...{ target: text, account: text, hostName: text, fingerprint: text, cardFile: orNull(text), newMedium: flag },
    ...{ peers: list(text), otherAccounts: list(text) },
  }),
  paired: object({
    ...{ hostId: text, name: text, right, revoked: flag, retired: flag, fingerprint: text },
    ...{ pairedAt: time, lastHeard: orNull(time), vouchesFor: count },
  }),
  revoked: object({ name: text, forgotten: count, remaining: count, unaware: list(text) }),
  peers: object({ account: text, host: hostWithFingerprint, peers: count }),
};

const identity: Readonly<Record<string, Schema>> = {
  init: object({
    ...{ account: text, hostName: text, hostId: text, store: text, foundBy: list(text) },
    ...{ mailboxes: count, messages: count, catalog: text },
  }),
  account: object({
    done: orNull(word('renamed', 'relocated', 'undone')),
    ...{ account: text, hostId: text, hostName: text, formerName: text, store: text, formerStore: text },
    ...{ peers: list(text), kept: orNull(text) },
  }),
  rejoin: object({
    ...{ dryRun: flag, done: flag, account: text, before: host, host, mailboxes: count, messages: count },
    ...{ missing: count, renumbered: count, peers: list(text) },
  }),
};

const state: Readonly<Record<string, Schema>> = {
  mailbox,
  peer: object({
    ...{ hostId: text, name: text, lastHeard: orNull(time), lastNumber: count, mailboxesBehind: count },
    ...{ wantedTexts: count, inStep: flag, inStepSince: orNull(time), lacks: amountIn, unwritten: amountIn },
  }),
  unconfirmed: object({
    ...{ number: count, fileName: text, sizeBytes: count, madeAt: time },
    ...{ directory: orNull(text), medium: orNull(text), by: list(text) },
  }),
  status: object({
    ...{ account: text, host, store: text, serverUids: flag, mailboxes: count, peers: count },
    ...{ unconfirmed: count, textsLeft: count },
    lastExport: orNull(object({ number: count, madeAt: time })),
    next: list(next),
  }),
  overview: object({ accounts: list(text) }),
  /** The details are those of the run that wrote the entry, which may have been one of an older version. */
  log: object({ at: time, what: text, details: { type: 'object' } }),
};

const checks: Readonly<Record<string, Schema>> = {
  inspect: object({
    ...{ file: text, sizeBytes: orNull(count), formatVersion: text, signedBy: text, sealed: flag, account: text },
    ...{ from: host, to: list(text), number: count, madeAt: time, mailboxes: count },
    ...{ texts: count, textBytes: count, wanted: count, answers: count },
  }),
  finding: {
    anyOf: [
      object({ file: text, code: text, message: text, hint: orNull(text) }),
      object({ code: text, where: text, message: text, remedy: text }),
    ],
  },
  notice: object({ code: text, where: text, message: text, remedy: text }),
  doctor: object({
    ...{ account: orNull(text), host: orNull(host), store: orNull(text), about: list(text), deep: flag },
    ...{ mailboxes: count, messages: count, texts: count, textBytes: count, findings: count },
  }),
  verify: object({
    ...{ file: text, sizeBytes: orNull(count), ok: flag, records: count, texts: count, textBytes: count },
    findings: count,
  }),
};

/** By kind. */
export const accountLines: Readonly<Record<string, Schema>> = {
  ...pairing,
  ...identity,
  ...state,
  ...checks,
  cron: object({
    done: word('installed', 'removed'),
    ...{ directory: text, files: list(text), kept: list(text), isRunning: flag, toType: list(text), why: orNull(text) },
  }),
  support: object({
    sections: list(object({ title: text, rows: list({ type: 'array', items: text, minItems: 2, maxItems: 2 }) })),
  }),
  setting: object({
    ...{ command: orNull(text), key: text },
    value: { anyOf: [{ type: ['boolean', 'number', 'string', 'null'] }, list(text)] },
    from: word('option', 'environment', 'file', 'default'),
    origin: orNull(text),
  }),
  config: object({
    ...{ file: text, isThere: flag, dataDirectory: text, passedOver: orNull(text), settings: count },
  }),
};
