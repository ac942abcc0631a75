/** The highest UID and UIDVALIDITY there can be (RFC 9051, section 9: 32 bit, not zero). Inclusive. */
export const uidMax = 0xffff_ffff;

/**
 * A UIDNEXT or claim above this is not believed from a peer, and a mailbox that would grow beyond it gets a new
 * UIDVALIDITY instead: the rest is room for renumbering. Inclusive; a mailbox of a million messages could be renumbered
 * four thousand times to get here.
 */
export const uidNextMax = uidMax - 2 ** 24;

/**
 * How far a peer's modseqs, serials and resets may be ahead of everything seen so far. Inclusive. A trillion changes in
 * one mailbox between two exchanges do not happen; a counter that leaps so far is damage or malice, and believing it
 * would use up the numbers of everybody.
 */
export const counterLeapMax = 2 ** 40;

/**
 * The highest modseq, serial or number of resets that is believed of a peer. Inclusive. Many small leaps come as far as
 * one large one; here they end, and a host can go on counting for ever.
 */
export const counterMax = 2 ** 52;

/**
 * How often a message was renumbered is counted up to here, inclusive: only the first few times matter (merge rule 6).
 */
export const roundMax = 2 ** 20;

/**
 * Claims and agreements of one mailbox. Inclusive. A host that never left off makes one claim a day; each is sent with
 * every bundle and looked at in every merge.
 */
export const ledgerEntriesMax = 2 ** 16;

/**
 * Labels that claim one UID, and agreements about it. Inclusive. Hosts that began as copies have one label each, and
 * agree in pairs.
 */
export const uidLabelsMax = 64;
export const uidAgreementsMax = 1024;

/**
 * Flags and keywords of one message that were ever touched: up to so many those are taken that peers tell of, and
 * system flags beyond it. Inclusive. A bundle takes 4096; the rest is for what a host sets itself. A message that had
 * come to more could never be told of again, nor its mailbox.
 */
export const peersFlagsMax = 3072;

/**
 * Bytes that the ledger and the list of what lives may take, written out. Inclusive. Three quarters of what a bundle's
 * line takes: a mailbox that had grown beyond that could never be sent again.
 */
export const mailboxTextBytesMax = 12 << 20;

/**
 * What is kept free of each of these for what this host adds itself, when peers' claims are taken: else what they say
 * could come so far that with one more claim of its own nobody would take its bundles.
 */
export const ownEntriesRoom = 2 ** 10;
export const ownLabelsRoom = 8;
export const ownAgreementsRoom = 64;
export const ownTextBytesRoom = 1 << 20;

/**
 * Hosts with which this one is not paired, and that it takes up on the word of one peer, which says that it is paired
 * with them itself. Inclusive. Of hosts a step further away it takes up twice as many in all, and so on to
 * `fairStepsMax`: so what a peer makes up takes no room from what is nearer to the hosts that pass it on.
 */
export const vouchedHostsMax = 64;

/** Steps from host to host, each paired with the next, up to which the room for hosts grows. Inclusive. */
export const fairStepsMax = 5;

/**
 * Hosts that are further away are not taken up. Inclusive. Nobody goes round in circles with what has been forgotten,
 * either.
 */
export const stepsMax = 8;

/** Is `n` a whole number from 0 that is represented exactly? */
export function isCounter(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** Is `n` a UID or a UIDVALIDITY? */
export function isUid(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1 && n <= uidMax;
}
