import { Failure } from '../../../failure.js';
import { type Flag, flagOf, isFlagSpelling } from '../../../mail/flags.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { Scan, ScannedMessage } from '../../../mail/mailbox-scan.js';
import type { ScanOptions } from '../../interface/mail-store.js';
import { quoted } from '../protocol/command.js';
import type { Untagged } from '../protocol/connection.js';
import { numberOf, pairsOf, textOfValue, textsOfList } from '../protocol/response-values.js';
import { uidMax } from '../protocol/uid-set.js';
import { attributesOf, type Selected, type Session } from '../session/session.js';
import type { MailboxNumbers } from './mailbox-numbers.js';
import { refOf } from './message-ref.js';
import type { ServerContext } from './server-context.js';

/**
 * After so many seconds, exclusive, a mailbox is looked at as a whole even where the server says that nothing changed:
 * a server that was put back to an earlier time can come to the same numbers with other flags.
 */
const believedS = 7 * 86_400;

/**
 * What a mailbox shows: its UIDs and flags; `unchanged` where every number that the server says of it is as it was: in
 * the listing before it, so that nothing is opened, or else when it is opened.
 */
export function scanMailbox(
  { kept, names, numbers, now }: ServerContext,
  mailbox: MailboxName,
  { known }: Pick<ScanOptions, 'known'>,
): Promise<Scan | 'unchanged' | null> {
  const isUnchanged = (said: MailboxNumbers): boolean => {
    const nowS = Math.floor(now() / 1000);
    return isBelieved({ known, now: fingerprintOf(said, nowS) }, nowS);
  };
  return kept.reading(async (session) => {
    const raw = names.rawOf(session, mailbox);
    if (raw === null) return null;
    const listed = numbers.take(raw);
    if (listed !== null && isUnchanged(listed)) return 'unchanged';
    const isToBeRead = known === null || listed !== null;
    const rows = startRows();
    // Where it is to be looked through anyway, that is said in one turn. Nothing of it counts where it is not opened.
    const reading = isToBeRead ? { command: wholeLook, hear: rows.hear } : undefined;
    const selected = await session.select(raw, 'read', reading);
    if (selected === null) return absentOrUnreadable(session, raw);
    if (!isToBeRead) {
      if (isUnchanged(selected)) return 'unchanged';
      if (selected.exists > 0) await session.demand(`reading ${raw}`, [wholeLook], { hear: rows.hear });
    }
    const { messages, spelled } = rows.whole(selected);
    return {
      uids: null,
      messages,
      ...(spelled.size === 0 ? {} : { spelledKeywords: [...spelled] }),
      fingerprint: fingerprintOf(selected, Math.floor(now() / 1000)),
      mailboxId: selected.mailboxId,
      troubles: [],
    };
  });
}

/** Null where the server cannot say that nothing was changed. */
function fingerprintOf(said: MailboxNumbers, nowS: number): string | null {
  const { uidValidity, uidNext, highestModseq, exists, mailboxId } = said;
  if (uidNext === null || numberOf(highestModseq) === null || highestModseq === '0') return null;
  return `imap1 ${mailboxId ?? '-'} ${uidValidity} ${uidNext} ${exists} ${highestModseq} ${nowS}`;
}

function isBelieved(prints: { readonly known: string | null; readonly now: string | null }, nowS: number): boolean {
  const known = /^(imap1 .*) (\d+)$/.exec(prints.known ?? '');
  const current = /^(imap1 .*) \d+$/.exec(prints.now ?? '');
  if (known === null || current === null || known[1] !== current[1]) return false;
  const ageS = nowS - Number(known[2]);
  return ageS >= 0 && ageS < believedS;
}

async function absentOrUnreadable(session: Session, raw: string): Promise<null> {
  let isThere = false;
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'LIST' || textOfValue(response.values[2]) !== raw) return;
    const attributes = attributesOf(response.values[0]);
    isThere = !attributes.has('\\noselect') && !attributes.has('\\nonexistent');
  };
  await session.demand(`looking for ${raw}`, [`LIST "" ${quoted(raw)}`], { hear });
  if (isThere) throw new Failure('io', `the server does not open the mailbox ${raw}`);
  return null;
}

const wholeLook = `UID FETCH 1:${uidMax} (UID FLAGS)`;

type Rows = {
  hear(response: Untagged): void;
  /** Throws `io` where the server did not tell of a message, although it said how many there are: it is not gone. */
  whole(selected: Selected): { readonly messages: readonly ScannedMessage[]; readonly spelled: ReadonlySet<string> };
};

/** Gathers what a mailbox shows. */
function startRows(): Rows {
  const rows = new Map<number, ReadonlySet<Flag>>();
  const spelled = new Set<string>();
  return {
    hear(response) {
      if (response.kind !== 'data' || response.name !== 'FETCH') return;
      const row = pairsOf(response.values[0]);
      const uid = numberOf(textOfValue(row.get('UID')));
      const told = row.get('FLAGS');
      if (uid === null || uid === 0 || told === undefined) return;
      const spellings = textsOfList(told).filter(isFlagSpelling);
      for (const spelling of spellings) if (!spelling.startsWith('\\')) spelled.add(spelling);
      rows.set(uid, new Set(spellings.map(flagOf)));
    },
    whole({ raw, uidValidity, exists }) {
      if (rows.size < exists) throw shownTooFew(raw, { exists, shown: rows.size });
      const messages = [...rows]
        .sort(([a], [b]) => a - b)
        .map(([uid, flags]) => ({ ref: refOf(uidValidity, uid), uid: null, givenUid: uid, flags }));
      return { messages, spelled };
    },
  };
}

function shownTooFew(raw: string, { exists, shown }: { readonly exists: number; readonly shown: number }): Failure {
  const said = `the server says that there are ${exists} messages, and shows ${shown}`;
  return new Failure('io', `reading ${raw}: ${said}`, {
    hint: 'Nothing was concluded from it: run the same command again.',
  });
}
