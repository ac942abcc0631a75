import { rmSync } from 'node:fs';
import { Failure } from '../failure.js';
import {
  formatImapLocation,
  type ImapLocation,
  isImapAddress,
  parseImapLocation,
  withAbsoluteFiles,
} from './imap/imap-location.js';
import type { OpenedStore } from './interface/opened-store.js';
import type { StoreContext } from './interface/store-context.js';
import { refuseForeignTree } from './maildir/discovery/refuse-kmail-and-thunderbird-trees.js';
import { refuseUntoldControl } from './maildir/discovery/refuse-untold-control.js';
import { custodyOf, ifItIsNew } from './maildir/files/custody-of-maildir.js';
import { withOwnInbox } from './maildir/files/find-inbox-subdirectory.js';
import { spoolAndTrashOf } from './maildir/files/spool-and-trash-of-maildir.js';
import {
  formatMaildirLocation,
  type MaildirLocation,
  parseMaildirLocation,
} from './maildir/layout/maildir-location.js';
import { refuseAsRoot } from './maildir/layout/refuse-superuser-in-mail-of-others.js';
import { openMaildirStore } from './maildir/maildir-store.js';

/**
 * Opens the store, with the spool and the trash that this host has for it, that a user names like Dovecot's
 * mail_location, `maildir:~/Maildir`, `maildir:~/Mail:LAYOUT=fs`, or a bare path; or by the address of an IMAP account,
 * `imaps://alice@example.org`, which is connected to when something is asked of it. Throws `usage` for what is not
 * understood, `config` where root would work in another user's mail, `store-absent` where there is no such store or it
 * is no Maildir.
 */
export async function openStore(spec: string, context: StoreContext): Promise<OpenedStore> {
  if (isImapAddress(spec)) return openImap(parseImapLocation(spec), context);
  return openAt(parseLocation(spec, context), context);
}

/** A store that was opened to be kept: `spec` is how `openStore` is told of it from now on. */
type NewStore = OpenedStore & { readonly spec: string };

/**
 * The same for an account that is to be set up, or to be told anew where its store is: what the specification leaves
 * open is found out.
 */
export async function openNewStore(spec: string, context: StoreContext): Promise<NewStore> {
  if (isImapAddress(spec)) return openNewImap(spec, context);
  const location = parseLocation(spec, context);
  refuseAsRoot(location, context.accountDirectory ?? null); // before it is looked into
  refuseForeignTree(location.root);
  const whole = withOwnInbox(location);
  custodyOf(whole, ifItIsNew); // throws where there is none
  const opened = await openAt(whole, context);
  if (!/:CONTROL=/i.test(spec)) refuseUntoldControl(whole);
  return { ...opened, spec: opened.store.description };
}

async function openImap(location: ImapLocation, context: StoreContext): Promise<OpenedStore> {
  const { openImapAccount } = await import('./imap/open-imap-account.js'); // few have one
  return openImapAccount(location, context);
}

async function openNewImap(spec: string, context: StoreContext): Promise<NewStore> {
  const location = withAbsoluteFiles(parseImapLocation(spec), context.home);
  return { ...(await openImap(location, context)), spec: formatImapLocation(location) };
}

/** Removes the copies of texts that a store on a server has on this host, to be read no more. Its trash stays. */
export async function removeCopiesOfTexts(stateDirectory: string): Promise<void> {
  const { copiesOfTextsIn } = await import('./imap/look/text-cache.js');
  rmSync(copiesOfTextsIn(stateDirectory), { recursive: true, force: true });
}

async function openAt(location: MaildirLocation, context: StoreContext): Promise<OpenedStore> {
  refuseAsRoot(location, context.accountDirectory ?? null);
  const custody = custodyOf(location);
  const kept = spoolAndTrashOf(location, { custody, signal: context.signal });
  const description = formatMaildirLocation(location);
  const store = openMaildirStore(location, { description, context, custody, kept });
  await store.list();
  return { store, spool: kept.spool, trash: kept.trash };
}

function parseLocation(spec: string, { home }: StoreContext): MaildirLocation {
  const scheme = /^([a-z][a-z0-9+-]*):/i.exec(spec)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'maildir') {
    throw new Failure('usage', `cannot use the store ${spec}: stores of the kind "${scheme}" are not known`, {
      hint: 'A store is a Maildir, maildir:~/Maildir or maildir:~/Mail:LAYOUT=fs, or an IMAP account, imaps://alice@mail.example.org.',
    });
  }
  return parseMaildirLocation(spec, home);
}
