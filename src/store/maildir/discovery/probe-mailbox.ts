import { encodeModifiedUtf7 } from '../../../mail/modified-utf7.js';

/**
 * A mailbox to ask for, whether or not there is one: a letter beyond ASCII and two levels show how names become
 * directories.
 */
const probeName = { top: 'Ärger', below: 'Sub' } as const;

/** With separators and prefixes of namespaces that are in use. */
export const probeSpellings: readonly string[] = ['', 'INBOX', 'Mail', 'mail'].flatMap((prefix) =>
  ['/', '.'].map((separator) => [...(prefix === '' ? [] : [prefix]), probeName.top, probeName.below].join(separator)),
);

/** How the directory of the probed mailbox ends, by layout and by how names are written. */
const shapes = (['maildir++', 'fs'] as const).flatMap((layout) =>
  [false, true].map((utf8) => {
    const top = utf8 ? probeName.top : encodeModifiedUtf7(probeName.top);
    return { layout, utf8, end: layout === 'fs' ? `/${top}/${probeName.below}` : `/.${top}.${probeName.below}` };
  }),
);

/** The layout that the directory of the probed mailbox shows; null where it is of no shape that a Maildir has. */
export function shapeOfProbe(directory: string): (typeof shapes)[number] | null {
  return shapes.find(({ end }) => directory.endsWith(end)) ?? null;
}
