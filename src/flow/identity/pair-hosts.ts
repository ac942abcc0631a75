import { statSync } from 'node:fs';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import { forgetRefusals } from '../../catalog/facts/bundles/refused-bundles.js';
import { ownNames } from '../../catalog/facts/own-host/own-host-names.js';
import { formerSelf, originalOf, rememberOriginal } from '../../catalog/facts/own-host/previous-identity.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { PairedHost, PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { advice, Failure, isInterruption, isOfOneThing, typed } from '../../failure.js';
import { ifPresent } from '../../fs/errno.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { type CardFile, dropCardParts, isCardName, leaveCard, readCards } from '../../medium/card-files.js';
import { assertSameMedium } from '../../medium/medium-identity.js';
import { removeFiles } from '../../medium/name-and-list-bundle-files.js';
import { prepareMedium } from '../../medium/prepare-directory.js';
import type { HostId } from '../../replica/host-id.js';
import { lesserRight, type Right } from '../../replica/peer-permission.js';
import { type Fingerprint, fingerprintOf } from '../../trust/identity/card-fingerprint.js';
import { createHostKeys, type HostKeys } from '../../trust/identity/host-key-file.js';
import { type Card, decodeCard, encodeCard } from '../../trust/identity/identity-card.js';
import { isSuccessor } from '../../trust/identity/sign-succession.js';
import { askBeforeNewMedium, type NewMediumPolicy } from '../medium/ask-before-new-medium.js';
import { newMediumId, noteMedium, seeTarget } from '../medium/check-medium-is-mounted.js';
import { otherAccountsAt } from '../medium/find-waiting-bundles.js';
import { changeRight } from '../peers/acknowledge-limited-peers.js';
import { keysOfHost } from '../peers/paired-host-keys.js';
import { rightAccount } from '../peers/refuse-unpaired-export.js';
import { reviewStatement } from '../peers/signed-statements/keep-signed-statements.js';
import type { Session } from '../session/account-session.js';

/** What became of a host's card. */
export type CardOutcome =
  | 'paired' // taken up just now
  | 'known' // paired before, with these keys
  | 'declined' // not taken up
  | 'revoked' // revoked here, and only its fingerprint takes it up again
  | 'retired' // it goes on as another host here, and only its fingerprint takes it up again
  | 'other-keys' // a host that is paired, with keys that are not its own
  | 'name-taken'; // another host that is called like a paired one

export type OfferedCard = {
  readonly hostId: HostId;
  readonly name: string;
  readonly fingerprint: Fingerprint;
  readonly outcome: CardOutcome;
  /** What it may do here from now on; null where it was not taken up just now. */
  readonly right: Right | null;
  /** What a paired host was called here that says, with its own key, that it goes on as this one. */
  readonly successorOf: string | null;
};

export type PairReport = {
  readonly kind: 'pair';
  readonly target: string;
  readonly account: string;
  readonly hostName: string;
  readonly fingerprint: Fingerprint;
  /** The file with this host's own card; `-` where it went to standard output, null where it was left nowhere. */
  readonly cardFile: string | null;
  /** Did the directory become a medium just now? */
  readonly newMedium: boolean;
  /** The other hosts whose cards lie there. */
  readonly hosts: readonly OfferedCard[];
  /** What the hosts are called that this one is paired with by now. */
  readonly peers: readonly string[];
  /** Accounts of which something lies there, where nothing of this one does. */
  readonly otherAccounts: readonly string[];
  readonly troubles: readonly Trouble[];
};

export type PairOptions = {
  /** Cards with one of these are taken up, whatever else is known of their hosts: the user has compared them. */
  readonly fingerprints: ReadonlySet<Fingerprint>;
  /** What a host that is taken up may do, whatever it was allowed before; without it, see `rightFor`. */
  readonly right?: Right;
  /** What a host that is taken up may do at most where `right` does not say; without it, everything. */
  readonly rightMax?: Right;
  readonly accept: (question: PairQuestion) => Promise<boolean>;
  /** Left out, any directory becomes a medium. */
  readonly newMedium?: NewMediumPolicy;
};

/** Asked of a new host. */
export type PairQuestion = Pick<OfferedCard, 'name' | 'fingerprint' | 'successorOf'> & { readonly right: Right };

/**
 * Leaves this host's identity card in the directory, and takes up those cards of other hosts that the user accepts.
 * From then on their bundles are taken, and ours are sealed to them. A card that contradicts what is known changes
 * nothing, unless its fingerprint was given. A host whose private keys are lost gets new ones, and its new card takes
 * the place of the old one.
 */
