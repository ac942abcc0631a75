import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type Connection, startConnection } from '../../../../src/store/imap/protocol/connection.js';

/** What a server says once it has heard so much, one character per byte; `null` closes the connection. */
export type Script = readonly { readonly hears: string; readonly says: string | null }[];

/** A connection to a server that says what it is told to, whatever that means; it ends with `close`. */
export async function connectToScript(
  script: Script,
  options: { readonly bytesMax?: number; readonly silenceMs?: number } = {},
): Promise<{ readonly connection: Connection; heard(): string; close(): void }> {
  let heard = '';
  const server = createServer((socket) => {
    const left = [...script];
    let fresh = '';
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      heard += piece.toString('latin1');
      fresh += piece.toString('latin1');
      while (left[0] !== undefined && fresh.includes(left[0].hears)) {
        const { hears, says } = left[0];
        fresh = fresh.slice(fresh.indexOf(hears) + hears.length);
        left.shift();
        if (says === null) socket.destroy();
        else socket.write(says, 'latin1');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const { bytesMax = Number.POSITIVE_INFINITY, ...rest } = options;
  const streams = { input: socket, output: socket, name: 'imap://script', literalsAhead: { bytesMax } };
  const connection = startConnection({ ...streams, ...rest });
  return {
    connection,
    heard: () => heard,
    close() {
      connection.close();
      server.close();
    },
  };
}
