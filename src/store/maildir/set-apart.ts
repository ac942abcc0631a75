import { readFileSync, renameSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { wireSize } from '../../mail/canonical-text.js';
import { sizeFields } from './base-name.js';
import { type Mailbox, withMessageFile } from './mailbox.js';
import type { MaildirParts } from './parts.js';
import { baseOf } from './uidlist.js';
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
  const renamed = await whileFilesRest(parts, mailbox.folder, () =>
    withMessageFile(mailbox, ref, {
      party,
      use(path) {
        const bytes = readFileSync(path);
        const base = parts.freshBase(sizeFields({ sizeBytes: bytes.length, wireBytes: wireSize(bytes) }));
        const fresh = join(dirname(path), base + basename(path).slice(baseOf(basename(path)).length));
        renameSync(path, fresh);
        utimesSync(fresh, receivedS, receivedS);
        return true;
      },
    }),
  );
  mailbox.listing = null;
  return renamed !== null;
}
