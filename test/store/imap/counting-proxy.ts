import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * Stands before a server, counts turns, and takes words from what the server says that it can, so that one server is
 * many. A turn: the client says something after the server did.
 */
export type CountingProxy = {
  readonly port: number;
  /** Turns since the last call, or the start. */
  turns(): number;
  /** What clients said since the last call, one character per byte. */
  heard(): string;
  close(): void;
};

/** `without`: capabilities that the server does not say that it has. */
export async function countingProxy(serverPort: number, without: readonly string[] = []): Promise<CountingProxy> {
  let turns = 0;
  let heard = '';
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let isServersTurn = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (piece) => {
      if (!isServersTurn) turns++;
      isServersTurn = true;
      heard += piece.toString('latin1');
      server.write(piece);
    });
    server.on('data', (piece) => {
      isServersTurn = false;
      client.write(masked(piece, without));
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    turns() {
      const counted = turns;
      turns = 0;
      return counted;
    },
    heard() {
      const all = heard;
      heard = '';
      return all;
    },
    close: () => void proxy.close(),
  };
}

function masked(piece: Buffer, without: readonly string[]): Buffer {
  if (without.length === 0 || !piece.includes('CAPABILITY ')) return piece;
  const text = piece.toString('latin1').replace(/\* CAPABILITY [^\r]*|\[CAPABILITY [^\]]*\]/g, (said) => {
    const end = said.endsWith(']') ? ']' : '';
    const words = said.slice(0, said.length - end.length).split(' ');
    return words.filter((word) => !without.includes(word)).join(' ') + end;
  });
  return Buffer.from(text, 'latin1');
}
