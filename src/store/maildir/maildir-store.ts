import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { advice, Failure, typed } from '../../failure.js';
import { type Custody, privateCustody, syncFileSystems } from '../../fs/durable-write.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import { isUntaken, type Untaken, untakenText } from '../../mail/packed/unreadable-file-reasons.js';
import { bodySumOf } from '../../mail/text/body-checksum.js';
import { canonicalText } from '../../mail/text/canonical-text.js';
import { textIdOfCanonical } from '../../mail/text/digest-without-fetcher-headers.js';
import { ioFailure, troubleOf } from '../host-files/io-failure.js';
import { createSpool } from '../host-files/spool-directory.js';
import type { ServerAccess } from '../interface/mail-server.js';
import type { ChangeOutcome, ListedMailbox, MailStore } from '../interface/mail-store.js';
import type { StoreContext } from '../interface/store-context.js';
import type { LockParty } from './dovecot/dotlock.js';
import { keywordsMax } from './dovecot/dovecot-keywords-file.js';
import { type Doveadm, openDoveadm } from './dovecot/run-doveadm.js';
import { editSubscriptions, readSubscriptions } from './dovecot/subscriptions-file.js';
import { checkLayout, notMaildir } from './files/check-layout.js';
import { mostUsed, usualDelimiter } from './files/flag-delimiter-in-use.js';
import { hasCur } from './files/folder-kind.js';
import { locateFolder, readTree, type Tree, tailsIn } from './files/folder-tree.js';
import { holdUidList } from './files/lock-uidlist.js';
import { hasUidList, lastSeenPath, type Mailbox } from './files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from './files/maildir-context.js';
import { privatePlace } from './files/private-directory.js';
import { createTrashFiles } from './files/trash-files.js';
import { nameOfSpelledParts, partsOfFolder } from './layout/folder-name-mapping.js';
import type { Folder } from './layout/folder-paths.js';
import type { MaildirLocation } from './layout/maildir-location.js';
import {
  baseNameMaker,
  baseNameStem,
  isUsableBase,
  sizeFields,
  type TextSize,
  withoutDash,
} from './layout/message-base-name.js';
import type { Delimiter } from './layout/message-file-name-flags.js';
import { fetchersBeside } from './read/detect-fetch-programs.js';
import { digestMessages, readMessage, stampsOf } from './read/digest-messages.js';
import { createDigestPool } from './read/digest-worker-pool.js';
import { scanMailbox } from './read/scan-mailbox.js';
import { clearAfterCrash } from './recovery/clear-after-crash.js';
import { inspectStore } from './recovery/inspect-store.js';
import { dovecotServer, hasIndexes } from './server/dovecot-mail-server.js';
import { changeMailbox } from './write/change-mailbox.js';
import { removeFolder } from './write/remove-folder.js';
import { nameApart, setApart } from './write/rename-as-new-message.js';
import { dropAside, namesAside, replaceText } from './write/replace-damaged-text.js';

