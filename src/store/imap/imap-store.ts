import type { MailboxName } from '../../mail/mailbox-name.js';
import type { MailStore } from '../interface/mail-store.js';
import type { OpenedStore } from '../interface/opened-store.js';
import type { StoreContext } from '../interface/store-context.js';
import { storeThatNamesMessages } from '../interface/store-that-names-messages.js';
import { changeMailbox } from './apply/change-mailbox.js';
import { refusedTexts } from './apply/refused-texts.js';
import { putBackRemoved, removeMailbox, subscribeTo } from './apply/remove-mailbox.js';
import { digestMessages, readText, stampMessages } from './look/digest-messages.js';
import { listMailboxes } from './look/list-mailboxes.js';
import { startMailboxNames } from './look/mailbox-names.js';
import { startListedNumbers } from './look/mailbox-numbers.js';
import { scanMailbox } from './look/scan-mailbox.js';
import { copiesOfTextsIn, textCache } from './look/text-cache.js';
import { type Access, connect } from './session/connect.js';
import { describeServer } from './session/describe-server.js';
import { keepSession } from './session/keep-session.js';
import { startSession } from './session/session.js';

/** What an IMAP store needs of its host: `stateDirectory` is its own, for texts that it has read. */
type ImapStoreOptions = Pick<StoreContext, 'now' | 'signal'> &
  Pick<OpenedStore, 'spool' | 'trash'> & { readonly access: Access; readonly stateDirectory: string };

/** An IMAP account. It connects when something is first asked of it. */
export function openImapStore({ access, stateDirectory, ...host }: ImapStoreOptions): MailStore {
  const kept = keepSession(async () => startSession(await connect(access), access), host);
  const texts = textCache(copiesOfTextsIn(stateDirectory), host.now);
  const refused = refusedTexts(stateDirectory, host.now);
  const context = {
    ...{ ...host, kept, texts, refused, lastRead: new Map<MailboxName, number>() },
    ...{ names: startMailboxNames(), numbers: startListedNumbers() },
  };
  return {
    ...storeThatNamesMessages,
    description: access.name,
    list: () => listMailboxes(context),
    about: async () => describeServer(await kept.current()),
    fetchers: async () => [],
    scan: (mailbox, options) => scanMailbox(context, mailbox, options),
    digest: (mailbox, refs) => digestMessages(context, mailbox, refs),
    stamps: (mailbox, refs) => stampMessages(context, mailbox, refs),
    readText: (mailbox, ref) => readText(context, mailbox, ref),
    textFile: () => null,
    change: (mailbox, wanted) => changeMailbox(context, mailbox, wanted),
    removeMailbox: (mailbox) => removeMailbox(context, mailbox),
    subscribe: (mailbox, on) => subscribeTo(context, mailbox, on),
    clearAfterCrash: (mailboxes) => putBackRemoved(context, mailboxes),
    async sync() {}, // what the server has confirmed is durable as far as anybody can know
    async close() {
      kept.close();
    },
  };
}