export async function pairThrough(session: Session, directory: string, options: PairOptions): Promise<PairReport> {
  const { catalog } = session;
  const { account, hostName, hostId } = catalog.identity;
  const seen = seeTarget(session, directory);
  await askBeforeNewMedium(session, seen, options.newMedium);
  const areKeysNew = ifPresent(() => statSync(session.keysPath)) === null;
  if (areKeysNew) createHostKeys(session.keysPath, { account, hostId });
  const own = ownCard(session, session.keys());
  const { folder, id } = prepareMedium(seen, account, newMediumId);
  noteMedium(session, directory, id);
  const troubles: Trouble[] = [];
  const hosts: OfferedCard[] = [];
  const formerId = formerSelf(catalog)?.hostId ?? null;
  const original = originalOf(catalog);
  const outdated: string[] = [];
  let lying: CardFile | null = null;
  dropCardParts(folder, ownNames(catalog));
  const { cards, unusable } = readCards(folder);
  for (const { fileName, failure } of unusable) troubles.push({ subject: fileName, failure });
  for (const file of cards) {
    await heedInterruption(session);
    if (isBeginningOf(own.bytes, file, hostName)) {
      lying = file; // of a run that died, or was written just before the power went
      continue;
    }
    try {
      const card = decodeCard(file.bytes, file.fileName);
      if (card.hostId === hostId && (areKeysNew || card.signingKey === own.card.signingKey)) lying = file;
      else if (card.hostId === hostId) throw impostor(file.fileName);
      else if (card.hostId === formerId) outdated.push(file.fileName);
      else if (original?.isCardOurs === true && card.hostId === original.hostId) {
        outdated.push(file.fileName);
        // Once: should it come again, somebody else goes on under it.
        rememberOriginal(catalog, { ...original, isCardOurs: false });
      } else if (card.account !== account) throw otherAccount(file.fileName, card.account, account);
      else {
        const host = await takeUp(session, card, options);
        hosts.push(host);
        const alarm = alarmOf(host, card, { directory, fileName: file.fileName, ownName: hostName });
        if (alarm !== null) troubles.push({ subject: file.fileName, failure: alarm });
      }
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      troubles.push({ subject: file.fileName, failure: cause });
    }
  }
  const confirm = (): void => assertSameMedium(seen);
  confirm(); // a card that was not found may be on the stick that was pulled
  await heedInterruption(session);
  const isThere = lying !== null && Buffer.from(lying.bytes).equals(own.bytes);
  if (outdated.length > 0) removeFiles(folder, outdated);
  const cardFile = isThere
    ? (lying as CardFile).fileName
    : await leaveCard(folder, { hostName, bytes: own.bytes, old: lying?.fileName ?? null, confirm }).catch((cause) => {
        if (!isInterruption(cause)) confirm(); // on another stick all kinds of things may be in the way
        throw cause;
      });
  confirm();
  const { fingerprint } = own;
  for (const trouble of unmatched(hosts, options, fingerprint)) troubles.push(trouble);
  const otherAccounts = hosts.length > 0 ? [] : await otherAccountsAt(session, directory);
  const newMedium = seen.id === null;
  return {
    ...{ kind: 'pair', target: directory, account, hostName, fingerprint, cardFile },
    ...{ newMedium, hosts, peers: peerNames(catalog), otherAccounts, troubles },
  };
}

/**
 * Takes up those of these cards, files or what came through a pipe, that the user accepts, as `pairThrough` does.
 * `send` hands on the card of this host first of all; left out, it is not.
 */
export async function pairByCards(
  session: Session,
  { target, cards, send }: CardsRequest,
  options: PairOptions,
): Promise<PairReport> {
  const { account, hostName, hostId } = session.catalog.identity;
  if (ifPresent(() => statSync(session.keysPath)) === null) createHostKeys(session.keysPath, { account, hostId });
  const { card: own, bytes, fingerprint } = ownCard(session, session.keys());
  await send?.(bytes);
  const hosts: OfferedCard[] = [];
  const troubles: Trouble[] = [];
  for (const file of await cards()) {
    await heedInterruption(session);
    try {
      const card = decodeCard(file.bytes, file.fileName);
      if (card.account !== account) throw otherAccount(file.fileName, card.account, account);
      if (card.hostId === hostId && card.signingKey === own.signingKey) continue;
      if (card.hostId === hostId) throw impostor(file.fileName);
      const host = await takeUp(session, card, options);
      hosts.push(host);
      const alarm = alarmOf(host, card, { directory: target, fileName: file.fileName, ownName: hostName });
      if (alarm !== null) troubles.push({ subject: file.fileName, failure: alarm });
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      troubles.push({ subject: file.fileName, failure: cause });
    }
  }
  for (const trouble of unmatched(hosts, options, fingerprint)) troubles.push(trouble);
  const cardFile = send === undefined ? null : '-';
  return {
    ...{ kind: 'pair', target, account, hostName, fingerprint, cardFile },
    ...{ newMedium: false, hosts, peers: peerNames(session.catalog), otherAccounts: [], troubles },
  };
}

