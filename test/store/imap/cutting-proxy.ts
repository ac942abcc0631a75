import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Where a connection is cut: before the server gets the command with this word, or after it did and before its answer. */
export type Cut = { readonly word: string; readonly where: 'before' | 'after' };

/** Stands before a server, and cuts one connection, once. */
export async function cuttingProxy(serverPort: number): Promise<{ port: number; cut(next: Cut): void; close(): void }> {
  let next: Cut | null = null;
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    let isCut = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (piece) => {
      const hit = next !== null && piece.includes(` ${next.word} `) ? next : null;
      if (hit !== null) next = null;
      if (hit?.where === 'before') return end();
      isCut ||= hit !== null;
      server.write(piece);
    });
    server.on('data', (piece) => (isCut ? end() : void client.write(piece)));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: (wanted) => {
      next = wanted;
    },
    close: () => void proxy.close(),
  };
}
