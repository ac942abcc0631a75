import type { Catalog, Peer } from '../catalog/catalog.js';
import { recipientsOf } from '../catalog/recipients.js';
import type { Guid } from '../mail/guid.js';
import { birthOf } from '../replica/birth.js';
import { coversBirth, emptyClock } from '../replica/clock.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Finding } from './finding.js';

/** What the catalog says is still to come, or cannot be here: messages without a text, mailboxes and keywords the store has no room for. */
export function checkReplica(catalog: Catalog): Finding[] {
  const findings: Finding[] = [];
  const peers = recipientsOf(catalog);
  for (const summary of catalog.summaries()) {
    const { state, stored, messages, waiting } = summary;
    const where = state.name;
    if (!stored && (state.exists.on || messages > 0)) {
      findings.push({
        code: 'not-storable',
        weight: 'notice',
        where,
        what: `the mailbox ${where} is not in this store; its mail stays in the catalog, and with the other hosts`,
        remedy: '"mrepl sync DIR" says what is in the way; or rename the mailbox on another host.',
      });
    }
    if (!stored || (waiting === 0 && messages === 0)) continue;
    const known = catalog.load(where);
    if (known === null) continue;
    if (waiting > 0) findings.push(...waitingIn(catalog, known, peers));
    const keywords = unstorable(known);
    if (keywords.length === 0) continue;
    findings.push({
      code: 'not-storable',
      weight: 'notice',
      where,
      what: `the store has no room for ${keywords.length === 1 ? 'the keyword' : 'keywords'} ${keywords.join(', ')} in ${where}; kept in the catalog, and passed on`,
      remedy: 'Nothing has to be done. A Maildir has room for 26 keywords in each mailbox.',
    });
  }
  return findings;
}

function unstorable({ holdings }: KnownMailbox): string[] {
  const found = new Set<string>();
  for (const { flags } of holdings.values()) {
    for (const flag of flags) if (flag.startsWith('(')) found.add(flag.slice(1, -1));
  }
  return [...found].sort();
}

function waitingIn(catalog: Catalog, { state, holdings }: KnownMailbox, peers: readonly Peer[]): Finding[] {
  const seen = new Set([...holdings.values()].filter(({ uid }) => uid !== null).map(({ birth }) => birth));
  const missing = [...state.instances].filter(([birth]) => !seen.has(birth)).map(([, { guid }]) => guid);
  const guids = missing.filter((guid) => catalog.copyOf(guid) === null);
  const hopeless = guids.filter((guid) => holdersOf(catalog, guid, peers).length === 0);
  const hopeful = guids.length - hopeless.length;
  const holders = new Set(guids.flatMap((guid) => holdersOf(catalog, guid, peers)));
  const { name } = state;
  const count = (number: number): string =>
    number === 1 ? `one message in ${name} waits for its text` : `${number} messages in ${name} wait for their texts`;
  const findings: Finding[] = [];
  if (hopeful > 0) {
    const names = [...holders].sort().join(', ');
    findings.push({
      code: 'waiting',
      weight: 'notice',
      where: name,
      what: `${count(hopeful)}, which ${names} should have`,
      remedy: `Exchange with ${names}: every bundle asks for them.`,
    });
  }
  if (hopeless.length > 0) {
    findings.push({
      code: 'waiting',
      weight: 'fault',
      where: name,
      what: `${count(hopeless.length)}, which no host that this one writes to is known to have`,
      remedy: 'Look for them with "mrepl restore" on the other hosts; if nobody has them, expunge the messages there.',
    });
  }
  return findings;
}

/** Names of the peers that know a message with this text and did not say that they lack it. */
export function holdersOf(catalog: Catalog, guid: Guid, peers: readonly Peer[]): string[] {
  const births = catalog.birthsOf(guid).map(({ mailbox, birth }) => ({ mailbox, birth: birthOf(birth) }));
  return peers
    .filter(({ clocks, wanted }) => {
      return !wanted.has(guid) && births.some((b) => coversBirth(clocks.get(b.mailbox) ?? emptyClock, b.birth));
    })
    .map(({ hostName }) => hostName);
}