function peerNames(catalog: PairedHostCatalog): string[] {
  return catalog.pairedHosts().flatMap(({ name, isRevoked, isRetired }) => (isRevoked || isRetired ? [] : [name]));
}

export type CardsRequest = {
  /** For messages: the files, or `-`. */
  readonly target: string;
  readonly cards: () => Promise<readonly CardFile[]>;
  readonly send?: (card: Uint8Array) => Promise<void>;
};

/**
 * Fingerprints that were given and are those of no card: the wrong one was typed, or somebody else's card lies there.
 */
function unmatched(hosts: readonly OfferedCard[], { fingerprints }: PairOptions, own: Fingerprint): Trouble[] {
  const found = new Set(hosts.map(({ fingerprint }) => fingerprint));
  return [...fingerprints].flatMap((fingerprint) => {
    if (found.has(fingerprint)) return [];
    const why = fingerprint === own ? 'that is the fingerprint of this host itself' : 'no card there has it';
    const failure = new Failure('untrusted', `pairing with the host of ${fingerprint}: ${why}; it was NOT taken up`, {
      hint: 'Compare it with what "mrepl peers" shows on the other host, and let that host leave its card anew.',
    });
    return [{ subject: fingerprint, failure }];
  });
}

function isBeginningOf(own: Buffer, { fileName, bytes }: CardFile, hostName: string): boolean {
  const isPart = bytes.length < own.length && own.subarray(0, bytes.length).equals(bytes);
  return isPart && isCardName(fileName, hostName);
}

async function takeUp(session: Session, card: Card, options: PairOptions): Promise<OfferedCard> {
  const { catalog } = session;
  const fingerprint = fingerprintOf(card);
  const { hostId, signingKey, ageRecipient } = card;
  const known = catalog.pairedHosts();
  const before = known.find((host) => host.hostId === hostId);
  const predecessor = before === undefined ? predecessorOf(card, known) : undefined;
  const name = before?.name ?? predecessor?.name ?? card.hostName;
  const namesake = known.find((host) => host.name === name && host.hostId !== hostId);
  const isNamesakeReal = namesake !== undefined && namesake !== predecessor && !isSilentOriginal(catalog, namesake);
  const contradiction = contradictionOf(card, {
    before,
    predecessor,
    isTaken: name === catalog.identity.hostName || (isNamesakeReal && !namesake.isRevoked),
  });
  const right = rightFor(before ?? predecessor, options);
  const offered = { hostId, name, fingerprint, successorOf: predecessor?.name ?? null, right: null };
  const isCompared = options.fingerprints.has(fingerprint) && contradiction !== 'name-taken';
  if (contradiction === 'known') return { ...offered, outcome: 'known' };
  if (!isCompared) {
    if (contradiction !== null) return { ...offered, outcome: contradiction };
    if (!(await options.accept({ ...offered, right }))) return { ...offered, outcome: 'declined' };
  }
  const pairedAtS = Math.floor(session.nowMs() / 1000);
  const rest = { right: before?.right ?? right, isRevoked: false, isRetired: false, pairedAtS };
  catalog.transaction(() => {
    if (namesake !== undefined) {
      const isRetired = namesake.isRetired || !isNamesakeReal;
      catalog.putPairedHost({ ...namesake, isRetired, name: freeName(`${name}-old`, known) });
    }
    forgetRefusals(catalog);
    catalog.putPairedHost({ hostId, name, signingKey, ageRecipient, ...rest });
    changeRight(catalog, hostId, right);
    reviewStatement(catalog, hostId);
  });
  return { ...offered, outcome: 'paired', right };
}

/** As the user says; else a host that comes back, or goes on as another, may not do more than before. */
function rightFor(known: PairedHost | undefined, { right, rightMax = 'full' }: PairOptions): Right {
  return right ?? lesserRight(rightMax, known?.right ?? 'full');
}

/** Is it only what this host was called itself, and nothing was ever heard of another that goes on so? */
function isSilentOriginal(catalog: PeerCatalog & FactCatalog, { hostId }: PairedHost): boolean {
  return originalOf(catalog)?.hostId === hostId && !catalog.peers().some((peer) => peer.hostId === hostId);
}

