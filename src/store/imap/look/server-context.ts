import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { StoreContext } from '../../interface/store-context.js';
import type { KeptSession } from '../session/keep-session.js';
import type { MailboxNames } from './mailbox-names.js';
import type { ListedNumbers } from './mailbox-numbers.js';
import type { TextCache } from './text-cache.js';

/** What all that is done on a server works with. */
export type ServerContext = Pick<StoreContext, 'now' | 'signal'> & {
  readonly kept: KeptSession;
  readonly names: MailboxNames;
  readonly numbers: ListedNumbers;
  readonly texts: TextCache;
  /** Of each mailbox the last UID whose text was asked for and fetched. */
  readonly lastRead: Map<MailboxName, number>;
};
