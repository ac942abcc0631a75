import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { Failure } from '../../failure.js';
import { type Custody, syncFileSystems } from '../../fs/durable-write.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { canonicalText } from '../../mail/text/canonical-text.js';
import { ioFailure, troubleOf, withIoFailures } from '../host-files/io-failure.js';
import type { ChangeOutcome, MailStore } from '../interface/mail-store.js';
import type { StoreCapabilities } from '../interface/store-capabilities.js';
import type { StoreContext } from '../interface/store-context.js';
import type { LockParty } from './dovecot/dotlock.js';
import { keywordsMax } from './dovecot/dovecot-keywords-file.js';
import { createMailboxFinder, type MailboxFinder } from './files/find-mailboxes.js';
import { holdUidList } from './files/lock-uidlist.js';
import { lastSeenPath, type Mailbox } from './files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from './files/maildir-context.js';
import type { SpoolAndTrash } from './files/spool-and-trash-of-maildir.js';
import { controlRootOf, subscribedMailboxes, subscribeTo } from './files/subscriptions-of-maildir.js';
import type { MaildirLocation } from './layout/maildir-location.js';
import {
  baseNameMaker,
  baseNameStem,
  isUsableBase,
  sizeFields,
  type TextSize,
  withoutDash,
} from './layout/message-base-name.js';
import { fetchersBeside } from './read/detect-fetch-programs.js';
import { digestMessages, readMessage, stampsOf } from './read/digest-messages.js';
import { createDigestPool } from './read/digest-worker-pool.js';
import { scanMailbox } from './read/scan-mailbox.js';
import { clearAfterCrash } from './recovery/clear-after-crash.js';
import { inspectStore } from './recovery/inspect-store.js';
import { dovecotAccess } from './server/find-dovecot-server.js';
import { changeMailbox } from './write/change-mailbox.js';
import { removeFolder } from './write/remove-folder.js';
import { nameApart, setApart } from './write/rename-as-new-message.js';
import { replaceText } from './write/replace-damaged-text.js';

/** What a Maildir is opened with. */
type Opening = {
  /** As `MailStore.description` has it. */
  readonly description: string;
  readonly context: StoreContext;
  /** See `custodyOf`. */
  readonly custody: Custody;
  /** What it delivers from and expunges into. */
  readonly kept: SpoolAndTrash;
};

/** An open Maildir. */
type Maildir = {
  readonly description: string;
  readonly parts: MaildirParts;
  readonly finder: MailboxFinder;
  /** Directories whose file systems the next sync is for. */
  readonly changed: Set<string>;
};

/** Opens a Maildir store. Nothing is made or changed. */
export function openMaildirStore(location: MaildirLocation, opening: Opening): MailStore {
  const { description, context } = opening;
  const finder = createMailboxFinder(location, context.now);
  const parts = partsOf(location, opening, finder);
  const changed = new Set<string>([location.root, controlRootOf(location)]);
  const maildir: Maildir = { description, parts, finder, changed };
  const pool = createDigestPool(context.signal);
  const command = context.doveadm ?? [];
  const dovecot = dovecotAccess({ ...{ location, command }, ...finder });
  return {
    description,
    capabilities: capabilitiesOf(location),
    ...listing(maildir),
    ...reading(maildir, pool),
    ...naming(parts),
    ...changing(maildir),
    ...mending(parts),
    ...upkeep(maildir),
    server: () => withIoFailures(`asking the Dovecot of ${description}`, dovecot.server),
    async close() {
      dovecot.close();
      await pool.close();
    },
  };
}

function capabilitiesOf({ root, inbox, control, index }: MaildirLocation): StoreCapabilities {
  return {
    uids: 'chosen',
    refs: 'chosen',
    holdsOthersOff: true,
    rewritesInPlace: true,
    keywordRoom: `A Maildir has room for ${keywordsMax} keywords in each mailbox.`,
    directories: [root, inbox, control, index].filter((path) => path !== null),
  };
}

function partsOf(location: MaildirLocation, { context, custody, kept }: Opening, finder: MailboxFinder): MaildirParts {
  const { hostName, now, signal } = context;
  const party: LockParty = { hostName, now, custody, signal };
  const { mailbox, isDovecots, delimiterFor } = finder;
  return {
    location,
    party,
    held: new Map(),
    ...kept,
    freshBase: baseNameMaker({ hostName, now, pid: process.pid }),
    newMailboxGuid: () => randomBytes(16).toString('hex'),
    ...{ mailbox, isDovecots, delimiterFor },
  };
}

function listing({
  description,
  parts,
  finder,
}: Maildir): Pick<MailStore, 'list' | 'about' | 'fetchers' | 'subscribe'> {
  const { location, party } = parts;
  return {
    list: () =>
      withIoFailures(`listing the mailboxes of ${description}`, () => {
        const tree = finder.readAgain();
        const subscribed = subscribedMailboxes(location, tree.location);
        const mailboxes = [...tree.folders.keys()].map((name) => ({ name, subscribed: subscribed?.has(name) ?? null }));
        return { mailboxes, troubles: tree.troubles };
      }),
    about: async () => [],
    fetchers: () => withIoFailures(`reading ${description}`, () => fetchersBeside(location)),
    subscribe: (name, on) =>
      withIoFailures(`subscribing to ${name}`, () => {
        const folder = finder.folderOf(name);
        if ('problem' in folder) return; // it is not here either
        return subscribeTo(location, { spelling: finder.tree().location, name, folder, on, party });
      }),
  };
}

