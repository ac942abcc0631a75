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
import { refOf } from './message-ref.js';
import type { ServerContext } from './server-context.js';

/**
 * After so many seconds, exclusive, a mailbox is looked at as a whole even where the server says that nothing changed:
 * a server that was put back to an earlier time can come to the same numbers with other flags.
 */
const believedS = 7 * 86_400;

/** What a mailbox shows: its UIDs and flags; `unchanged` where every number that the server says of it is as it was. */
export function scanMailbox(
  { kept, names, now }: ServerContext,
  mailbox: MailboxName,
  { known }: Pick<ScanOptions, 'known'>,
): Promise<Scan | 'unchanged' | null> {
  return kept.reading(async (session) => {
    const raw = names.rawOf(session, mailbox);
    if (raw === null) return null;
    const selected = await session.select(raw, 'read');
    if (selected === null) return absentOrUnreadable(session, raw);
    const nowS = Math.floor(now() / 1000);
    const fingerprint = fingerprintOf(selected, nowS);
    if (isBelieved({ known, now: fingerprint }, nowS)) return 'unchanged';
    const { messages, spelled } = await flagsOf(session, selected);
    return {
      uids: null,
      messages,
      ...(spelled.size === 0 ? {} : { spelledKeywords: [...spelled] }),
      fingerprint,
      mailboxId: null,
      troubles: [],
    };
  });
}

/** Null where the server cannot say that nothing was changed. */
function fingerprintOf({ uidValidity, uidNext, highestModseq, exists }: Selected, nowS: number): string | null {
  if (uidNext === null || numberOf(highestModseq) === null || highestModseq === '0') return null;
  return `imap1 ${uidValidity} ${uidNext} ${exists} ${highestModseq} ${nowS}`;
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

type Rows = { readonly messages: ScannedMessage[]; readonly spelled: Set<string> };

/** A message that the server did not tell of, although it said how many there are, is not gone. */
async function flagsOf(session: Session, selected: Selected): Promise<Rows> {
  const doing = `reading ${selected.raw}`;
  const rows = new Map<number, ScannedMessage>();
  const spelled = new Set<string>();
  if (selected.exists === 0) return { messages: [], spelled };
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data' || response.name !== 'FETCH') return;
    const row = pairsOf(response.values[0]);
    const uid = numberOf(textOfValue(row.get('UID')));
    if (uid === null || uid === 0) return;
    const spellings = textsOfList(row.get('FLAGS')).filter(isFlagSpelling);
    for (const spelling of spellings) if (!spelling.startsWith('\\')) spelled.add(spelling);
    const flags: ReadonlySet<Flag> = new Set(spellings.map(flagOf));
    rows.set(uid, { ref: refOf(selected.uidValidity, uid), uid: null, givenUid: uid, flags });
  };
  await session.demand(doing, [`UID FETCH 1:${uidMax} (UID FLAGS)`], { hear });
  if (rows.size < selected.exists) {
    throw new Failure(
      'io',
      `${doing}: the server says that there are ${selected.exists} messages, and shows ${rows.size}`,
      {
        hint: 'Nothing was concluded from it: run the same command again.',
      },
    );
  }
  const messages = [...rows].sort(([a], [b]) => a - b).map(([, message]) => message);
  return { messages, spelled };
}
