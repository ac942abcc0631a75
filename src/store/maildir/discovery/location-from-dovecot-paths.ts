import { join } from 'node:path';
import type { MaildirLocation } from '../layout/maildir-location.js';
import type { DovecotAnswer } from './ask-dovecot-for-paths.js';
import { shapeOfProbe } from './probe-mailbox.js';

/**
 * The store that Dovecot's answers describe: the root is what stands before the probed mailbox's own directory. Null
 * where they are of no shape that a Maildir has.
 */
export function locationFromPaths({ inbox, probe }: Pick<DovecotAnswer, 'inbox' | 'probe'>): MaildirLocation | null {
  const mailbox = probe?.mailbox ?? '';
  const shape = shapeOfProbe(mailbox);
  if (shape === null || probe === null || inbox.mailbox === null) return null;
  const { layout, utf8, end } = shape;
  const rootOf = (path: string | null): string | null =>
    path?.endsWith(end) === true ? path.slice(0, -end.length) || '/' : null;
  const root = rootOf(mailbox) ?? '/';
  const elsewhere = (path: string | null): string | null => (rootOf(path) === root ? null : rootOf(path));
  return {
    ...{ root, layout, utf8 },
    control: elsewhere(probe.control),
    index: elsewhere(probe.index),
    inbox: join(inbox.mailbox) === root ? null : inbox.mailbox,
  };
}
