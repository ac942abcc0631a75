/**
 * The rules of the merge that can be left out one at a time. Nothing but the tests ever does: each left out must make a
 * property fail, which shows that the properties watch over it.
 */
export type Rules = {
  /** UIDs of messages that came and went between two scans are claimed all the same. */
  readonly claimUnseen: boolean;
  /** A UIDVALIDITY that the store itself raised wins over what was before. */
  readonly countResets: boolean;
  /** What is done at a scan or decided in a merge advances this host's modseq, expunges too. */
  readonly advanceClock: boolean;
  /** News built upon something this host does not know is refused. */
  readonly refuseStrangeBase: boolean;
  /** An instance that a peer knew and has no more was expunged. */
  readonly expungeAbsent: boolean;
  /** An instance that is absent here though this host knew it was expunged here. */
  readonly ignoreExpunged: boolean;
  /** Mail born on both sides becomes one. */
  readonly unify: boolean;
  /** ... also where programs that fetched it stamped different lines into it. */
  readonly unifyStamped: boolean;
  /** ... and so do its flags, with stamps of their own. */
  readonly stampHandOver: boolean;
  /** One that was born anew stays before others, so that nobody gives it up for what was given up for it. */
  readonly keepAnew: boolean;
  /** The file of the instance that goes becomes the file of the one that stays. */
  readonly handOverFile: boolean;
  /** Where both sides of a unification had the same UID, that is no conflict. */
  readonly agree: boolean;
  /** A UID given out by two is given to neither. */
  readonly moveConflicts: boolean;
  /** Nothing is added below UIDNEXT. */
  readonly moveLate: boolean;
  /** Two hosts that decide the same make the same claim. */
  readonly nameDecisions: boolean;
  /** Hosts that renumber the same messages again and again make room for one another. */
  readonly spreadBlocks: boolean;
  /**
   * A file that is fetched anew, with other stamped lines, is the same message under another name, or in another
   * mailbox.
   */
  readonly followStamped: boolean;
  /** Flags set on one host while another moved the message follow it. */
  readonly carryFlags: boolean;
  /** A message that was written anew names the one whose place it takes. */
  readonly nameReplaced: boolean;
  /** What is withheld of a peer that may only append is not claimed to be known. */
  readonly withholdClock: boolean;
  /** Such a peer expunges nothing here. */
  readonly withholdExpunges: boolean;
  /** ... has no say in which UIDs were given out. */
  readonly withholdClaims: boolean;
  /** ... and sets no flags of a message that was here before its own copy came. */
  readonly withholdFlags: boolean;
  /** New mail of such a peer takes the place of the same message that it gave up for it. */
  readonly replaceDropped: boolean;
  /** The clock of a part vouches for no deed that could be about something that is held back. */
  readonly cutModseqs: boolean;
  /** ... and for no message that is held back. */
  readonly cutSerials: boolean;
  /** Whoever is told a part hears nothing of UIDs beyond it. */
  readonly cutUids: boolean;
  /** All that is held back has higher UIDs than what is told. */
  readonly closeUids: boolean;
  /** Nobody is told that a message is gone whose place is taken by one that is held back. */
  readonly holdBackReplaced: boolean;
  /** Of a mailbox that never gave out a UID the UIDVALIDITY is told, too, and loses against one that did. */
  readonly agreeEmpty: boolean;
  /** A UIDVALIDITY whose UIDs are nearly used up is replaced by the host that sees it. */
  readonly renewFull: boolean;
  /** What a peer says of another host counts only as far as that host has signed it. */
  readonly signedClocks: boolean;
  /** ... and as far as the peer shows that it knew so, whatever was signed since. */
  readonly shownOnly: boolean;
  /** Changes in the name of another host count no further, either. */
  readonly signedStamps: boolean;
  /** What is not believed is not missed when later news builds upon it. */
  readonly signedBase: boolean;
  /** No change is acknowledged that may have been made to a message which is held back. */
  readonly cautiousModseqs: boolean;
  /** ... and what news changes of which not all is believed is passed on as this host's own decision. */
  readonly decideDoubted: boolean;
  /** What was believed of a host without its signature gives way to it. */
  readonly giveWay: boolean;
  /** Of a host that told two stories nothing is believed any more, whoever says it. */
  readonly disown: boolean;
  /** ... and who still believes it expunges nothing, as it may be about another message. */
  readonly keepApart: boolean;
  /** A birth with another text than here is another message, though nothing shows who tells two stories. */
  readonly splitBirths: boolean;
  /** Claims of UIDs for which there is no room are not taken, and whoever tells of them is heard all the same. */
  readonly boundClaims: boolean;
};

export const everyRule: Rules = {
  claimUnseen: true,
  countResets: true,
  advanceClock: true,
  refuseStrangeBase: true,
  expungeAbsent: true,
  ignoreExpunged: true,
  unify: true,
  unifyStamped: true,
  stampHandOver: true,
  keepAnew: true,
  handOverFile: true,
  agree: true,
  moveConflicts: true,
  moveLate: true,
  nameDecisions: true,
  spreadBlocks: true,
  followStamped: true,
  carryFlags: true,
  nameReplaced: true,
  withholdClock: true,
  withholdExpunges: true,
  withholdClaims: true,
  withholdFlags: true,
  replaceDropped: true,
  cutModseqs: true,
  cutSerials: true,
  cutUids: true,
  closeUids: true,
  holdBackReplaced: true,
  agreeEmpty: true,
  renewFull: true,
  signedClocks: true,
  shownOnly: true,
  signedStamps: true,
  signedBase: true,
  cautiousModseqs: true,
  decideDoubted: true,
  giveWay: true,
  disown: true,
  keepApart: true,
  splitBirths: true,
  boundClaims: true,
};
