import { once } from 'node:events';
import { connect } from 'node:net';
import { linesFrom } from './socket-lines.js';

/** The last line of an answer. */
const answer = /^\d{3} /;

/** Delivers one text as a mail server does (RFC 2033), to the LMTP server at this path. Fails where it takes it from us or not for all. */
export async function deliverByLmtp(
  path: string,
  { recipient, text }: { readonly recipient: string; readonly text: string | Uint8Array },
): Promise<void> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    const lines = linesFrom(socket);
    const expect = async (status: string, what: string): Promise<void> => {
      const last = (await lines.until(answer)).at(-1) ?? '';
      if (!last.startsWith(status)) throw new Error(`LMTP, ${what}: ${last}`);
    };
    await expect('220', 'greeting');
    for (const [command, status] of [
      ['LHLO localhost', '250'],
      ['MAIL FROM:<test@example.org>', '250'],
      [`RCPT TO:<${recipient}>`, '250'],
      ['DATA', '354'],
    ] as const) {
      socket.write(`${command}\r\n`);
      await expect(status, command);
    }
    const body = Buffer.from(text).toString('latin1').replace(/\r?\n/g, '\r\n').replace(/^\./gm, '..');
    socket.write(Buffer.from(`${body}${body.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'));
    await expect('250', 'the text');
    socket.write('QUIT\r\n');
  } finally {
    socket.destroy();
  }
}
