import type { FlagRegister } from '../replica/last-writer-registers.js';
import type { Instance, MailboxState } from '../replica/mailbox-state.js';
import type { Holding } from '../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../replica/message-birth.js';
import { formatRanges } from '../replica/number-ranges.js';
import type { Clock } from '../replica/version-vector.js';
import type { Catalog } from './interface/catalog.js';
import type { ExportCatalog } from './interface/export-catalog.js';
import type { MailboxCatalog } from './interface/mailbox-catalog.js';
import type { PeerCatalog } from './interface/peer-catalog.js';
import type { SignedChangesCatalog } from './interface/signed-changes-catalog.js';
import type { StatementCatalog } from './interface/statement-catalog.js';
import type { Trashed } from './interface/trash-catalog.js';

/**
 * Everything the catalog holds, as lines of text in an order that depends on the content alone: two catalogs that hold
 * the same give the same lines; what is known of files from outside is left out. Names and other text from outside are
 * JSON strings, so a line never holds a control character.
 */
export function* dumpCatalog(catalog: Catalog): Iterable<string> {
  const { hostId, hostName, account, store } = catalog.identity;
  yield `identity ${hostId} ${text(hostName)} account ${text(account)} store ${text(store)}`;
  yield* dumpMailboxes(catalog);
  for (const { mailbox, ref, guid, kind, found, successor } of catalog.flawedTexts()) {
    yield `flaw ${text(mailbox)} ${text(ref)} guid ${guid} ${kind}, found ${found ?? '-'}${successor === null ? '' : `, is to be ${text(successor)}`}`;
  }
  for (const guid of [...catalog.impossibleGuids()].sort()) yield `impossible ${guid}`;
  yield* dumpPeers(catalog);
  yield* dumpStatements(catalog);
  for (const {
    hostId,
    name,
    signingKey,
    ageRecipient,
    right,
    isRevoked,
    isRetired,
    pairedAtS,
  } of catalog.pairedHosts()) {
    yield `paired ${hostId} ${text(name)} at ${pairedAtS}, right ${right}, revoked ${isRevoked}, retired ${isRetired}`;
    yield `  keys ${text(signingKey)} ${text(ageRecipient)}`;
  }
  yield* dumpExports(catalog);
  const last = catalog.lastExport();
  if (last !== null) yield `last export ${last.number} at ${last.madeAtS}`;
  for (const { imprint, atS } of catalog.takenImprints()) yield `taken ${text(imprint)} at ${atS}`;
  const departed = catalog
    .departed()
    .map(
      ({ mailbox, birth, guid, modseq, told }) => `${text(mailbox)} ${birth} ${guid} ${modseq}${told ? ' told' : ''}`,
    );
  for (const line of departed.sort()) yield `departed ${line}`;
  for (const line of catalog.trash().map(formatTrashed).sort()) yield `trash ${line}`;
  for (const [key, value] of catalog.notes()) yield `note ${text(key)} ${text(value)}`;
  for (const { atS, what, details } of catalog.entries(Number.MAX_SAFE_INTEGER)) {
    yield `log ${atS} ${what} ${JSON.stringify(details)}`;
  }
}

function* dumpMailboxes(catalog: MailboxCatalog): Iterable<string> {
  for (const summary of catalog.summaries()) {
    const { state, messages, waiting, leftovers } = summary;
    yield `mailbox ${text(state.name)}: ${messages} messages, ${waiting} waiting, ${leftovers} leftovers`;
    const known = catalog.load(state.name);
    if (known === null) continue;
    const { storeUids, stored, storeSubscribed, fingerprint, mailboxId } = known;
    yield* dumpState(known.state);
    yield `  store uids ${storeUids === null ? '-' : `${storeUids.uidValidity} next ${storeUids.uidNext}`}`;
    yield `  store stored ${stored}, subscribed ${storeSubscribed}, id ${text(mailboxId)}, fingerprint ${text(fingerprint)}`;
    for (const instance of sorted(known.state.instances)) yield `  instance ${formatInstance(instance)}`;
    for (const holding of sorted(known.holdings)) yield `  holding ${formatHolding(holding)}`;
  }
}

function* dumpPeers(catalog: PeerCatalog): Iterable<string> {
  for (const peer of catalog.peers()) {
    yield `peer ${peer.hostId} ${text(peer.hostName)} last ${peer.lastNumber} heard at ${peer.lastHeardS}`;
    yield `  taken ${formatRanges(peer.taken)}; heard ${formatRanges(peer.heard)}; direct ${peer.isDirect}`;
    yield* dumpClocks('clock', peer.clocks);
    yield* dumpClocks('heard of us', peer.heardOfUs);
    yield* dumpClocks('told', peer.told);
    yield* dumpGuids('wanted', peer.wanted);
    for (const host of [...peer.unheard].sort()) yield `  unheard ${host}`;
    for (const [host, { number, digest }] of [...peer.statements].sort()) {
      yield `  holds statement ${number} (${digest}) of ${host}`;
    }
  }
}

