/**
 * What a mail server tells its clients of a mailbox: the HIGHESTMODSEQ, UIDVALIDITY and UIDNEXT that they may have
 * noted (RFC 7162, RFC 9051). A host states it of its own server, so that the servers of other hosts can go on from
 * there.
 */
export type ServedMailbox = {
  readonly highestModseq: number;
  readonly uidValidity: number;
  readonly uidNext: number;
};
