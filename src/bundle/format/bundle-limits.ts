/**
 * What a reader of bundles refuses to go beyond, and a writer therefore never writes. All are inclusive. They are part
 * of the format: mrepl-bundle(5) lists them. Elsewhere are only those of single things that know their own: what a UID,
 * a counter or a ledger may come to (`replica/replica-limits.ts`), a mailbox name, a keyword and a date (`mail/`), a
 * sealed file's header, a signature and a card (`trust/`).
 */

/** Bytes of tar in one frame. zstd-codec's heap is fixed and takes no more at a time. */
export const frameContentBytesMax = 4 << 20;

/** Bytes of one frame as it lies in the file: incompressible content, and block headers with room to spare. */
export const frameBytesMax = frameContentBytesMax + (64 << 10);

/**
 * Bytes of window a frame may ask a decoder for (RFC 8878, section 3.1.1.1.2, recommends that every decoder takes this
 * much).
 */
export const windowBytesMax = 8 << 20;

/**
 * Bytes that a bundle may hold for each byte of its file, once it holds more than the first number. Mail comes to ten,
 * and hardly ever to a hundred; zeros come to ten thousand, and would fill a disk from a small stick.
 */
export const expansionFreeBytes = 256 << 20;
export const expansionMax = 1000;

/** Bytes of `bundle.json`: 100,000 mailboxes, or the guids of 250,000 texts asked for, and as many again. */
export const manifestBytesMax = 64 << 20;

/** Bytes of all record files together: some four million messages, which are all in memory while they are merged. */
export const recordBytesMax = 2 ** 30;

/** Bytes of one record: a mailbox of a million messages, half of them expunged one by one, takes a quarter of it. */
export const recordLineBytesMax = 16 << 20;

/** Brackets open at once in any JSON of a bundle: four are in use; what has more is made to exhaust a parser. */
export const jsonDepthMax = 16;

/** Mailboxes in a bundle; far beyond what any server serves well. */
export const mailboxesMax = 100_000;

/**
 * Bundles of one host that another one names by their manifests. Inclusive. A host that was put back to an earlier
 * time, and writes on without ever reading, is found out as long as it has not written so many since.
 */
export const witnessedMax = 16;

/**
 * Statements that a host says it made before this one. Inclusive. Two histories of one host show by them that they
 * part, as long as neither has gone on by so many.
 */
export const statedMax = 32;

/**
 * Bytes of two statements that show that a host told two stories, together. What is larger is not passed on: each finds
 * out by itself.
 */
export const equivocationBytesMax = 1 << 20;

/** Hosts of which one bundle shows so. */
export const equivocationsMax = 16;

/** Hosts that a bundle names. Hosts of an account add up over the years, also by `rejoin`; thousands do not. */
export const hostsMax = 4096;

/**
 * Hosts that this host comes to know from bundles, whoever vouches for them; the rest of `hostsMax` is left for those
 * it is paired with later. A host that knew more than `hostsMax` could never write a bundle again.
 */
export const knownHostsMax = 4000;

/**
 * Bytes of `bundle.json` that its mailboxes may take: the rest is left for `fetch` and `answers`. A host whose
 * mailboxes took more could never write a bundle again.
 */
export const mailboxListBytesMax = 30 << 20;

/**
 * Bytes of what a host says of itself. What it may take of `mailboxListBytesMax` is half of it, once: that, the hosts,
 * and the texts asked for are less than this.
 */
export const statementBytesMax = 16 << 20;

/** Texts that a host asks for by way of others, which have to carry it. */
export const statementWantedMax = 10_000;

/** Programs that fetch mail into a store: more are not run beside each other. Their names are short words. */
export const fedMax = 16;

/** Texts that one bundle asks for; a host that lacks more asks for the rest in a later one. */
export const wantedMax = 250_000;

/** Flags and keywords of one message that were ever touched. */
export const flagsMax = 4096;

/** Bytes of an account's or host's name in UTF-8. */
export const nameBytesMax = 255;

/** Bytes of a file-name hint in UTF-8: four times what file systems take. */
export const hintBytesMax = 1024;

/** Features that `bundle.json` may list, and bytes of one's name. */
export const featuresMax = 64;
export const featureBytesMax = 64;

/**
 * Bytes of one text: it is in memory when it is checked, here and by who takes it. Servers refuse mail a tenth as
 * large.
 */
export const textBytesMax = 256 << 20;

/** Bytes of `padding`. */
export const paddingBytesMax = 64 << 20;

/** Bytes of `end.json`. */
export const endBytesMax = 4096;