function* dumpStatements(catalog: StatementCatalog & SignedChangesCatalog): Iterable<string> {
  for (const host of catalog.statementNumbers().keys()) {
    const kept = catalog.statementOf(host);
    if (kept === null) continue;
    yield `statement ${kept.number} of ${host} said by ${kept.saidBy}, verified ${kept.isVerified}`;
    yield `  ${text(kept.text)} ${text(kept.sig)}`;
  }
  for (const host of catalog.signedNumbers().keys()) {
    // A peer may give its bundles any number there is: behind the last one there is none to ask for.
    const after = (number: number) => (number < Number.MAX_SAFE_INTEGER ? catalog.signedUpTo(host, number + 1) : null);
    for (let deeds = catalog.signedUpTo(host, 0); deeds !== null; deeds = after(deeds.number)) {
      yield `signed ${deeds.number} of ${host}`;
      for (const [mailbox, { serial, modseq }] of deeds.ticks) yield `  ${text(mailbox)} ${serial} ${modseq}`;
    }
  }
  yield* dumpClocks('unsigned', catalog.unsignedClocks());
}

function* dumpExports(catalog: ExportCatalog): Iterable<string> {
  for (const exported of catalog.exports()) {
    const { number, fileName, sizeBytes, imprint, madeAtS, lastSeen } = exported;
    yield `export ${number} ${text(fileName)} ${sizeBytes} bytes, imprint ${text(imprint)}, made at ${madeAtS}, last seen at ${lastSeen}`;
    for (const host of [...exported.recipients].sort()) yield `  recipient ${host}`;
    yield* dumpClocks('base', exported.base);
    yield* dumpClocks('carried', exported.carried);
    yield* dumpClocks('clock', exported.clocks);
    yield* dumpGuids('wanted', exported.wanted);
    yield* dumpGuids('answered', exported.answered);
    for (const host of [...exported.unheard].sort()) yield `  unheard ${host}`;
    for (const [host, digest] of [...exported.relayed].sort()) yield `  relayed ${host} ${digest}`;
  }
}

function* dumpState(state: MailboxState): Iterable<string> {
  const { validity } = state;
  yield `  clock ${formatClock(state.clock)}; highest modseq ${state.highestModseq}`;
  yield `  uids ${validity === null ? '-' : `${validity.uidValidity} (${validity.resets} resets)`} next ${state.uidNext}`;
  yield `  exists ${formatRegister(state.exists)}, subscribed ${formatRegister(state.subscribed)}`;
  for (const { uidValidity, label, lo, hi } of state.ledger.claims) {
    yield `  claim ${uidValidity} ${lo}:${hi} ${text(label)}`;
  }
  for (const { uidValidity, lo, hi, a, b } of state.ledger.agreements) {
    yield `  agreement ${uidValidity} ${lo}:${hi} ${text(a)} ${text(b)}`;
  }
}

function formatInstance({
  birth,
  modseq,
  guid,
  sizeBytes,
  receivedS,
  hint,
  anew,
  uid,
  flags,
  movedFrom,
}: Instance): string {
  const parts = [
    `${birthKey(birth)} modseq ${modseq} guid ${guid} ${sizeBytes} bytes, received ${receivedS}, hint ${text(hint)}`,
    `uid ${uid.uidValidity}:${uid.uid} round ${uid.round} ${uid.modseq}@${uid.host || '-'}`,
  ];
  const names = [...flags.keys()].sort();
  const registers = names.map((flag) => `${text(flag)} ${formatRegister(flags.get(flag))}`);
  if (registers.length > 0) parts.push(`flags ${registers.join(', ')}`);
  if (anew !== undefined) parts.push(`born anew under ${anew}`);
  if (movedFrom !== undefined) {
    parts.push(`from ${text(movedFrom.mailbox)} ${birthKey(movedFrom.birth)} clock ${formatClock(movedFrom.clock)}`);
  }
  return parts.join('; ');
}

function formatHolding({ ref, birth, uid, flags, guid }: Holding): string {
  const names = [...flags].sort().map(text).join(' ');
  return `${text(ref)} of ${birth} uid ${uid ?? 'not seen yet'} guid ${guid}${names === '' ? '' : ` flags ${names}`}`;
}

function formatTrashed({ mailbox, birth, guid, uidValidity, uid, flags, by, bundle, ...row }: Trashed): string {
  const names = [...flags].sort().map(text).join(' ');
  return [
    `${text(mailbox)} ${birth} guid ${guid} ${row.sizeBytes} bytes, received ${row.receivedS}, hint ${text(row.hint)}`,
    `uid ${uidValidity}:${uid}${names === '' ? '' : ` flags ${names}`}`,
    `expunged at ${row.atS} (${row.seenS} seen) by ${by}, bundle ${bundle.number} ${text(bundle.fileName)}`,
  ].join('; ');
}

function formatRegister(register: FlagRegister | undefined): string {
  if (register === undefined) return '-';
  return `${register.on ? 'on' : 'off'} ${register.modseq}@${register.host || '-'}`;
}

function formatClock(clock: Clock): string {
  const hosts = [...clock].map(([host, { serial, modseq }]) => `${host} ${serial}/${modseq}`);
  return hosts.sort().join(', ') || '-';
}

function* dumpClocks(label: string, clocks: ReadonlyMap<string, Clock>): Iterable<string> {
  for (const mailbox of [...clocks.keys()].sort()) {
    yield `  ${label} of ${text(mailbox)} ${formatClock(clocks.get(mailbox) ?? new Map())}`;
  }
}

function* dumpGuids(label: string, guids: ReadonlySet<string>): Iterable<string> {
  for (const guid of [...guids].sort()) yield `  ${label} ${guid}`;
}

function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

// JSON leaves DEL and the C1 controls as they are; a terminal obeys them.
function text(value: string | null): string {
  return JSON.stringify(value).replace(/[\x7f-\x9f]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
}