/** The paired host that goes on as the one of the card, as it says with its own key. */
function predecessorOf(card: Card, known: readonly PairedHost[]): PairedHost | undefined {
  const host = known.find(({ hostId }) => hostId === card.succession?.formerId);
  return host !== undefined && isSuccessor(card, keysOfHost(host).signingKey) ? host : undefined;
}

/** For a host that was revoked, and whose name another one has now. */
function freeName(stem: string, hosts: readonly PairedHost[]): string {
  for (let copy = 1; ; copy++) {
    const name = copy === 1 ? stem : `${stem}-${copy}`;
    if (!hosts.some((host) => host.name === name)) return name;
  }
}

/** Why the card is not simply that of a new host; null where it is. */
function contradictionOf(
  card: Card,
  {
    before,
    predecessor,
    isTaken,
  }: {
    readonly before: PairedHost | undefined;
    readonly predecessor: PairedHost | undefined;
    /** By a host that is neither this one, nor goes on as this one. */
    readonly isTaken: boolean;
  },
): Exclude<CardOutcome, 'paired' | 'declined'> | null {
  if (before !== undefined) {
    const isSame = before.signingKey === card.signingKey && before.ageRecipient === card.ageRecipient;
    if (!isSame) return 'other-keys';
    if (before.isRevoked) return 'revoked';
    return before.isRetired ? 'retired' : 'known';
  }
  if (isTaken) return 'name-taken';
  return predecessor?.isRevoked === true ? 'revoked' : null; // whoever has its keys could have made the card
}

/** What may be an attack is said loudly, and changes nothing. */
function alarmOf(
  { name, fingerprint, outcome }: OfferedCard,
  card: Card,
  { directory, fileName, ownName }: { readonly directory: string; readonly fileName: string; readonly ownName: string },
): Failure | null {
  if (outcome === 'other-keys') {
    return new Failure(
      'untrusted',
      `the card of ${name} has other keys than those ${name} was paired with; it was NOT taken up`,
      {
        hint: advice`It may be forged. If ${name} was given new keys, compare them there ("mrepl peers"), then: ${typed('mrepl', 'pair', directory, '--fingerprint', fingerprint)}`,
      },
    );
  }
  if (outcome !== 'name-taken') return null;
  if (card.hostName === ownName) return ownNamesake(ownName, fileName);
  return new Failure(
    'untrusted',
    `there is a card of another ${card.hostName} than the one this host is paired with; it was NOT taken up`,
    {
      hint: advice`It may be forged. Two hosts need two names; on one of them: ${typed('mrepl', 'rename', 'NAME')} If ${card.hostName} was set up anew: ${typed('mrepl', 'peers', 'revoke', card.hostName)}${typed('mrepl', 'pair', directory)} If it is a copy of ${card.hostName}'s disk, on that: ${typed('mrepl', 'rejoin', '--name', 'NEW')}`,
    },
  );
}

function ownNamesake(ownName: string, fileName: string): Failure {
  return new Failure(
    'untrusted',
    `there is a card of another host that is called ${ownName}, as this one is; it was NOT taken up`,
    {
      hint: advice`Two hosts of an account need two names. To call this one something else: ${typed('mrepl', 'rename', 'NAME')} If it was this host before it was set up anew, remove ${fileName}. If this disk is a copy of that host's: ${typed('mrepl', 'rejoin', '--name', 'NEW')}`,
    },
  );
}

function ownCard(
  { catalog }: Pick<Session, 'catalog'>,
  { signingKey, ageIdentity }: HostKeys,
): { readonly card: Card; readonly bytes: Buffer; readonly fingerprint: Fingerprint } {
  const { account, hostId, hostName } = catalog.identity;
  const { publicKey } = signingKey;
  const succession = formerSelf(catalog)?.succession ?? null;
  const card: Card = {
    ...{ account, hostId, hostName, signingKey: publicKey, ageRecipient: ageIdentity.recipient },
    ...(succession === null ? {} : { succession }),
  };
  return { card, bytes: encodeCard(card, signingKey), fingerprint: fingerprintOf(card) };
}

function otherAccount(fileName: string, theirs: string, ours: string): Failure {
  return new Failure(
    'bundle-not-for-us',
    `reading ${fileName}: it is a card of the account ${theirs}, not of ${ours}`,
    {
      hint: advice`All hosts must use one account name. ${rightAccount([theirs])}`,
    },
  );
}

function impostor(fileName: string): Failure {
  return new Failure('untrusted', `reading ${fileName}: it says that it is this host's card, and has another key`, {
    hint: 'Somebody forged it, or this host was given new keys since: remove the file.',
  });
}
