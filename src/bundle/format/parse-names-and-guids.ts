import { isMailboxName, type MailboxName } from '../../mail/mailbox-name.js';
import { type Guid, guidPattern } from '../../mail/text/text-guid.js';
import { nameBytesMax } from './bundle-limits.js';
import { distinct, malformed, toList, toMatch, toText } from './parse-json-value.js';

/** The name of a mailbox, as `isMailboxName` allows it. Throws `bundle-not-understood`. */
export function parseMailboxName(value: unknown): MailboxName {
  if (typeof value !== 'string' || !isMailboxName(value))
    throw malformed('the name of a mailbox is not in its one spelling');
  return value;
}

/** The name of an account or a host. */
export function parseName(value: unknown, what: string): string {
  const name = toText(value, what, nameBytesMax);
  if (name === '' || /\p{Surrogate}/u.test(name)) throw malformed(`${what} is not a name`);
  return name;
}

/** At most `countMax` guids, inclusive, none twice. `what` names the list in the failure `bundle-not-understood`. */
export function parseGuids(value: unknown, what: string, countMax: number): readonly Guid[] {
  const guids = toList(value, what, countMax).map((guid) => toMatch(guid, `an item of ${what}`, guidPattern));
  return distinct(guids, what);
}
