import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Advice, advice, typed } from '../failure.js';
import { askDovecotForPaths, type DovecotQuestion } from './maildir/discovery/ask-dovecot-for-paths.js';
import { locationFromPaths } from './maildir/discovery/location-from-dovecot-paths.js';
import { findUsualLocation, usualNames } from './maildir/discovery/usual-mail-directories.js';
import { couldBeginEmpty } from './maildir/files/begin-empty-maildir.js';
import { formatMaildirLocation, type MaildirLocation } from './maildir/layout/maildir-location.js';

/** A store that was found, for the user to say yes to. */
export type FoundStore = {
  /** As `openNewStore` takes it. */
  readonly spec: string;
  /** Sentences without a full stop: how it was found, and what is worth knowing. */
  readonly why: readonly string[];
};

/** Whose mail it is, and how a mail server of this machine is asked for it. */
export type StoreQuestion = DovecotQuestion;

/** What was looked for in vain; `why` as in `FoundStore`. `remedy` is what to do about it, where that is known. */
type NoStore = { readonly spec: null; readonly why: readonly string[]; readonly remedy: Advice | null };

/**
 * Finds the user's mail: where Dovecot has it, else in one of the directories that are usual for it, else where Dovecot
 * would have it, which may not be there yet. Changes nothing, and fails for nothing that it meets.
 */
export async function findStore(question: DovecotQuestion): Promise<FoundStore | NoStore> {
  const answer = await askDovecotForPaths(question);
  const user = question.userName || 'this user';
  const why: string[] = [];
  let intended: string | null = null;
  if (answer !== null && answer.driver !== null && answer.driver !== 'maildir') {
    why.push(`Dovecot has the mail of ${user} in the form "${answer.driver}", which is not read here`);
  } else if (answer !== null) {
    const location = locationFromPaths(answer);
    const lost = location === null ? null : inboxThatIsNone(location, user);
    if (lost !== null) return lost;
    if (location !== null && [location.root, location.inbox].some((path) => path !== null && existsSync(path))) {
      const escaped = answer.plugins.includes('listescape') ? { listescape: true } : {};
      const spec = formatMaildirLocation({ ...location, ...escaped });
      return {
        spec,
        why: [`Dovecot has the mail of ${user} there (doveadm mailbox path)`, ...pluginNotes(answer.plugins)],
      };
    }
    if (location !== null && couldBeginEmpty(location)) intended = formatMaildirLocation(location);
    if (location !== null) why.push(`Dovecot would have the mail of ${user} in ${location.root}, which is not there`);
    else why.push(`Dovecot has the inbox of ${user} in ${answer.inbox.mailbox}, in a layout that is not known here`);
  }
  const usual = findUsualLocation(question.home);
  if (usual === null && intended !== null) {
    return { spec: intended, why: [`Dovecot would have the mail of ${user} there`] };
  }
  if (usual !== null) {
    const layout = usual.layout === 'fs' ? 'directories within directories' : 'Maildir++';
    return { spec: formatMaildirLocation(usual), why: [...why, `mail lies in ${usual.root}, laid out as ${layout}`] };
  }
  const places = usualNames.map((name) => join(question.home, name)).join(', ');
  return { spec: null, why: [...why, `no mail lies in ${places}`], remedy: null };
}

/**
 * Mail lies there, and Dovecot has the inbox in a place of its own that is none, as with Debian's mail_inbox_path of
 * Dovecot 2.4: what lies in the root is then no inbox for anybody who looks by Dovecot. Null where it is sound.
 */
function inboxThatIsNone({ root, inbox }: MaildirLocation, user: string): NoStore | null {
  const isMail = inbox !== null && existsSync(join(inbox, 'cur'));
  if (inbox === null || isMail || !existsSync(root)) return null;
  const what = existsSync(inbox) ? 'which is no Maildir, and which Dovecot cannot open as one' : 'which is not there';
  return {
    spec: null,
    why: [`Dovecot has the mail of ${user} in ${root}, and the inbox in ${inbox}, ${what}`],
    remedy: advice`Set mail_inbox_path in Dovecot's configuration to where the inbox is, such as ~/Maildir (Debian 13 has it in /var/mail), or name the store yourself. Where Dovecot may make it there, have it do so, and run this again: ${typed('doveadm', 'mailbox', 'status', '-u', user, 'messages', 'INBOX')}`,
  };
}

function pluginNotes(plugins: readonly string[]): string[] {
  if (!plugins.includes('mail_crypt')) return [];
  return ['its plugin mail_crypt encrypts mail: what is encrypted is counted, and not carried'];
}
