import { join } from 'node:path';
import { Failure, invariant } from '../../failure.js';
import { privateCustody } from '../../fs/durable-write.js';
import { errnoOf } from '../../fs/errno.js';
import { readUntrusted } from '../../fs/open-untrusted-file.js';
import { ownDirectory } from '../host-files/own-directory.js';
import { createSpoolDirectory } from '../host-files/spool-directory.js';
import { createTrashDirectory } from '../host-files/trash-directory.js';
import type { OpenedStore } from '../interface/opened-store.js';
import type { SecretSurroundings, StoreContext } from '../interface/store-context.js';
import { type ImapLocation, nameOfImapAccount } from './imap-location.js';
import { openImapStore } from './imap-store.js';
import type { Access, Credentials } from './session/connect.js';
import { readSecret } from './session/read-secret.js';

/** Bytes of a file of certificates, inclusive: a whole system's authorities have less than one million. */
const authoritiesBytesMax = 16 << 20;

/**
 * Opens an IMAP account, with a spool and a trash among what is this host's own. Nobody is connected to before
 * something is asked of it.
 */
export function openImapAccount(location: ImapLocation, context: StoreContext): OpenedStore {
  const { now, signal, stateDirectory } = context;
  invariant(stateDirectory !== undefined, 'an IMAP account was opened without a place for what belongs to it');
  const files = { custody: privateCustody, written: new Set<string>(), signal };
  const spool = createSpoolDirectory(join(stateDirectory, 'spool'), files);
  const places = {
    trash: ownDirectory(join(stateDirectory, 'trash')),
    aside: ownDirectory(join(stateDirectory, 'damaged')),
  };
  const trash = createTrashDirectory({ ...places, spool, ...files });
  const access = accessTo(location, context);
  const store = openImapStore({ access, stateDirectory, now, ...(signal && { signal }), spool, trash });
  return { store, spool, trash };
}

function accessTo(location: ImapLocation, context: StoreContext): Access {
  const { host, port, tls, tunnel, authoritiesFile } = location;
  const name = nameOfImapAccount(location);
  const { leaveTerminal } = context.secrets ?? nobodyToAsk;
  if (tunnel !== null) return { name, way: { kind: 'tunnel', command: tunnel, leaveTerminal } };
  const credentials = credentialsOf(name, location, context);
  const authorities = authoritiesFile && readAuthorities(authoritiesFile);
  return { name, way: { kind: 'network', ...{ host, port, tls, credentials }, ...(authorities && { authorities }) } };
}

function readAuthorities(path: string): string {
  try {
    return readUntrusted(path, { links: 'follow', bytesMax: authoritiesBytesMax }).toString();
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('config', `reading the certificates of authorities in ${path}: ${(cause as Error).message}`, {
      hint: 'Name another file with --ca-file, or none.',
      cause,
    });
  }
}

/** Asks for a password once a run, and for an access token whenever somebody logs in: it soon expires. */
function credentialsOf(
  name: string,
  { user, secret }: ImapLocation,
  { signal, secrets = nobodyToAsk }: StoreContext,
): () => Promise<Credentials> {
  const read = (): Promise<string> => readSecret(secret, { name, surroundings: secrets, signal });
  if (secret?.kind === 'token-command') return async () => ({ user, accessToken: await read() });
  let password: string | null = null;
  return async () => {
    password ??= await read();
    return { user, password };
  };
}

const nobodyToAsk: SecretSurroundings = { env: {}, ask: async () => null, leaveTerminal: () => undefined };
