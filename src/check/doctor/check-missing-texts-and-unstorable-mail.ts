import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { Peer, PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import { spellingOf } from '../../mail/flags.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { StoreCapabilities } from '../../store/interface/store-capabilities.js';
import { textlessIn } from '../missing-texts.js';
import type { Finding } from '../reports/doctor-finding.js';

/**
 * What the catalog says is still to come, or cannot be here: messages without a text, mailboxes and keywords the store
 * has no room for.
 */
export function checkReplica(
  catalog: MailboxCatalog & TextCatalog & PeerCatalog & PairedHostCatalog,
  { keywordRoom }: Pick<StoreCapabilities, 'keywordRoom'>,
): Finding[] {
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
    if (waiting > 0) for (const finding of waitingIn(catalog, known, peers)) findings.push(finding);
    const keywords = unstorable(known).map((flag) => spellingOf(flag, catalog.spellings()));
    if (keywords.length === 0) continue;
    findings.push({
      code: 'not-storable',
      weight: 'notice',
      where,
      what: `the store has no room for ${keywords.length === 1 ? 'the keyword' : 'keywords'} ${keywords.join(', ')} in ${where}; kept in the catalog, and passed on`,
      remedy: `Nothing has to be done.${keywordRoom === null ? '' : ` ${keywordRoom}`}`,
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

function waitingIn(catalog: TextCatalog, known: KnownMailbox, peers: readonly Peer[]): Finding[] {
  const all = textlessIn(catalog, known, peers);
  const textless = all.filter(({ isImpossible }) => !isImpossible);
  const refused = all.length - textless.length;
  const hopeless = textless.filter(({ holders }) => holders.length === 0);
  const hopeful = textless.length - hopeless.length;
  const holders = new Set(textless.flatMap((each) => each.holders));
  const { name } = known.state;
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
  if (refused > 0) {
    findings.push({
      code: 'waiting',
      weight: 'notice',
      where: name,
      what: `${refused === 1 ? 'one message' : `${refused} messages`} in ${name} ${refused === 1 ? 'stays without its text: what came for it is' : 'stay without their texts: what came for them is'} no text that a store can keep`,
      remedy: 'Nothing has to be done. "mrepl forget" gives up such messages on every host.',
    });
  }
  if (hopeless.length > 0) {
    findings.push({
      code: 'waiting',
      weight: 'fault',
      where: name,
      what: `${count(hopeless.length)}, which no host that this one writes to is known to have`,
      remedy:
        'Look for them with "mrepl restore" on the other hosts; if they are lost, "mrepl forget" lists them and gives them up.',
    });
  }
  return findings;
}
