import { Failure } from '../failure.js';
import { formatMaildirLocation, parseMaildirLocation } from './maildir/location.js';
import { openMaildirStore } from './maildir/maildir-store.js';
import type { MailStore } from './store.js';
import type { StoreContext } from './store-context.js';

/**
 * Opens the store a user names like Dovecot's mail_location: `maildir:~/Maildir`, `maildir:~/Mail:LAYOUT=fs`, or a bare path.
 * Throws `usage` for what is not understood, `store-absent` where there is no such store or it is no Maildir.
 */
export async function openStore(spec: string, context: StoreContext): Promise<MailStore> {
  const scheme = /^([a-z][a-z0-9+-]*):/i.exec(spec)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'maildir') {
    throw new Failure('usage', `cannot use the store ${spec}: stores of the kind "${scheme}" are not known`, {
      hint: 'A store is a Maildir: maildir:~/Maildir, or maildir:~/Mail:LAYOUT=fs.',
    });
  }
  const location = parseMaildirLocation(spec, context.home);
  const store = openMaildirStore(location, formatMaildirLocation(location), context);
  await store.list();
  return store;
}