type Reading = Pick<MailStore, 'scan' | 'digest' | 'stamps' | 'readText' | 'textFile'>;

function reading({ parts }: Maildir, pool: ReturnType<typeof createDigestPool>): Reading {
  return {
    scan: (name, options) =>
      withIoFailures(`reading ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : scanMailbox(parts, mailbox, options);
      }),
    async *digest(name, refs) {
      try {
        yield* digestMessages(parts, nameable(parts, name), { refs, pool });
      } catch (error) {
        throw ioFailure(`reading ${name}`, error);
      }
    },
    stamps: (name, refs) =>
      withIoFailures(`looking at messages in ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? new Map() : stampsOf(parts, mailbox, refs);
      }),
    readText: (name, ref) =>
      withIoFailures(`reading the message ${ref} in ${name}`, async () =>
        canonicalText(await readMessage(parts, nameable(parts, name), ref)),
      ),
    textFile(name, ref) {
      try {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : lastSeenPath(mailbox, ref, parts.party);
      } catch (error) {
        troubleOf(`looking for ${ref} in ${name}`, error);
        return null; // `readText` says what is wrong
      }
    },
  };
}

function naming({ spool, freshBase }: MaildirParts): Pick<MailStore, 'chooseRef' | 'stemOf'> {
  return {
    chooseRef(wish, taken, text) {
      const hint = withoutDash(wish);
      const { guid, ...known } = text;
      const size: TextSize = { ...known, wireBytes: spool.wireBytes(guid) };
      if (isUsableBase(hint, size) && !taken.has(hint)) return hint;
      let ref = freshBase(sizeFields(size));
      while (taken.has(ref)) ref = freshBase(sizeFields(size));
      return ref;
    },
    stemOf: (ref) => baseNameStem(ref),
  };
}

function changing({ parts, finder, changed }: Maildir): Pick<MailStore, 'hold' | 'change' | 'removeMailbox'> {
  return {
    hold: (name) =>
      withIoFailures(`locking ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? () => undefined : holdUidList(parts, mailbox.folder);
      }),
    change: (name, change) =>
      withIoFailures(`changing ${name}`, async (): Promise<ChangeOutcome> => {
        const mailbox = parts.mailbox(name);
        if ('problem' in mailbox) {
          const trouble = { subject: name, failure: unnameable(name, mailbox.problem) };
          return { outcome: 'failed', troubles: [trouble], unstorable: [], stamps: new Map(), given: new Map() };
        }
        changed.add(mailbox.folder.directory);
        return changeMailbox(parts, mailbox, change);
      }),
    removeMailbox: (name) =>
      withIoFailures(`removing ${name}`, () => {
        const mailbox = parts.mailbox(name);
        finder.forget(name);
        return 'problem' in mailbox ? true : removeFolder(parts, mailbox);
      }),
  };
}

/** What is done to the text of a single message. */
function mending(parts: MaildirParts): Pick<MailStore, 'replaceText' | 'nameApart' | 'setApart'> {
  return {
    replaceText: (name, message) =>
      withIoFailures(`replacing the message ${message.ref} in ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? 'gone' : replaceText(parts, mailbox, message);
      }),
    nameApart: (name, ref) =>
      withIoFailures(`reading the message ${ref} in ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : nameApart(parts, mailbox, ref);
      }),
    setApart: (name, message) =>
      withIoFailures(`renaming the message ${message.ref} in ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? false : setApart(parts, mailbox, message);
      }),
  };
}

function upkeep({
  description,
  parts,
  finder,
  changed,
}: Maildir): Pick<MailStore, 'inspect' | 'clearAfterCrash' | 'sync'> {
  return {
    inspect: () =>
      withIoFailures(`inspecting ${description}`, () =>
        inspectStore({ parts, folders: [...finder.folders().values()], controlRoot: controlRootOf(parts.location) }),
      ),
    clearAfterCrash: (named) =>
      withIoFailures(`clearing up ${description} after a run that died`, async () => {
        await clearAfterCrash(parts, new Set([...finder.folders().keys(), ...named]));
        finder.forgetAll();
      }),
    sync: () =>
      withIoFailures(`making ${description} durable`, async () => {
        const byDevice = new Map<number, string>();
        for (const path of changed) if (existsSync(path)) byDevice.set(statSync(path).dev, path);
        await syncFileSystems([...byDevice.values()], parts.written);
        parts.written.clear();
      }),
  };
}

/** The mailbox of a name; throws `cannot-create` where there cannot be one. */
function nameable(parts: MaildirParts, name: MailboxName): Mailbox {
  const mailbox = parts.mailbox(name);
  if ('problem' in mailbox) throw unnameable(name, mailbox.problem);
  return mailbox;
}

function unnameable(name: MailboxName, problem: string): Failure {
  return new Failure('cannot-create', `the mailbox ${name} cannot be kept in this store: ${problem}`, {
    hint: 'Its mail stays in the catalog and with the other hosts; rename it there to have it here too.',
  });
}
