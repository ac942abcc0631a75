/** What a kind of store can do, for those who plan and carry out changes. It holds for as long as the store is open. */
export type StoreCapabilities = {
  /**
   * chosen: a change says which UID a message gets, in a mailbox whose scan shows UIDs. given: the store gives UIDs of
   * its own; its scans say `uids: null`, so that the catalog keeps the replicated ones beside them.
   */
  readonly uids: 'chosen' | 'given';
  /**
   * chosen: a delivery gets the ref that `chooseRef` made for it. given: that ref is a provisional one
   * (`mail/delivery-ref-until-store-names-it`), and `ChangeOutcome.given` says which one the store gave. A change that
   * is said twice then delivers twice: whoever does not know what became of it looks first, and recognises what was
   * delivered by its text.
   */
  readonly refs: 'chosen' | 'given';
  /** Can it keep others from giving out UIDs (`MailStore.hold`)? */
  readonly holdsOthersOff: boolean;
  /**
   * Can the text of a message become another one while it stays the message that it is? Then `replaceText` puts
   * a damaged one right, and a text that is not what it was may be the work of its user. Else it is damage, and put
   * right by delivering the message once more and expunging what is left of it.
   */
  readonly rewritesInPlace: boolean;
  /** A sentence for its user on how many keywords a mailbox takes; null where nobody ever met a limit. */
  readonly keywordRoom: string | null;
  /**
   * The directories, by absolute paths, below which its files lie; none where it has no files, and `textFile` answers
   * null.
   */
  readonly directories: readonly string[];
};
