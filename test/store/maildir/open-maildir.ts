import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ifPresent } from '../../../src/fs/errno.js';
import { parseUidList, type UidList } from '../../../src/store/maildir/dovecot/uidlist-format.js';
import { openTested, type TestedStore } from '../store-under-test.js';
import { type Layout, type MaildirUser, makeMaildir } from './maildir-user.js';

export const storeContext = { home: '/nowhere', hostName: hostname(), now: Date.now };

/** A Maildir with somebody else in it, opened; both are gone after `body`. */
export async function withMaildir(
  how: { layout?: Layout; uidLists?: boolean; settings?: string },
  body: (store: TestedStore, user: MaildirUser) => Promise<void>,
): Promise<void> {
  const layout = how.layout ?? 'maildir++';
  const user = makeMaildir(layout, { uidLists: how.uidLists ?? true });
  try {
    const settings = (layout === 'fs' ? ':LAYOUT=fs' : '') + (how.settings ?? '').replaceAll('ROOT', user.root);
    const store = await openTested(`maildir:${user.root}${settings}`, storeContext);
    try {
      await body(store, user);
    } finally {
      await store.close();
    }
  } finally {
    user.clear();
  }
}

export function listText(user: MaildirUser, mailbox: string): string | null {
  return ifPresent(() => readFileSync(join(user.directory(mailbox), 'dovecot-uidlist'), 'utf8'));
}

export function writeList(user: MaildirUser, mailbox: string, text: string): void {
  writeFileSync(join(user.directory(mailbox), 'dovecot-uidlist'), text);
}

export function listOf(user: MaildirUser, mailbox: string): UidList {
  const list = parseUidList(listText(user, mailbox) ?? '');
  if (list === undefined) throw new Error(`the UID list of ${mailbox} is broken: ${listText(user, mailbox)}`);
  return list;
}
