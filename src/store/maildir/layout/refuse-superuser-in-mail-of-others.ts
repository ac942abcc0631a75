import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import { mailboxParts } from './escape-folder-name.js';
import type { MaildirLocation } from './maildir-location.js';

/** Asking who a user is may go over the network. Milliseconds. */
const lookUpTimeoutMs = 5000;

/**
 * Stops root from working in the mail of another user: whoever owns the store could lead root, by links and exchanged
 * directories, to read and write anything. Nothing has been opened by then. `accountDirectory`: where root has the
 * catalog; null where there is none yet. Throws `config`.
 */
export function refuseAsRoot(location: MaildirLocation, accountDirectory: string | null): void {
  if (process.geteuid?.() !== 0) return;
  const { root, control, index } = location;
  const inbox = location.inbox ?? root;
  const places = [root, inbox, ...mailboxParts.map((part) => join(inbox, part)), control, index];
  for (const place of places) {
    const uid = place === null ? null : ifPresent(() => statSync(place).uid);
    if (uid !== null && uid !== 0) throw refused(place ?? root, uid, accountDirectory);
  }
}

function refused(place: string, uid: number, accountDirectory: string | null): Failure {
  const user = userOf(uid);
  const name = user?.name ?? String(uid);
  const command = user === null ? `setpriv --reuid=${uid} --clear-groups --` : `runuser -u ${name} --`;
  const isThere = accountDirectory !== null && ifPresent(() => statSync(accountDirectory)) !== null;
  const data = join(user?.home ?? '~', '.local', 'share', 'mrepl');
  const moved = `${command} mkdir -p -m 700 ${data} && mv ${accountDirectory} ${data}/ && chown -R ${name}: ${join(data, basename(accountDirectory ?? ''))}`;
  return new Failure(
    'config',
    `using ${place}: it belongs to ${name}, and root does not work in the mail of another user; nothing was opened`,
    {
      hint: `Run it as that user: ${command} mrepl ... (in a systemd unit: User=${name}).${
        isThere ? ` The catalog and keys that root has of it go with it: ${moved}` : ''
      }`,
    },
  );
}

/** Null where nobody knows the user, or who knows is not to be asked. */
function userOf(uid: number): { readonly name: string; readonly home: string } | null {
  let entry: string;
  try {
    const options = { encoding: 'utf8', timeout: lookUpTimeoutMs, maxBuffer: 64 << 10 } as const;
    entry = execFileSync('getent', ['passwd', String(uid)], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
  const [name = '', , , , , home = ''] = entry.trim().split(':');
  return name === '' ? null : { name, home };
}
