import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { sameOf, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { heldText, type KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type Birth, type BirthKey, birthKey } from '../../replica/message-birth.js';
import { filesByBirth, messagesMoved } from '../../replica/messages-read-on-demand.js';
import { inRanges } from '../../replica/number-ranges.js';
import { coversBirth } from '../../replica/version-vector.js';

/** News, and the bundle it came in. */
export type BundledNews = { readonly news: MailboxNews; readonly bundle: Trashed['bundle'] };

/**
 * The messages that were in the store and that peers expunged, or wrote anew, as they were before; each with the first
 * bundle that said so.
 */
export function trashedIn(
  before: KnownMailbox,
  decisions: readonly Decision[],
  { told, atS, seenS }: { readonly told: readonly BundledNews[] } & Pick<Trashed, 'atS' | 'seenS'>,
): Trashed[] {
  const going = decisions.flatMap((decision): { birth: Birth; by: HostId }[] => {
    if (decision.kind === 'rewritten') return [{ birth: decision.replaced, by: decision.by }];
    return decision.kind === 'expunged' ? [decision] : [];
  });
  if (going.length === 0) return [];
  const files = filesByBirth(before);
  return going.flatMap(({ birth, by }) => {
    const key = birthKey(birth);
    const instance = before.state.instances.get(key);
    const holding = files.seen(key);
    if (instance === undefined || holding === undefined) return [];
    const bundle = firstBundle(told.filter(({ news }) => news.from === by && isExpungedIn(news, birth)));
    const { receivedS, hint, uid } = instance;
    const flags = new Set([...instance.flags].filter(([, { on }]) => on).map(([flag]) => flag));
    const was = { mailbox: before.state.name, birth: key, ...heldText(holding, instance), flags, receivedS, hint };
    return [{ ...was, uidValidity: uid.uidValidity, uid: uid.uid, atS, seenS, by, bundle }];
  });
}

/** Should no bundle be found, the message goes into the trash all the same. */
function firstBundle(told: readonly BundledNews[]): Trashed['bundle'] {
  const [first, ...others] = told.map(({ bundle }) => bundle);
  return others.reduce((a, b) => (b.number < a.number ? b : a), first ?? { fileName: '-', number: 0 });
}

function isExpungedIn({ clock, living }: MailboxNews, birth: Birth): boolean {
  return coversBirth(clock, birth) && !inRanges(living.get(birth.host) ?? [], birth.serial);
}

/** What is known of mailboxes that nothing is merged into. */
type Elsewhere = {
  readonly mailboxOf: (mailbox: MailboxName) => KnownMailbox;
  readonly placesOf: (mail: TextId) => readonly { readonly mailbox: MailboxName; readonly birth: BirthKey }[];
};

/**
 * Those of them that were not moved, or are not where they were moved to: of any other nothing is gone. `after`: the
 * mailboxes that something is merged into, as they will be.
 */
export function withoutMoved(
  trashed: readonly Trashed[],
  after: ReadonlyMap<MailboxName, KnownMailbox>,
  { mailboxOf, placesOf }: Elsewhere,
): Trashed[] {
  if (trashed.length === 0) return [];
  const arrived = new Map<string, Instance[]>();
  for (const { state } of after.values()) {
    for (const instance of messagesMoved(state.instances)) {
      const source = sourceOf(instance);
      if (source === null) continue;
      const list = arrived.get(source) ?? [];
      arrived.set(source, list);
      list.push(instance);
    }
  }
  return trashed.filter((row) => {
    const place = placeOf(row.mailbox, row.birth);
    if (arrived.get(place)?.some((moved) => isTextOf(moved, row)) === true) return false;
    return !placesOf(row).some(({ mailbox, birth }) => {
      const moved = after.has(mailbox) ? undefined : mailboxOf(mailbox).state.instances.get(birth);
      return moved !== undefined && sourceOf(moved) === place;
    });
  });
}

/** Where the message was before it was moved; null where it never was. */
function sourceOf({ movedFrom }: Instance): string | null {
  return movedFrom === undefined ? null : placeOf(movedFrom.mailbox, birthKey(movedFrom.birth));
}

function placeOf(mailbox: MailboxName, birth: BirthKey): string {
  return `${birth} ${mailbox}`;
}

/** Are they one mail, as `placesOf` finds it? */
function isTextOf(text: TextId, mail: TextId): boolean {
  return [mail.guid, sameOf(mail)].includes(text.guid) || sameOf(text) === sameOf(mail);
}
