import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ifPresent } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import { decodeModifiedUtf7 } from '../../../mail/modified-utf7.js';
import type { MailServer, ShownMailbox, WronglyListed } from '../../interface/mail-server.js';
import { keywordsMax, passingKeyword, readKeywords } from '../dovecot/dovecot-keywords-file.js';
import type { Doveadm } from '../dovecot/run-doveadm.js';
import { wake } from '../dovecot/wake-mailbox-watchers.js';
import { locateFolder } from '../files/folder-tree.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';

/** What people call it. */
export const dovecotsName = 'Dovecot';

/** Dovecot counts the age of a log in whole seconds. Milliseconds. */
const logAgeMs = 1100;

/** UIDs in one command, inclusive: far below what a command line takes. */
const uidsPerCommand = 2000;

/** Has a Dovecot kept indexes of this store? Only then has it told any client a modseq. */
export function hasIndexes(location: MaildirLocation): boolean {
  const top = locateFolder(location, inbox);
  const directory = 'problem' in top ? location.root : (top.index ?? top.directory);
  return (
    existsSync(join(directory, 'dovecot.index.log')) ||
    existsSync(join(location.index ?? location.root, 'dovecot.list.index.log'))
  );
}

/** What `MailServer` promises, by `doveadm`. `folders` gives the mailboxes of the store as they are now. */
export function dovecotServer(
  doveadm: Doveadm,
  location: MaildirLocation,
  folders: () => ReadonlyMap<MailboxName, Folder>,
): MailServer {
  /** What Dovecot calls a mailbox; null where it has no name for it. */
  const called = (name: MailboxName): string | null => {
    const folder = folders().get(name);
    return folder === undefined ? null : dovecotName(folder, location);
  };

  async function served(): Promise<Map<MailboxName, ShownMailbox>> {
    const shown = await statusOfAll(doveadm, () => undefined);
    const found = new Map<MailboxName, ShownMailbox>();
    for (const name of folders().keys()) {
      const mailbox = shown.get(called(name) ?? '');
      if (mailbox !== undefined) found.set(name, mailbox);
    }
    return found;
  }

  async function raiseModseqs(mailbox: MailboxName, least: number): Promise<boolean> {
    const name = called(mailbox);
    const folder = folders().get(mailbox);
    if (name === null || folder === undefined) return true;
    let isThere = true;
    const onMissing = (): void => {
      isThere = false;
    };
    await doveadm.run(['mailbox', 'update'], ['--min-highest-modseq', String(least), name], { onMissing });
    if (!isThere) return true;
    return beginLogAnew(folder, async () => {
      const out = await doveadm.run(['mailbox', 'status'], ['all', name], { rotating: true, onMissing });
      return parseStatus(out).get(name)?.messages ?? null;
    });
  }

  async function renewModseqs(mailbox: MailboxName, uids: readonly number[], above: number): Promise<number> {
    const name = called(mailbox);
    const folder = folders().get(mailbox);
    if (name === null || folder === undefined) return 0;
    let renewed = 0;
    for (let from = 0; from < uids.length; from += uidsPerCommand) {
      const some = uids.slice(from, from + uidsPerCommand);
      renewed += await renewSome(doveadm, { name, folder, uids: some, above });
    }
    return renewed;
  }

  async function noticeMailboxes(): Promise<readonly WronglyListed[]> {
    const wrong = await wronglyListed();
    if (wrong.length === 0) return wrong;
    if (wrong.some(({ how }) => how === 'hidden')) await makePassingMailbox(doveadm);
    for (const { mailbox, how } of wrong) {
      if (how === 'ghost') await doveadm.run(['mailbox', 'status'], ['all', mailbox], { onMissing: () => undefined });
    }
    return wronglyListed();
  }

  async function wronglyListed(): Promise<readonly WronglyListed[]> {
    let complaint = '';
    const shown = await statusOfAll(doveadm, (said) => {
      complaint += said;
    });
    const wrong: WronglyListed[] = [];
    for (const name of folders().keys()) {
      const asCalled = called(name);
      if (asCalled !== null && !shown.has(asCalled))
        wrong.push({ mailbox: name, how: 'hidden', remedy: remedies.hidden });
    }
    for (const [, ghost] of complaint.matchAll(/Mailbox doesn't exist: (.*)$/gm)) {
      if (ghost === undefined || shown.has(ghost)) continue;
      const remedy = location.layout === 'fs' ? remedies.ghost(ghost) : remedies.list(location.index ?? location.root);
      wrong.push({ mailbox: ghost, how: 'ghost', remedy });
    }
    return wrong;
  }

  return { name: dovecotsName, served, raiseModseqs, renewModseqs, noticeMailboxes, wronglyListed };
}

async function statusOfAll(
  doveadm: Doveadm,
  onMissing: (complaint: string) => void,
): Promise<Map<string, ShownMailbox>> {
  const fields = 'highestmodseq uidvalidity uidnext messages';
  return parseStatus(await doveadm.run(['mailbox', 'status'], [fields, '*'], { onMissing }));
}

/** Whatever is made through Dovecot has it look at the whole tree. */
async function makePassingMailbox(doveadm: Doveadm): Promise<void> {
  const passing = `mrepl-${process.pid}`;
  const quiet = { onMissing: () => undefined };
  await doveadm.run(['mailbox', 'create'], [passing], quiet);
  await doveadm.run(['mailbox', 'delete'], [passing], quiet);
}

type Renewal = {
  /** What Dovecot calls the mailbox. */
  readonly name: string;
  readonly folder: Folder;
  readonly uids: readonly number[];
  readonly above: number;
};

/** Gives those of these messages whose modseq is `above` or less a new one. Answers how many they are. */
async function renewSome(doveadm: Doveadm, { name, folder, uids, above }: Renewal): Promise<number> {
  const out = await doveadm.run(['fetch'], ['uid modseq flags', 'mailbox', name, 'uid', uids.join(',')], {
    onMissing: () => undefined,
  });
  const behind = parseMessages(out).filter(({ modseq }) => modseq <= above);
  const keyword = keywordToToggle(folder);
  const having = behind.filter(({ flags }) => flags.has(keyword.toLowerCase()));
  const lacking = behind.filter(({ flags }) => !flags.has(keyword.toLowerCase()));
  const toggle = async (
    messages: readonly { readonly uid: number }[],
    steps: readonly ('add' | 'remove')[],
  ): Promise<void> => {
    if (messages.length === 0) return;
    const set = messages.map(({ uid }) => uid).join(',');
    for (const step of steps) await doveadm.run(['flags', step], [keyword, 'mailbox', name, 'uid', set]);
  };
  await toggle(having, keyword === passingKeyword ? ['remove'] : ['remove', 'add']);
  await toggle(lacking, ['add', 'remove']);
  return behind.length;
}

/**
 * Has the index log of the mailbox begun anew by `open`, and removes the one before it, as Dovecot itself does after
 * some days: the expunges in it are then older than everything Dovecot remembers. It begins no log anew that is not a
 * second old, and none of a Maildir without messages, as only looking through these has it find that everything is
 * synchronised (2.3.19, mail_index_sync_next); the answer is false then. `open` gives how many messages there are, null
 * where the mailbox is not there any more.
 */
async function beginLogAnew({ index, directory }: Folder, open: () => Promise<number | null>): Promise<boolean> {
  const log = join(index ?? directory, 'dovecot.index.log');
  const inode = (): bigint | null => ifPresent(() => statSync(log, { bigint: true }).ino);
  const before = inode();
  const openTouched = (): Promise<number | null> => {
    wake(directory); // where nothing happened, nothing is written
    return open();
  };
  let messages = await openTouched();
  if (inode() === before && messages !== 0) {
    await sleep(logAgeMs);
    messages = await openTouched();
  }
  const isAnew = inode() !== before;
  if (isAnew) removeName(`${log}.2`);
  return isAnew || messages !== 0;
}

/**
 * What helps Dovecot (2.3.19, 2.4.1) to see what is there. In a Maildir++ it keeps showing a mailbox that is gone, also
 * one that it removed itself.
 */
const remedies = {
  hidden: 'doveadm mailbox create -u USER mrepl-passing && doveadm mailbox delete -u USER mrepl-passing',
  ghost: (mailbox: string) => `doveadm mailbox status -u USER all '${mailbox.replaceAll("'", "'\\''")}'`,
  list: (directory: string) => `rm '${directory.replaceAll("'", "'\\''")}'/dovecot.list.index*`,
};

/** One of the mailbox's own where its list has no room for one more. */
function keywordToToggle({ control }: Folder): string {
  const list = readKeywords(control);
  if (list.includes(passingKeyword) || list.length < keywordsMax) return passingKeyword;
  return list.find((word) => word !== undefined) ?? passingKeyword;
}

/**
 * How a Dovecot without plugins, with `/` between parts, calls the mailbox in this directory; null where it has no name
 * for it.
 */
function dovecotName({ name, directory }: Folder, { root, layout, utf8 }: MaildirLocation): string | null {
  if (name === inbox) return inbox;
  const below = relative(root, directory);
  const parts = layout === 'fs' ? below.split('/') : below.slice(1).split('.');
  const decoded = parts.map((part) => (utf8 ? part : decodeModifiedUtf7(part)));
  return decoded.every((part) => part !== undefined) ? decoded.join('/') : null;
}

/** Lines of `-f tab mailbox status` with these four columns and maybe others, by mailbox. */
function parseStatus(out: string): Map<string, ShownMailbox> {
  const [head = '', ...lines] = out.split('\n');
  const columns = head.split('\t');
  const places = ['mailbox', 'highestmodseq', 'uidvalidity', 'uidnext', 'messages'].map((name) =>
    columns.indexOf(name),
  );
  const found = new Map<string, ShownMailbox>();
  for (const line of lines) {
    const cells = line.split('\t');
    const [mailbox = '', ...numbers] = places.map((at) => cells[at] ?? '');
    const [highestModseq = 0, uidValidity = 0, uidNext = 0, messages = 0] = numbers.map(Number);
    const isSound = [highestModseq, uidValidity, uidNext].every((number) => Number.isSafeInteger(number) && number > 0);
    if (mailbox !== '' && isSound && messages >= 0)
      found.set(mailbox, { highestModseq, uidValidity, uidNext, messages });
  }
  return found;
}

type ShownMessage = { readonly uid: number; readonly modseq: number; readonly flags: ReadonlySet<string> };

/** Lines of `-f tab fetch 'uid modseq flags'`; flags in lower case. */
function parseMessages(out: string): ShownMessage[] {
  return out
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [uid, modseq, flags = ''] = line.split('\t');
      const message = { uid: Number(uid), modseq: Number(modseq), flags: new Set(flags.toLowerCase().split(' ')) };
      return Number.isSafeInteger(message.uid) && message.uid > 0 ? [message] : [];
    });
}
