import { relative } from 'node:path';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import type { LockParty } from '../dovecot/dotlock.js';
import { editSubscriptions, readSubscriptions } from '../dovecot/subscriptions-file.js';
import { nameOfSpelledParts, partsOfFolder } from '../layout/folder-name-mapping.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { tailsIn } from './folder-tree.js';

/** The mailboxes that are subscribed; null where there is no list. `spelling`: the location as its tree spells it. */
export function subscribedMailboxes(
  location: MaildirLocation,
  spelling: MaildirLocation,
): ReadonlySet<MailboxName> | null {
  const subscriptions = readSubscriptions(controlRootOf(location), separatorOf(location));
  if (subscriptions === null) return null;
  return new Set(subscriptions.names.flatMap((names) => nameOfSpelledParts(names, spelling, tailsIn(location)) ?? []));
}

type Subscription = {
  readonly spelling: MaildirLocation;
  readonly name: MailboxName;
  readonly folder: Folder;
  readonly on: boolean;
  readonly party: LockParty;
};

/** Subscribes to a mailbox, or no longer, under Dovecot's lock. Throws errors of the system, and `locked`. */
export function subscribeTo(
  location: MaildirLocation,
  { spelling, name, folder, on, party }: Subscription,
): Promise<void> {
  const spelled = name === inbox ? [inbox] : partsOfFolder(relative(location.root, folder.directory), spelling);
  return editSubscriptions(controlRootOf(location), separatorOf(location), {
    party,
    edit(now) {
      const isAnother = (names: readonly string[]): boolean =>
        nameOfSpelledParts(names, spelling, tailsIn(location)) !== name;
      const others = now.names.filter(isAnother);
      if (on === others.length < now.names.length) return null;
      return { ...now, names: on ? [...others, spelled] : others };
    },
  });
}

/** Where the list of subscriptions is. */
export function controlRootOf({ control, root }: MaildirLocation): string {
  return control ?? root;
}

function separatorOf({ layout }: MaildirLocation): '.' | '/' {
  return layout === 'fs' ? '/' : '.';
}
