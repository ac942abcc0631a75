import { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { bytes } from '../../mail/size-for-people.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { messagesBorn } from '../../replica/messages-read-on-demand.js';
import { coversBirth } from '../../replica/version-vector.js';
import type { LeftForLater } from '../reports/run-report-types.js';
import type { PlacedText } from './collect-texts-to-send.js';
import type { Outstanding } from './compose-bundle.js';

/** What a series of bundles had no room for, and what set the limit. */
export type Rest = { readonly outstanding: Outstanding; readonly limit: LeftForLater['limit'] };

/** What there was no room for, to be told; null where that is only texts that are `named` one by one. */
export function leftForLater({ outstanding, limit }: Rest, named: ReadonlySet<Guid>): LeftForLater | null {
  const mailboxes = outstanding.tellings.map((telling) => ({
    mailbox: telling.state.name,
    ...newIn(telling, outstanding),
  }));
  const sum = (of: (one: LeftForLater['mailboxes'][number]) => number): number =>
    mailboxes.reduce((total, one) => total + of(one), 0);
  const askedTexts = outstanding.asked.filter((guid) => !named.has(guid)).length;
  if (mailboxes.length + askedTexts === 0) return null;
  return {
    limit,
    mailboxes,
    messages: sum(({ messages }) => messages),
    textBytes: sum(({ textBytes }) => textBytes),
    askedTexts,
  };
}

function newIn(
  { state, base }: Outstanding['tellings'][number],
  outstanding: Outstanding,
): { messages: number; textBytes: number } {
  const seen = new Set<Guid>();
  let messages = 0;
  let textBytes = 0;
  for (const instance of messagesBorn(state.instances, (birth) => !coversBirth(base, birth))) {
    messages += 1;
    if (seen.has(instance.guid) || !outstanding.sendsText(instance)) continue;
    seen.add(instance.guid);
    textBytes += instance.sizeBytes;
  }
  return { messages, textBytes };
}

/** That something is left, as the trouble that it is. */
export function leftTrouble({ limit, mailboxes, messages, askedTexts }: LeftForLater, target: string): Trouble {
  const [first] = mailboxes;
  const others = mailboxes.length - 1;
  const where =
    first === undefined
      ? null
      : `${first.mailbox}${others === 0 ? '' : ` and ${others} more ${others === 1 ? 'mailbox' : 'mailboxes'}`}`;
  const what = [
    where === null
      ? null
      : messages === 0
        ? `changes in ${where}`
        : `${messages} new ${messages === 1 ? 'message' : 'messages'} in ${where}`,
    askedTexts === 0 ? null : `${askedTexts} ${askedTexts === 1 ? 'text' : 'texts'} that somebody asked for`,
  ].filter((part) => part !== null);
  const isAsked = limit === 'max-size';
  return {
    subject: target,
    failure: new Failure(
      'medium-full',
      `exporting to ${target}: ${isAsked ? 'more than --max-size allows' : 'there is no more room'}; ${what.join(', and ')} will go next time`,
      {
        hint: isAsked
          ? 'The next export goes on from there.'
          : 'Take it to the other hosts and bring it back, or make room: the next export goes on from there.',
      },
    ),
  };
}

/** Texts named one by one that stay behind while their messages go. */
const namedTextsMax = 10;

/** That texts stay behind for which there is no room at all. */
export function behindTroubles(texts: readonly PlacedText[], target: string): Trouble[] {
  const named = texts.slice(0, namedTextsMax).map(({ place, sizeBytes }) => ({
    subject: place,
    failure: new Failure(
      'medium-full',
      `exporting to ${target}: for the text of ${place} (${bytes(sizeBytes)}) there is no room; it stays behind`,
      {
        hint: 'The other hosts know of the message and wait for its text. With more room, or a larger --max-size, it goes.',
      },
    ),
  }));
  const more = texts.length - named.length;
  if (more <= 0) return named;
  const failure = new Failure('medium-full', `exporting to ${target}: for ${more} more texts there is no room either`);
  return [...named, { subject: target, failure }];
}
