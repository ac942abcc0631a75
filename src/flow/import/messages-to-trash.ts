import type { Bench } from '../../apply/context/run-context.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import type { Decision } from '../../merge/merge-decision.js';
import { seenHoldings } from '../../merge/stored-files-by-message.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { heldText, type KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type Birth, birthKey } from '../../replica/message-birth.js';
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
  const stored = seenHoldings(before);
  return going.flatMap(({ birth, by }) => {
    const key = birthKey(birth);
    const instance = before.state.instances.get(key);
    const holding = stored.get(key);
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

/** Was the message moved, and is it now where it was moved to? Then nothing of it is gone. */
export function isMoved({ catalog, copy }: Bench, { mailbox, birth, ...text }: Trashed): boolean {
  return catalog.birthsOf(text).some((place) => {
    const source = copy.get(place.mailbox).state.instances.get(place.birth)?.movedFrom;
    return source !== undefined && source.mailbox === mailbox && birthKey(source.birth) === birth;
  });
}
