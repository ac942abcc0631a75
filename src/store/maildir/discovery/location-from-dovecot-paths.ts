import { join } from 'node:path';
import { encodeModifiedUtf7 } from '../../../mail/modified-utf7.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { type DovecotAnswer, probeName } from './ask-dovecot-for-paths.js';

/** How the directory of the probed mailbox ends, by layout and by how names are written. */
const shapes = (['maildir++', 'fs'] as const).flatMap((layout) =>
  [false, true].map((utf8) => {
    const top = utf8 ? probeName.top : encodeModifiedUtf7(probeName.top);
    return { layout, utf8, end: layout === 'fs' ? `/${top}/${probeName.below}` : `/.${top}.${probeName.below}` };
  }),
);

/**
 * The store that Dovecot's answers describe: the root is what stands before the probed mailbox's own directory. Null
 * where they are of no shape that a Maildir has.
 */
export function locationFromPaths({ inbox, probe }: Pick<DovecotAnswer, 'inbox' | 'probe'>): MaildirLocation | null {
  const mailbox = probe?.mailbox ?? '';
  const shape = shapes.find(({ end }) => mailbox.endsWith(end));
  if (shape === undefined || probe === null || inbox.mailbox === null) return null;
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
