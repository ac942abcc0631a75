import { readFileSync, renameSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { wireSize } from '../../mail/canonical-text.js';
import { unpacked } from '../../mail/unpack.js';
import { isUntaken } from '../../mail/untaken.js';
import { sizeFields } from './base-name.js';
import { type Mailbox, withMessageFile } from './mailbox.js';
import type { MaildirParts } from './parts.js';
import { whileFilesRest } from './uidlist-lock.js';

/**
 * What `MailStore.setApart` promises, for a Maildir: the file gets another base name, with sizes that are true again. To a mail server that is
 * one message expunged and one that arrived.
 */
export async function setApart(
  parts: MaildirParts,
  mailbox: Mailbox,
  { ref, receivedS }: { readonly ref: string; readonly receivedS: number },
): Promise<boolean> {
  const { party } = parts;
  const base = parts.freshBase(await sizesOf(parts, mailbox, ref));
  const renamed = await whileFilesRest(parts, mailbox.folder, () =>
    withMessageFile(mailbox, ref, {
      party,
      use(path) {
        const fresh = join(dirname(path), base + basename(path).slice(ref.length));
        renameSync(path, fresh);
        utimesSync(fresh, receivedS, receivedS);
        return true;
      },
    }),
  );
  mailbox.listing = null;
  return renamed !== null;
}

/** For its name: of the plain text where it is packed, and none where that cannot be read. */
async function sizesOf({ party }: MaildirParts, mailbox: Mailbox, ref: string): Promise<string> {
  const bytes = withMessageFile(mailbox, ref, { party, use: (path) => readFileSync(path) });
  const text = bytes && (await unpacked(bytes));
  if (text === null || isUntaken(text)) return '';
  return sizeFields({ sizeBytes: text.length, wireBytes: wireSize(text) });
}
