import { Failure } from '../../../failure.js';

/** What is shown in the place of a secret. */
const hidden = '[secret]';

/** Codes of Node and OpenSSL for a certificate that nobody should believe, with what is wrong with it. */
const certificateFaults: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it has signed its certificate itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is signed by an authority that is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'its certificate is signed by an authority that is not known here'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate is signed by an authority that is not known here'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate is signed by an authority that is not known here'],
]);

const silent: readonly [what: string, hint: string] = [
  'the server does not answer',
  'Check the port and the network, and whether something is between that lets no mail through.',
];

/** Codes of the system, and of the client library, for a line that is not there, with what is wrong and what to do. */
const networkFaults: ReadonlyMap<string, readonly [what: string, hint: string]> = new Map([
  ['ENOTFOUND', ['no server has that name', 'Check the name of the server.']],
  ['EAI_AGAIN', ['nobody could be asked where that server is', 'Check the network, and the name of the server.']],
  ['ECONNREFUSED', ['nobody answers at that port', 'Check the port: 993 for imaps, 143 for imap.']],
  ['ETIMEDOUT', silent],
  ['ETIMEOUT', silent],
  ['CONNECT_TIMEOUT', silent],
  ['GREETING_TIMEOUT', silent],
  ['UPGRADE_TIMEOUT', silent],
  ['EHOSTUNREACH', ['there is no way to the server', 'Check the network.']],
  ['ENETUNREACH', ['there is no network', 'Run the same command again when there is.']],
]);

/**
 * Why a server could not be reached, or did not let us in. `name`: the server, without secrets. `secrets`: what must
 * not be in the message, whatever the server repeats of what it was sent. `config` where the server does not believe
 * the credentials or nobody should believe the server, `io` for all else.
 */
export function loginFailure(name: string, secrets: readonly string[], error: unknown): Failure {
  const { authenticationFailed, responseText, serverResponseCode, code } = (error ?? {}) as Record<string, unknown>;
  const text = typeof responseText === 'string' ? responseText : error instanceof Error ? error.message : 'no reason';
  const said = withoutSecrets(text, secrets);
  const isTemporary = ['UNAVAILABLE', 'LIMIT', 'INUSE'].includes(String(serverResponseCode));
  if (authenticationFailed === true && /login is disabled/i.test(text)) {
    return new Failure('config', `${name}: the server takes no password over this connection (LOGINDISABLED)`, {
      hint: 'Write the address with imaps:, or ask whoever runs the server whether IMAP is open to this account.',
    });
  }
  if (authenticationFailed === true && !isTemporary) {
    return new Failure('config', `${name}: the server refuses the login: ${said}`, {
      hint: 'Check the name of the user, and the password or the command that prints it.',
    });
  }
  const untrusted = certificateFaults.get(String(code));
  if (untrusted !== undefined) {
    return new Failure('config', `cannot connect to ${name}: ${untrusted}; nothing was sent to it`, {
      hint: 'Ask whoever runs the server. If another name of it is in the certificate, use that one; if an authority of your own has signed it, or you have, name the file with --ca-file.',
    });
  }
  const [what, hint] = networkFaults.get(String(code)) ?? [
    said,
    'Check the network and the name of the server, and run the same command again.',
  ];
  return new Failure('io', `cannot connect to ${name}: ${what}`, { hint });
}

/** As they are, in Base64, and as a quoted string has them (RFC 9051, section 4.3). */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, Buffer.from(secret).toString('base64'), secret.replace(/["\\]/g, '\\$&')]);
  return forms.reduce((rest, form) => rest.replaceAll(form, hidden), text);
}