/** Opens a Maildir store. Throws `store-absent` where there is none; nothing is made or changed. */
export function openMaildirStore(location: MaildirLocation, description: string, context: StoreContext): MailStore {
  const custody = custodyOf(location);
  const party: LockParty = { hostName: context.hostName, now: context.now, custody, signal: context.signal };
  const written = new Set<string>();
  const mailboxes = new Map<MailboxName, Mailbox>();
  const directories = new Set<string>([location.root, ...(location.control === null ? [] : [location.control])]);
  const pool = createDigestPool(context.signal);
  const separator = location.layout === 'fs' ? '/' : '.';
  const controlRoot = location.control ?? location.root;
  let tree: Tree | null = null;
  let dovecots: boolean | null = null;
  let delimiter: Delimiter | null = null;

  const trashPlace = privatePlace(location, { name: 'trash', former: 'mrepl-trash', custody });
  let doveadm: Doveadm | null = null;
  let server: Promise<ServerAccess> | null = null;

  const parts: MaildirParts = {
    location,
    party,
    held: new Map(),
    written,
    spool: createSpool(join(location.root, 'tmp'), custody, written),
    trash: createTrashFiles(trashPlace, { custody, written }),
    aside: privatePlace(location, { name: 'damaged', former: 'mrepl-damaged', custody }),
    freshBase: baseNameMaker({ hostName: context.hostName, now: context.now, pid: process.pid }),
    newMailboxGuid: () => randomBytes(16).toString('hex'),
    isDovecots() {
      dovecots ??=
        location.control !== null ||
        existsSync(join(controlRoot, 'dovecot-uidvalidity')) ||
        [...folders().values()].some(hasUidList);
      return dovecots;
    },
    delimiterFor(mailbox) {
      if (!mailbox.anyDelimiter) return ':';
      const here = mailbox.listing === null ? null : mostUsed(mailbox.listing);
      if (here !== null) return here;
      const mailboxes = [...folders().values()].map((folder) => ({ folder, anyDelimiter: true }));
      delimiter ??= usualDelimiter(mailboxes, party.now);
      return delimiter;
    },
    mailbox(name) {
      const known = mailboxes.get(name);
      if (known !== undefined) return known;
      const folder = folderOf(name);
      if ('problem' in folder) return folder;
      const mailbox: Mailbox = { folder, anyDelimiter: !parts.isDovecots(), listing: null };
      mailboxes.set(name, mailbox);
      return mailbox;
    },
  };

  function theTree(): Tree {
    tree ??= readTree(location);
    return tree;
  }

  function folders(): ReadonlyMap<MailboxName, Folder> {
    return theTree().folders;
  }

  /**
   * A directory may be spelled otherwise than this program would spell it. What would be written into that of another
   * mailbox, by a link or because case does not count there, has one with a name of its own.
   */
  function folderOf(name: MailboxName): Folder | { readonly problem: string } {
    const usual = locateFolder(theTree().location, name);
    if ('problem' in usual || name === inbox) return usual;
    if (!hasCur(usual.directory)) return folders().get(name) ?? usual;
    if (isListed(name, usual)) return folders().get(name) ?? usual;
    return locateFolder(theTree().location, name, { isTaken: true });
  }

  /** Is there a directory of just this name? It is looked for once more, as it may have been made since. */
  function isListed(name: MailboxName, { directory }: Folder): boolean {
    const isIn = ({ folders, unnamed }: Tree): boolean => folders.has(name) || unnamed.has(directory);
    if (isIn(theTree())) return true;
    tree = null;
    return isIn(theTree());
  }

  function nameable(name: MailboxName): Mailbox {
    const mailbox = parts.mailbox(name);
    if ('problem' in mailbox) throw unnameable(name, mailbox.problem);
    return mailbox;
  }

  async function guarded<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw ioFailure(doing, error);
    }
  }

  async function openServer(): Promise<ServerAccess> {
    const command = context.doveadm ?? [];
    if (!parts.isDovecots() || !hasIndexes(location)) return { server: null, problem: null };
    const opened = await openDoveadm({ location, command });
    if ('problem' in opened) return { server: null, problem: opened.problem };
    doveadm = opened;
    return { server: dovecotServer(opened, location, folders) };
  }

  return {
    description,
    capabilities: {
      uids: 'chosen',
      refs: 'chosen',
      holdsOthersOff: true,
      rewritesInPlace: true,
      keywordRoom: `A Maildir has room for ${keywordsMax} keywords in each mailbox.`,
      directories: [location.root, location.inbox, location.control, location.index].filter((path) => path !== null),
    },

    trash: {
      guids: () => guarded(`reading ${parts.trash.directory}`, () => parts.trash.guids()),
      beginning: (guid, bytesMax) =>
        guarded(`reading ${parts.trash.directory}`, () => parts.trash.beginning(guid, bytesMax)),
      spool: (guid) =>
        guarded(`bringing back ${parts.trash.path(guid)}`, async () => {
          const text = await parts.spool.link(guid, parts.trash.path(guid));
          if (text === null || isUntaken(text)) throw unrestorable(parts.trash.path(guid), text);
          return { ...textIdOfCanonical(text), sizeBytes: text.length, body: bodySumOf(text) };
        }),
      drop: (keep) => guarded(`clearing ${parts.trash.directory}`, () => parts.trash.drop(keep)),
      setAside: () => guarded(`reading ${parts.aside.directory}`, () => namesAside(parts)),
      dropSetAside: (names) => guarded(`clearing ${parts.aside.directory}`, () => dropAside(parts, names)),
    },

    list: () =>
      guarded(`listing the mailboxes of ${description}`, () => {
        const found = readTree(location);
        checkLayout(location, found.folders);
        tree = found;
        mailboxes.clear();
        delimiter = null;
        dovecots ||= null; // it may have come since
        const subscriptions = readSubscriptions(controlRoot, separator);
        const subscribed =
          subscriptions === null
            ? null
            : new Set(subscriptions.names.map((names) => nameOfSpelledParts(names, found.location, tailsIn(location))));
        const listed: ListedMailbox[] = [];
        for (const name of found.folders.keys()) listed.push({ name, subscribed: subscribed?.has(name) ?? null });
        return { mailboxes: listed, troubles: found.troubles };
      }),

    fetchers: () => guarded(`reading ${description}`, () => fetchersBeside(location)),

    scan: (name, options) =>
      guarded(`reading ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : scanMailbox(parts, mailbox, options);
      }),

    async *digest(name, refs) {
      try {
        yield* digestMessages(parts, nameable(name), { refs, pool });
      } catch (error) {
        throw ioFailure(`reading ${name}`, error);
      }
    },

    stamps: (name, refs) =>
      guarded(`looking at messages in ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? new Map() : stampsOf(parts, mailbox, refs);
      }),

    readText: (name, ref) =>
      guarded(`reading the message ${ref} in ${name}`, async () =>
        canonicalText(await readMessage(parts, nameable(name), ref)),
      ),

    textFile(name, ref) {
      try {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : lastSeenPath(mailbox, ref, party);
      } catch (error) {
        troubleOf(`looking for ${ref} in ${name}`, error);
        return null; // `readText` says what is wrong
      }
    },

    spool: (guid, text) => guarded(`keeping a text in ${parts.spool.directory}`, () => parts.spool.put(guid, text)),

    spooled: () => guarded(`reading ${parts.spool.directory}`, () => parts.spool.texts()),

    dropSpool: (keep) =>
      guarded(`clearing ${parts.spool.directory}`, () => {
        for (const place of [trashPlace, parts.aside]) place.moveIn(); // what an earlier version has left beside the spool
        parts.spool.drop(keep);
      }),

    chooseRef(wish, taken, text) {
      const hint = withoutDash(wish);
      const { guid, ...known } = text;
      const size: TextSize = { ...known, wireBytes: parts.spool.wireBytes(guid) };
      if (isUsableBase(hint, size) && !taken.has(hint)) return hint;
      let ref = parts.freshBase(sizeFields(size));
      while (taken.has(ref)) ref = parts.freshBase(sizeFields(size));
      return ref;
    },

    stemOf: (ref) => baseNameStem(ref),

    hold: (name) =>
      guarded(`locking ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? () => undefined : holdUidList(parts, mailbox.folder);
      }),

    change: (name, change) =>
      guarded(`changing ${name}`, async (): Promise<ChangeOutcome> => {
        const mailbox = parts.mailbox(name);
        if ('problem' in mailbox) {
          const trouble = { subject: name, failure: unnameable(name, mailbox.problem) };
          return { outcome: 'failed', troubles: [trouble], unstorable: [], files: new Map(), given: new Map() };
        }
        directories.add(mailbox.folder.directory);
        return changeMailbox(parts, mailbox, change);
      }),

    replaceText: (name, message) =>
      guarded(`replacing the message ${message.ref} in ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? 'gone' : replaceText(parts, mailbox, message);
      }),

    nameApart: (name, ref) =>
      guarded(`reading the message ${ref} in ${name}`, () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? null : nameApart(parts, mailbox, ref);
      }),

    setApart: (name, message) =>
      guarded(`renaming the message ${message.ref} in ${name}`, async () => {
        const mailbox = parts.mailbox(name);
        return 'problem' in mailbox ? false : setApart(parts, mailbox, message);
      }),

    removeMailbox: (name) =>
      guarded(`removing ${name}`, () => {
        const mailbox = parts.mailbox(name);
        mailboxes.delete(name);
        tree = null;
        return 'problem' in mailbox ? true : removeFolder(parts, mailbox);
      }),

    subscribe: (name, on) =>
      guarded(`subscribing to ${name}`, () => {
        const folder = folderOf(name);
        if ('problem' in folder) return; // it is not here either
        const spelling = theTree().location;
        const spelled = name === inbox ? [inbox] : partsOfFolder(relative(location.root, folder.directory), spelling);
        return editSubscriptions(controlRoot, separator, {
          party,
          edit(now) {
            const isAnother = (names: readonly string[]): boolean =>
              nameOfSpelledParts(names, spelling, tailsIn(location)) !== name;
            const others = now.names.filter(isAnother);
            if (on === others.length < now.names.length) return null;
            return { ...now, names: on ? [...others, spelled] : others };
          },
        });
      }),

    inspect: () =>
      guarded(`inspecting ${description}`, () =>
        inspectStore({ parts, folders: [...folders().values()], controlRoot }),
      ),

    clearAfterCrash: (named) =>
      guarded(`clearing up ${description} after a run that died`, async () => {
        await clearAfterCrash(parts, new Set([...folders().keys(), ...named]));
        mailboxes.clear();
        tree = null;
      }),

    sync: () =>
      guarded(`making ${description} durable`, async () => {
        const byDevice = new Map<number, string>();
        for (const path of directories) if (existsSync(path)) byDevice.set(statSync(path).dev, path);
        await syncFileSystems([...byDevice.values()], written);
        written.clear();
      }),

    server() {
      server ??= guarded(`asking the Dovecot of ${description}`, openServer);
      return server;
    },

    async close() {
      doveadm?.close();
      await pool.close();
    },
  };
}

