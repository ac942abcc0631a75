import { join } from 'node:path';
import type { Custody } from '../../../fs/durable-write.js';
import { createSpoolDirectory, type SpoolDirectory } from '../../host-files/spool-directory.js';
import { createTrashDirectory, type TrashDirectory } from '../../host-files/trash-directory.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { privateDirectory } from './private-directory.js';

/** The spool and the trash of this host, for a Maildir. */
export type SpoolAndTrash = {
  readonly spool: SpoolDirectory;
  readonly trash: TrashDirectory;
  /** Paths written since the last sync, for where they have to be synced one by one. The store adds its own. */
  readonly written: Set<string>;
};

/**
 * Spool and trash on the file system of a Maildir, where a delivery and an expunge are links and renames: the spool in
 * the `tmp` of its root, where Dovecot clears away what is forgotten. Makes nothing before it is needed.
 */
export function spoolAndTrashOf(
  location: MaildirLocation,
  { custody, signal }: { readonly custody: Custody; readonly signal?: AbortSignal | undefined },
): SpoolAndTrash {
  const written = new Set<string>();
  const directory = privateDirectory(location, { name: 'trash', former: 'mrepl-trash', custody });
  const aside = privateDirectory(location, { name: 'damaged', former: 'mrepl-damaged', custody });
  const spool = createSpoolDirectory(join(location.root, 'tmp'), {
    ...{ custody, written, signal },
    onDrop() {
      for (const place of [directory, aside]) place.moveIn(); // what an earlier version has left beside the spool
    },
  });
  return { spool, trash: createTrashDirectory({ trash: directory, aside, spool, custody, written, signal }), written };
}
