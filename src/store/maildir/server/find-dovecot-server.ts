import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { ServerAccess } from '../../interface/mail-server.js';
import { type Doveadm, openDoveadm } from '../dovecot/run-doveadm.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { dovecotServer, dovecotsName, hasIndexes } from './dovecot-mail-server.js';

/** The Dovecot of a Maildir, looked for when it is first asked for. */
type DovecotAccess = { server(): Promise<ServerAccess>; close(): void };

/** What a Dovecot would be found by. */
type Serving = {
  readonly location: MaildirLocation;
  /** How its `doveadm` is run; empty: not at all. */
  readonly command: readonly string[];
  readonly isDovecots: () => boolean;
  readonly folders: () => ReadonlyMap<MailboxName, Folder>;
};

const remedy =
  'Run mrepl as the owner of the mail where doveadm is, or name it in the configuration ("doveadm", see man mrepl).';

/** Finds the Dovecot that shows a Maildir to its clients, once. Throws what `openDoveadm` throws. */
export function dovecotAccess({ location, command, isDovecots, folders }: Serving): DovecotAccess {
  let doveadm: Doveadm | null = null;
  let server: Promise<ServerAccess> | null = null;
  const open = async (): Promise<ServerAccess> => {
    if (!isDovecots() || !hasIndexes(location)) return { server: null, problem: null };
    const opened = await openDoveadm({ location, command });
    if ('problem' in opened) return { server: null, problem: { name: dovecotsName, why: opened.problem, remedy } };
    doveadm = opened;
    return { server: dovecotServer(opened, location, folders) };
  };
  return {
    server() {
      server ??= open();
      return server;
    },
    close: () => doveadm?.close(),
  };
}