/** New files are open to the store's group as the store itself is. */
function custodyOf(location: MaildirLocation): Custody {
  let found: ReturnType<typeof statSync>;
  try {
    found = statSync(location.root);
  } catch (error) {
    throw new Failure('store-absent', `opening the mail store: there is no directory ${location.root}`, {
      hint: advice`Is its disk mounted? For a new store make the directories cur, new and tmp in it. If it was moved: ${typed('mrepl', 'relocate', 'STORE')}`,
      cause: error,
    });
  }
  if (!found.isDirectory()) throw notMaildir(location, 'it is not a directory');
  const mode = found.mode & 0o2777; // with the bit that makes directories inherit their group
  return {
    fileMode: privateCustody.fileMode | (mode & 0o060),
    dirMode: privateCustody.dirMode | mode,
  };
}

function unrestorable(path: string, untaken: Untaken | null): Failure {
  const what = untaken === null ? 'damaged, or not there any more' : `${untakenText(untaken)}, and cannot be read`;
  return new Failure('store-damaged', `bringing back ${path}: it is ${what}`, {
    hint: 'Its text cannot be restored from here; another host may still have it in its own trash.',
  });
}

function unnameable(name: MailboxName, problem: string): Failure {
  return new Failure('cannot-create', `the mailbox ${name} cannot be kept in this store: ${problem}`, {
    hint: 'Its mail stays in the catalog and with the other hosts; rename it there to have it here too.',
  });
}
